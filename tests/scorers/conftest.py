"""Conditions of real photographs, classes and packaged files for the scorers' tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scoring_world import MakeWorld, World

from causal_iqa.core import columns, config, contract, jpeg
from causal_iqa.core import condition_archive as store
from causal_iqa.pictures.classes import imagenet_classes
from causal_iqa.pictures.sources import list_pictures
from causal_iqa.scorers import engine


@pytest.fixture(scope="session")
def foolbox_photographs() -> list[tuple[np.ndarray, int]]:
    """foolbox's 20 photographs, RGB uint8 as they are, with their ImageNet labels."""
    return [
        (jpeg.decode(picture.path.read_bytes(), str(picture.path)), picture.label)
        for picture in list_pictures(config.Pictures())
    ]


@pytest.fixture(scope="session")
def known_scorers() -> dict[str, engine.LoadedScorer]:
    """What ``loaded_once`` has loaded."""
    return {}


@pytest.fixture
def loaded_once(
    known_scorers: dict[str, engine.LoadedScorer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scorer that was loaded, for this test or another, is not loaded again."""
    load = engine.load

    def once(spec: config.Scorer, classes: pl.DataFrame, *rest: Any, **options: Any) -> Any:
        asked = repr((spec, classes.write_csv(), rest, options))
        if asked not in known_scorers:
            known_scorers[asked] = load(spec, classes, *rest, **options)
        return known_scorers[asked]

    monkeypatch.setattr(engine, "load", once)


@pytest.fixture
def make_world(tmp_path: Path, foolbox_photographs: list[tuple[np.ndarray, int]]) -> MakeWorld:
    """Writes a condition of the first ``count`` photographs, cropped to 224 x 224.

    replace: pictures or raw bytes to put in by number; labels: instead of the true ones.
    """

    def make(
        count: int = 6,
        replace: dict[int, np.ndarray | bytes] | None = None,
        labels: list[int | None] | None = None,
        restrict_to: list[int] | None = None,
        classes: pl.DataFrame | None = None,
    ) -> World:
        members, rows = [], []
        for number in range(count):
            picture, label = foolbox_photographs[number]
            top, left = (side // 2 - 112 for side in picture.shape[:2])
            content = (replace or {}).get(number, picture[top : top + 224, left : left + 224])
            data = content if isinstance(content, bytes) else jpeg.encode_jpeg(content)
            image_id = f"p{number:02}"
            members.append(store.Member(image_id, f"fog/3/{label}/{image_id}.JPEG", data))
            rows.append((image_id, labels[number] if labels else label))
        world = World(*(tmp_path / name for name in ("3.tar", "3.parquet", "m.parquet", "c.csv")))
        store.write_condition(world.tar, members, {})
        manifest = pl.DataFrame(rows, schema=columns.MANIFEST, orient="row")
        provenance = {"restrict_to": restrict_to}
        contract.write_table(manifest, world.manifest, columns.MANIFEST, provenance)
        known = imagenet_classes() if classes is None else classes
        contract.write_table(known, world.classes, columns.CLASSES)
        return world

    return make
