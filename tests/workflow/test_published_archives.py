"""The workflow on ImageNet and ImageNet-C as published, in miniature, from tars to tables."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from published_world import NAMES, corrupted_files, write_devkit, write_tar, write_val_tar
from small_project import Project, make_project

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Validation tar, development kit, weather.tar; pixelate is nowhere and has to be made."""
    project = make_project(tmp_path_factory.mktemp("published"))
    data = project.root / "data"
    write_val_tar(data)
    write_devkit(data)
    write_tar(data / "c" / "weather.tar", corrupted_files(["fog", "snow"], [1, 3]).items())
    project.configure(
        pictures={"source": "imagenet", "path": "data", "verify": False},
        conditions={
            **{"source": "mixed", "path": "data/c", "verify": False},
            **{"corruptions": ["fog", "snow", "pixelate"], "severities": [1, 3]},
        },
    )
    project.run()
    return project


def test_every_table_is_made(published: Project) -> None:
    strong = pl.read_csv(published.results / "tables" / "strong.csv")
    assert strong["n_groups"].unique().to_list() == [6]
    scores = pl.read_parquet(published.results / "scores" / "tv" / "fog" / "3.parquet")
    assert scores["image_id"].to_list() == list(NAMES)


def test_archives_are_read_in_place(published: Project) -> None:
    made = {path.parent.name for path in (published.results / "conditions").glob("*/*.tar")}
    assert made == {"clean", "pixelate"}


def test_nothing_is_left_to_do(published: Project) -> None:
    assert published.would_run() == {}


def test_a_new_archive_is_indexed_and_scored_again(published: Project) -> None:
    weather = published.root / "data" / "c" / "weather.tar"
    before = weather.read_bytes()
    files = corrupted_files(["fog", "snow"], [1, 3])
    first = next(iter(files))
    write_tar(weather, (files | {first: files[first] + b"\0"}).items())
    would = published.would_run()
    weather.write_bytes(before)
    assert would["index_weather"] == 1 and "score_all" in would
    assert "corrupt_pixelate" not in would


def test_a_missing_corruption_is_named_before_any_job(published: Project) -> None:
    config = (published.root / "small.yaml").read_text()
    (published.root / "small.yaml").write_text(config.replace("mixed", "imagenet-c"))
    status, output = published.snakemake("--dry-run")
    (published.root / "small.yaml").write_text(config)
    assert status != 0 and "nor the archive of pixelate" in output


def test_a_missing_picture_is_named_with_its_condition(published: Project, tmp_path: Path) -> None:
    weather = published.root / "data" / "c" / "weather.tar"
    before = weather.read_bytes()
    files = corrupted_files(["fog", "snow"], [1, 3])
    lost = next(name for name in files if name.startswith("snow/3"))
    write_tar(weather, ((name, content) for name, content in files.items() if name != lost))
    status, output = published.snakemake()
    weather.write_bytes(before)
    assert status != 0
    assert f"snow/3 lacks picture '{Path(lost).stem}'" in output
