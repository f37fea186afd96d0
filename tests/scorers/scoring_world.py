"""What a scoring job reads and where it writes, and one run of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import polars as pl

from causal_iqa.core import columns, contract
from causal_iqa.core.config import Scoring
from causal_iqa.core.scorer_config import Scorer
from causal_iqa.scorers import engine


class World(NamedTuple):
    """What a scoring job reads and where it writes."""

    tar: Path
    out: Path
    manifest: Path
    classes: Path


MakeWorld = Callable[..., World]
CPU = Scoring(device="cpu", batch_size=4)


def run(world: World, spec: Scorer, scoring: Scoring = CPU, packages: Path = Path()) -> None:
    pairs = [(world.tar, world.out)]
    engine.score(spec, "name", pairs, world.manifest, world.classes, packages, scoring)


def read(world: World, spec: Scorer) -> pl.DataFrame:
    ids = contract.read_table(world.manifest, columns.MANIFEST)["image_id"]
    return contract.read_scores(world.out, spec.kind, ids)
