"""What the scorers of an experiment need before they can run, file by file."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from causal_iqa.core.archives import stamp
from causal_iqa.core.config import Config
from causal_iqa.core.packaged import fetched
from causal_iqa.scorers.entries import Entry
from causal_iqa.scorers.freshness import read_record
from causal_iqa.scorers.published_entries import OPEN_CLIP_LOADER
from causal_iqa.scorers.registry import entry_of, modules_of


class Needs(NamedTuple):
    """Needs of the scorers by name. root: the experiment's results, which paths are below."""

    config: Config
    root: Path

    def _entry(self, scorer: str) -> Entry:
        return entry_of(self.config.scorers[scorer])

    def modules(self, scorer: str) -> tuple[str, ...]:
        """The modules that compute its scores."""
        return modules_of(self.config.scorers[scorer])

    def packaged(self, scorer: str) -> list[str]:
        """Names of files that are fetched out of packages."""
        return fetched(self._entry(scorer).files)

    def own(self, scorer: str) -> tuple[Path, ...]:
        """The user's own files."""
        return self._entry(scorer).user_files

    def record(self, scorer: str) -> list[str]:
        """The record of published weights; none where it reads none."""
        return [f"weights/{scorer}.json"] if self._entry(scorer).fetched else []

    def texts(self, scorer: str) -> list[str]:
        """The classes' embeddings, of a dual encoder of open_clip."""
        embeds = self._entry(scorer).loader == OPEN_CLIP_LOADER
        return [f"texts/{scorer}.safetensors"] if embeds else []

    def published(self, scorer: str) -> list[Path]:
        """The files of published weights that its record names, where they are there."""
        record = self.root / "weights" / f"{scorer}.json"
        names = read_record(record) if record.is_file() else []
        paths = [self.config.weights.folder / name for name in names]
        return [path for path in paths if path.is_file()]

    def recorded(self, scorer: str) -> list[str]:
        """Size and time of each of them: a file that is replaced is to be recorded anew."""
        return [f"{path} {stamp(path)}" for path in self.published(scorer)]

    def size(self, scorer: str) -> int:
        """Bytes of weights on disk, packages' apart."""
        files = [*self.published(scorer), *self.own(scorer)]
        return sum(file.stat().st_size for file in files)
