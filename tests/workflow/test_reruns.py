"""What runs again after which edit, and that what is up to date is left alone."""

from __future__ import annotations

import io
import shutil

import polars as pl
import pytest
from small_project import SMALL, Project

pytestmark = pytest.mark.slow

POOLED = {"analyse_nr_iqa", "analyse_strong", "analyse_weak"}


def starting(jobs: dict[str, int], prefix: str) -> dict[str, int]:
    return {rule: count for rule, count in jobs.items() if rule.startswith(prefix)}


def section(name: str, **changes: object) -> dict[str, object]:
    return {name: {**SMALL.get(name, {}), **changes}}


def test_number_of_resamples_changes_no_score(project: Project) -> None:
    project.configure(**section("analysis", resamples=120))
    jobs = project.would_run()
    assert jobs.keys() >= POOLED
    assert not {"manifest", "groups", "splits", "scorers"} & jobs.keys()
    assert starting(jobs, "score_") == starting(jobs, "corrupt_") == {}


def test_style_of_figures_changes_figures_alone(project: Project) -> None:
    project.configure(figures={"style": "white"})
    jobs = project.would_run()
    assert jobs.keys() <= {"scatter", "overview", "accuracy_figures", "page"}
    assert "scatter" in jobs


def test_added_scorer_scores_itself_alone(project: Project) -> None:
    scorers = {**SMALL["scorers"], "tv2": {"kind": "metric", "metric": "tv_l2"}}
    project.configure(scorers=scorers)
    before = project.files("scores/*/*/*.parquet")
    project.run("scores")
    after = project.files("scores/*/*/*.parquet")
    assert before.items() <= after.items()
    assert len(after) == len(before) + 5


@pytest.mark.parametrize("job", ["scorer", "corruption"])
def test_added_corruption_makes_and_scores_itself_alone(project: Project, job: str) -> None:
    scoring = {"scoring": {"job": job}}
    conditions = section("conditions", corruptions=["fog", "pixelate", "contrast"])
    before = {**project.files("scores/*/*/*.parquet"), **project.files("conditions/*/*")}
    project.configure(**scoring, **conditions)
    project.run("scores")
    after = {**project.files("scores/*/*/*.parquet"), **project.files("conditions/*/*")}
    assert before.items() <= after.items()
    assert len(after) == len(before) + 2 * 2 + 2 * 2


def test_added_severity_makes_and_scores_itself_alone(project: Project) -> None:
    before = {**project.files("scores/*/*/*.parquet"), **project.files("conditions/*/*")}
    project.configure(**section("conditions", severities=[1, 2, 3]))
    project.run("scores")
    after = {**project.files("scores/*/*/*.parquet"), **project.files("conditions/*/*")}
    assert before.items() <= after.items()
    assert len(after) == len(before) + 2 * 2 + 2 * 2


def test_removed_severity_scores_nothing(project: Project) -> None:
    before = project.files("scores/*/*/*.parquet")
    project.configure(**section("conditions", severities=[1]))
    project.run("tables")
    assert project.files("scores/*/*/*.parquet") == before


def test_deleted_score_comes_back_the_same_and_alone(project: Project) -> None:
    before = project.files("scores/*/*/*.parquet")
    lost = "scores/squeezenet/fog/3.parquet"
    (project.results / lost).unlink()
    project.run("scores")
    after = project.files("scores/*/*/*.parquet")
    assert after[lost][1] == before[lost][1]
    assert {k for k in before if after[k] != before[k]} <= {lost}


def test_deleted_condition_comes_back_the_same(project: Project) -> None:
    before = project.files("conditions/*/*")
    for name in ("conditions/fog/3.tar", "conditions/fog/3.index.parquet"):
        (project.results / name).unlink()
    project.run("results/small/conditions/fog/3.tar")
    assert {k: v[1] for k, v in project.files("conditions/*/*").items()} == {
        k: v[1] for k, v in before.items()
    }


def test_changed_seed_makes_all_corruptions_and_scores_anew(project: Project) -> None:
    before = project.files("conditions/*/*.tar")
    project.configure(**section("conditions", seed=1))
    project.run("scores")
    changed = {k for k, v in project.files("conditions/*/*.tar").items() if v[1] != before[k][1]}
    assert changed == {"conditions/fog/1.tar", "conditions/fog/3.tar"}  # pixelate draws nothing


def edit(project: Project, module: str, old: str, new: str) -> None:
    file = project.root / "workflow" / "causal_iqa" / module
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def test_nothing_runs_twice_nor_for_a_comment_or_a_constant_that_nothing_uses(
    project: Project,
) -> None:
    edit(project, "scorers/metrics.py", "\ndef ", "\n# a comment\n\n\ndef ")
    edit(project, "corruptions/variants.py", '"""One picture', '"""A picture')
    core = project.root / "workflow" / "causal_iqa" / "core"
    for file in sorted(core.rglob("*.py")):
        file.write_text(file.read_text() + "\nADDED = 1\n")
    assert project.would_run() == {}


def test_code_of_a_scorer_makes_its_scores_stale(project: Project) -> None:
    edit(project, "scorers/metrics.py", "\ndef ", "\nADDED = 1\n\n\ndef ")
    assert starting(project.would_run("scores"), "score_") == {"score_all": 1}


def test_code_of_the_analysis_makes_no_score_stale(project: Project) -> None:
    edit(project, "analyses/pooled/compute.py", "\ndef ", "\nADDED = 1\n\n\ndef ")
    jobs = project.would_run()
    assert jobs.keys() >= POOLED
    assert starting(jobs, "score_") == starting(jobs, "corrupt_") == {}


def test_words_of_a_table_make_its_text_stale_and_no_more(project: Project) -> None:
    edit(project, "report/rendering.py", "Accuracy of the task models", "Accuracies")
    assert project.would_run().keys() == {"render", "page"}


def test_columns_of_a_table_make_its_own_analysis_stale(project: Project) -> None:
    edit(project, "analyses/pooled/schema.py", '"n_test"', '"n_judged"')
    jobs = project.would_run()
    assert jobs.keys() >= POOLED
    assert not {"groups", "splits", "panel", "scorers"} & jobs.keys()
    assert starting(jobs, "score_") == starting(jobs, "corrupt_") == {}


def test_code_of_a_corruption_makes_the_conditions_stale(project: Project) -> None:
    edit(project, "corruptions/variants.py", "\ndef ", "\nADDED = 1\n\n\ndef ")
    assert starting(project.would_run(), "corrupt_") == {
        "corrupt_clean": 1,
        "corrupt_fog": 1,
        "corrupt_pixelate": 1,
    }


def test_added_picture_is_seen(project: Project) -> None:
    source = project.root / "pictures" / "n01440764"
    shutil.copy(source / "p00.png", source / "p99.png")
    assert "manifest" in project.would_run()


def test_a_file_that_is_no_picture_is_said_and_no_more(project: Project) -> None:
    (project.root / "pictures" / "n01440764" / "notes.txt").write_text("text")
    assert project.would_run() == {"skipped": 1, "page": 1}
    output = project.run()
    assert "pictures: 1 file passed over: 1 not a picture (n01440764/notes.txt)" in output
    assert "n01440764/notes.txt" in (project.results / "report.html").read_text()
    assert project.would_run() == {}


def test_replaced_picture_is_corrupted_and_scored_anew(project: Project) -> None:
    picture = project.root / "pictures" / "n01440764" / "p00.png"
    shutil.copy(project.root / "pictures" / "n02814533" / "p10.png", picture)
    before = project.files("scores/*/*/*.parquet")
    project.run("scores")
    after = project.files("scores/*/*/*.parquet")
    assert before.keys() == after.keys()
    assert all(before[name][1] != after[name][1] for name in before)


def test_enlarged_subset_makes_and_scores_its_pictures(project: Project) -> None:
    project.configure(**section("pictures", subset={"per_class": 1}))
    project.run("scores")
    small = {name: content for name, (_, content) in project.files("scores/tv/*/*.parquet").items()}
    project.configure(**section("pictures", subset={"per_class": 2}))
    project.run("scores")
    for name, content in small.items():
        few = pl.read_parquet(io.BytesIO(content))
        more = pl.read_parquet(project.results / name)
        assert (few.height, more.height) == (2, 4)
        assert more.filter(pl.col("image_id").is_in(few["image_id"].implode())).equals(few)
