"""A flat picture, which NIQE is not defined for: it stops a run by its id, or is left out."""

from __future__ import annotations

import polars as pl
import pytest
from PIL import Image
from small_project import SMALL, Project, make_project

from causal_iqa.core.contract import read_provenance

pytestmark = pytest.mark.slow

NIQE = {**SMALL["scorers"], "niqe": {"kind": "metric", "metric": "niqe"}}


@pytest.fixture(scope="module")
def flat(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The small experiment with NIQE, and a seventh picture that is all grey."""
    project = make_project(tmp_path_factory.mktemp("flat"))
    picture = project.root / "pictures" / "n02814533" / "grey.png"
    Image.new("RGB", (300, 260), (128, 128, 128)).save(picture)
    return project


def test_a_flat_picture_is_left_out_from_the_scores_to_the_report(flat: Project) -> None:
    flat.configure(scorers=NIQE)
    status, output = flat.snakemake("paper")
    said = " ".join(output.split())
    assert status != 0 and "the score is not defined for 1 of 7 pictures (14.3%)" in said
    assert "grey (niqe is not defined for it: nan)" in said and "scoring.max_undefined" in said
    assert not list(flat.results.glob("scores/niqe/clean/*"))

    flat.configure(scorers=NIQE, scoring={"max_undefined": 0.2})
    flat.run("paper")
    lost = 0
    for path in flat.results.glob("scores/niqe/*/*.parquet"):
        null = pl.read_parquet(path).filter(pl.col("score").is_null())["image_id"].to_list()
        assert sorted(read_provenance(path).get("undefined", {})) == null
        lost += len(null)
    assert lost > 0
    rows = pl.read_csv(flat.results / "tables" / "nr_iqa.csv")
    points = pl.col("n_train") + pl.col("n_test")
    without = [
        len(read_provenance(path).get("undefined", {}))
        for path in flat.results.glob("scores/niqe/*/*.parquet")
        if path.parent.name != "clean"
    ]
    assert rows.filter(quality_source="tv").select(points).to_series().unique().to_list() == [28]
    mine = rows.filter(quality_source="niqe").select(points).to_series().unique().to_list()
    assert mine == [28 - sum(without)]
    page = (flat.results / "report.html").read_text()
    assert f"{lost} ({100 * lost / 35:.2g} %)" in page and 'id="warning-undefined"' in page
    assert flat.would_run("paper") == {}


def test_another_limit_makes_nothing_stale_and_a_lower_one_is_kept(flat: Project) -> None:
    """After the run above: what was scored under a higher limit is refused by its id."""
    flat.configure(scorers=NIQE, scoring={"max_undefined": 0.3})
    assert set(flat.would_run("tables")) == set()
    flat.configure(scorers=NIQE, scoring={"max_undefined": 0.1})
    scores = flat.files("scores/*/*/*.parquet")
    status, output = flat.snakemake("tables")
    assert status != 0 and "grey (niqe is not defined for it: nan)" in " ".join(output.split())
    assert flat.files("scores/*/*/*.parquet") == scores
    flat.configure(scorers=NIQE, scoring={"max_undefined": 0.2})
    flat.run("paper")
    assert flat.files("scores/*/*/*.parquet") == scores
