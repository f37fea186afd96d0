"""What a score depends on beside pictures: every file of the user's that its scorer reads."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from scoring_world import CPU

from causal_iqa.core.columns import MANIFEST
from causal_iqa.core.scorer_config import ZeroShot
from causal_iqa.pictures.classes import imagenet_classes
from causal_iqa.scorers.freshness import provenance


@pytest.mark.parametrize("changed", ["templates", "names"])
def test_files_of_one_name_in_two_folders_both_count(tmp_path: Path, changed: str) -> None:
    for folder in ("templates", "names"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.txt").write_text("a {}\n")
    spec = ZeroShot(
        kind="zero_shot",
        model="assembled:lite0-minilm",
        templates=tmp_path / "templates" / "mine.txt",
        class_names=tmp_path / "names" / "mine.txt",
    )
    pictures = pl.DataFrame({"image_id": ["a"], "label": [0]}, schema=MANIFEST)
    before = provenance(spec, pictures, imagenet_classes(), None, CPU)
    assert provenance(spec, pictures, imagenet_classes(), None, CPU) == before
    (tmp_path / changed / "mine.txt").write_text("b {}\n")
    assert provenance(spec, pictures, imagenet_classes(), None, CPU) != before
