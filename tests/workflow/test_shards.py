"""Scoring in shards gives the score files that scoring without gives."""

from __future__ import annotations

import shutil

import pytest
from small_project import SMALL, Project

pytestmark = pytest.mark.slow


def test_shards_give_the_same_scores_and_tables(project: Project) -> None:
    before = project.files("scores/*/*/*.parquet")
    tables = project.files("tables/*.csv")
    for path in project.results.glob("scores/*/*/*.parquet"):
        path.unlink()
    project.configure(scoring={**SMALL.get("scoring", {}), "shards": 3, "batch_size": 16})
    jobs = project.would_run("scores")
    assert jobs == {"score_all": 6, "merge_all": 2, "scores": 1}
    project.run("tables")
    after = project.files("scores/*/*/*.parquet")
    assert {name: content for name, (_, content) in before.items()} == {
        name: content for name, (_, content) in after.items()
    }
    assert {name: content for name, (_, content) in tables.items()} == {
        name: content for name, (_, content) in project.files("tables/*.csv").items()
    }
    assert project.would_run("tables") == {}
    file = project.root / "workflow" / "causal_iqa" / "scorers" / "shards.py"
    code = file.read_text()
    file.write_text(code.replace("facts[0] | (", "{**facts[0]} | ("))
    assert project.would_run("scores") == {"merge_all": 2, "scores": 1}
    file.write_text(code)
    project.configure()
    project.run("scores")
    assert project.files("scores/*/*/*.parquet") == after


def test_shards_give_the_same_whole_softmax(project: Project) -> None:
    kept = {"softmax": True, "batch_size": 2}
    project.configure(scoring=kept)
    project.run("estimators")
    before = project.files("softmax/*/*/*.parquet")
    assert len(before) == 5
    for part in ("scores", "softmax"):
        shutil.rmtree(project.results / part / "squeezenet")
    project.configure(scoring={**kept, "shards": 2})
    jobs = project.would_run("estimators")
    assert jobs["score_all_networks"] == 2 and jobs["merge_all_networks"] == 1
    project.run("estimators")
    after = project.files("softmax/*/*/*.parquet")
    assert {name: content for name, (_, content) in before.items()} == {
        name: content for name, (_, content) in after.items()
    }
    assert project.would_run("estimators") == {}
