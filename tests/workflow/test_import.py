"""All analyses on scores from elsewhere, in an environment that cannot import torch."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from samples import ROOT
from small_project import Project, make_project

pytestmark = pytest.mark.slow
WITHOUT = ("torch", "torchvision", "timm", "open_clip", "pyiqa", "cv2", "foolbox")


@pytest.fixture
def imported(finished: Project, tmp_path: Path) -> Project:
    """The small experiment's scores, in a folder of their own, as the only input."""
    project = make_project(tmp_path / "project")
    shutil.rmtree(project.root / "pictures")
    folder = project.root / "elsewhere"
    folder.mkdir()
    for name in ("manifest.parquet", "classes.csv", "scorers.csv"):
        shutil.copy(finished.results / name, folder)
    shutil.copytree(finished.results / "scores", folder / "scores")
    for package in WITHOUT:
        blocked = project.root / "workflow" / package
        blocked.mkdir()
        (blocked / "__init__.py").write_text("raise ImportError('not in an analysis')\n")
    project.write(
        {
            "experiment": "small",
            "scores": {"import": "elsewhere"},
            "conditions": {"corruptions": ["fog", "pixelate"], "severities": [1, 3]},
            "analysis": {"resamples": 100, "test_fraction": 0.5},
        }
    )
    return project


def test_tables_equal_those_of_the_experiment_that_made_the_scores(
    imported: Project, finished: Project
) -> None:
    imported.run()
    for name in ("nr_iqa", "strong", "accuracy"):
        path = Path("tables") / f"{name}.csv"
        assert (imported.results / path).read_bytes() == (finished.results / path).read_bytes()
    assert (imported.results / "report.html").stat().st_size > 10_000
    assert imported.would_run() == {}


def test_of_an_import_there_is_nothing_to_plan(imported: Project) -> None:
    status, output = imported.snakemake("--dry-run", "plan")
    assert status != 0 and "Traceback" not in output
    assert output.rstrip().splitlines()[-1].startswith("error: plan: scores.import is elsewhere")


def test_violation_stops_the_run_and_changed_scores_are_seen(imported: Project) -> None:
    path = imported.root / "elsewhere" / "scores" / "tv" / "fog" / "3.parquet"
    whole = path.read_bytes()
    pl.read_parquet(path).head(2).write_parquet(path)
    status, output = imported.snakemake("tables")
    assert status != 0
    assert "elsewhere/scores/tv/fog/3.parquet lacks" in output.replace("\n", "")
    path.write_bytes(whole)
    imported.run("tables")
    before = imported.files("groups.parquet")
    pl.read_parquet(path).with_columns(score=-pl.col("score")).write_parquet(path)
    imported.run("tables")
    assert imported.files("groups.parquet")["groups.parquet"][1] != before["groups.parquet"][1]


def test_package_of_the_analyses_imports_no_network() -> None:
    """Held down by the blocked packages above; this names the culprit."""
    code = (
        "import sys, causal_iqa.preflight, causal_iqa.analyses.pooled.compute,"
        "causal_iqa.data.imported, causal_iqa.report.report_page;"
        f"print([m for m in {WITHOUT!r} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"
