"""How a trial is run: one fault in an otherwise good world, one command as a rule calls it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest
from samples import make_photograph

from causal_iqa.__main__ import main
from causal_iqa.core.contract import Results

Fault = Callable[[Path], object]


class World(NamedTuple):
    """Four labelled photographs in folders of their classes, and where results go."""

    root: Path
    capture: pytest.CaptureFixture[str]

    @property
    def pictures(self) -> Path:
        return self.root / "pictures"

    @property
    def results(self) -> Results:
        return Results(self.root / "results")

    def run(self, command: str, **options: object) -> tuple[int, str]:
        """A command of ``python -m causal_iqa``: exit status, and what it prints."""
        given = {"results": self.results.root, **options}
        status = main([command, json.dumps(given, default=str)])
        printed = self.capture.readouterr()
        return status, printed.out + printed.err

    def list(self, **pictures: object) -> tuple[int, str]:
        """Write the manifest and what was passed over."""
        given = {"source": "imagefolder", "path": str(self.pictures), **pictures}
        status, printed = self.run("manifest", pictures=given)
        if status:
            return status, printed
        return self.run("skipped", pictures=given)

    def make_clean(self) -> tuple[int, str]:
        """Make the clean condition of what was listed."""
        return self.make("clean/0")

    def make(self, *conditions: str) -> tuple[int, str]:
        """Make conditions of one corruption of what was listed."""
        return self.run("corrupt", conditions=conditions, seed=0, packages=self.root, workers=1)

    def listed(self) -> list[str]:
        return pl.read_parquet(self.results.manifest)["image_id"].to_list()

    def refuses(self, outcome: tuple[int, str], words: str) -> None:
        """One message, with these words, ends it; no library's own and nothing half written."""
        status, printed = outcome
        assert status == 1, printed
        message = printed[printed.rindex("error: ") :]
        assert words in message and len(message.splitlines()) == 1, printed
        assert "Traceback" not in printed
        assert not list(self.root.glob("results/**/.*")), "a temporary file is left"


def good_world(root: Path, capture: pytest.CaptureFixture[str]) -> World:
    for number, wnid in enumerate(("n01440764", "n02814533")):
        for k in range(2):
            make_photograph(root / "pictures" / wnid / f"p{number}{k}.png", 10 * number + k)
    return World(root, capture)
