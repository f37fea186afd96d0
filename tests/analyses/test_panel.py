"""The joined scores of one scorer, and what the analyses read from them."""

import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from synthetic import join_scores, write_experiment

from causal_iqa.core.columns import INDEX, MANIFEST
from causal_iqa.core.condition_archive import index_path
from causal_iqa.core.conditions import grid
from causal_iqa.core.contract import ContractError, Results, read_table, write_table
from causal_iqa.core.kinds import SCORES
from causal_iqa.core.provenance.score_files import digest
from causal_iqa.data.panel import Panel, write_panel
from causal_iqa.data.schema import PANELS

CONDITIONS = grid(["fog", "snow"], [1, 3])


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return write_experiment(tmp_path, CONDITIONS, 6, seed=0)


def test_it_holds_every_score_file_in_order(results: Results) -> None:
    joined = read_table(results.panel("dual"), PANELS["zero_shot"])
    files = [pl.read_parquet(results.scores("dual", condition)) for condition in CONDITIONS]
    assert joined.drop("corruption", "severity").equals(pl.concat(files))
    named = joined.select("corruption", "severity").unique(maintain_order=True).rows()
    assert named == [tuple(condition) for condition in CONDITIONS]


def test_conditions_are_taken_by_name(results: Results) -> None:
    backwards = Panel(results.root, CONDITIONS[:0:-1]).quality("good", "score")
    expected = [pl.read_parquet(results.scores("good", c))["score"] for c in CONDITIONS[:0:-1]]
    assert np.array_equal(backwards, np.array(expected, dtype=np.float64))


def test_a_faulty_score_file_is_named(results: Results) -> None:
    path = results.scores("good", CONDITIONS[2])
    pl.read_parquet(path).head(5).write_parquet(path)
    with pytest.raises(ContractError, match=r"good/fog/3\.parquet lacks 'id0005'"):
        write_panel(results, "good", CONDITIONS)


def test_a_panel_of_other_conditions_or_pictures_is_refused(results: Results) -> None:
    write_panel(results, "good", CONDITIONS[:2])
    with pytest.raises(ContractError, match=r"good\.parquet does not hold .* under fog/3"):
        Panel(results.root, CONDITIONS).quality("good", "score")
    join_scores(results, CONDITIONS)
    pl.read_parquet(results.manifest).head(5).write_parquet(results.manifest)
    with pytest.raises(ContractError, match="does not hold the manifest's 5 pictures"):
        Panel(results.root, CONDITIONS).quality("good", "score")


def test_an_absent_panel_is_named(results: Results) -> None:
    results.panel("good").unlink()
    with pytest.raises(ContractError, match=r"good\.parquet does not exist"):
        Panel(results.root, CONDITIONS).quality("good", "score")


SPEC = {"kind": "metric", "metric": "tv_l2"}
OTHER = {"kind": "metric", "metric": "tv_l1_mean"}


def say(results: Results, scorer: str = "good", spec: dict = SPEC, indexed: bool = True) -> None:
    """Give a metric's score files the provenance, and conditions the indices, of a real run."""
    ids = read_table(results.manifest, MANIFEST)["image_id"]
    for condition in CONDITIONS:
        said = {"scorer": spec, "condition": f"of {condition}", "pictures": digest(ids)}
        path = results.scores(scorer, condition)
        write_table(pl.read_parquet(path), path, SCORES["metric"], said)
        if indexed:
            index, index_said = pl.DataFrame(schema=INDEX), {"fingerprint": f"of {condition}"}
            write_table(index, index_path(results.condition(condition)), INDEX, index_said)


def test_files_of_what_was_asked_for_are_joined(results: Results) -> None:
    say(results)
    write_panel(results, "good", CONDITIONS, SPEC)
    Panel(results.root, CONDITIONS).quality("good", "score")


def test_a_file_of_another_scorer_is_refused_by_name(results: Results) -> None:
    say(results)
    say(results, "noise", OTHER)
    copied = results.scores("good", CONDITIONS[2])
    shutil.copy(results.scores("noise", CONDITIONS[2]), copied)
    with pytest.raises(ContractError, match=r"good/fog/3.parquet holds .* another scorer.*l1_mean"):
        write_panel(results, "good", CONDITIONS, SPEC)
    copied.unlink()
    shutil.copytree(results.root / "scores/noise", results.root / "scores/good", dirs_exist_ok=True)
    with pytest.raises(ContractError, match=r"good/clean/0\.parquet holds scores of another"):
        write_panel(results, "good", CONDITIONS, SPEC)


def test_a_file_that_names_no_scorer_is_none_of_ours(results: Results) -> None:
    with pytest.raises(ContractError, match=r"clean/0\.parquet does not say which scorer"):
        write_panel(results, "good", CONDITIONS, SPEC)


@pytest.mark.parametrize("indexed", [True, False])
def test_a_file_of_another_condition_is_refused_by_name(results: Results, indexed: bool) -> None:
    say(results, indexed=indexed)
    shutil.copy(results.scores("good", CONDITIONS[1]), results.scores("good", CONDITIONS[3]))
    said = "holds scores of another condition, fog/1" if indexed else "holds the same condition as"
    with pytest.raises(ContractError, match=rf"good/snow/1\.parquet {said}"):
        write_panel(results, "good", CONDITIONS, SPEC)


def test_two_conditions_that_changed_places_are_refused(results: Results) -> None:
    say(results)
    one, two = (results.scores("good", condition) for condition in CONDITIONS[1:3])
    content = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(content)
    with pytest.raises(
        ContractError, match=r"fog/1\.parquet holds scores of another condition, fog/3"
    ):
        write_panel(results, "good", CONDITIONS, SPEC)


def test_scores_of_an_archive_that_is_no_longer_there_are_refused(results: Results) -> None:
    say(results)
    index = index_path(results.condition(CONDITIONS[1]))
    write_table(pl.DataFrame(schema=INDEX), index, INDEX, {"fingerprint": "made anew"})
    with pytest.raises(ContractError, match=r"fog/1\.parquet was computed from another archive of"):
        write_panel(results, "good", CONDITIONS, SPEC)


def test_scores_of_other_pictures_are_refused(results: Results) -> None:
    say(results)
    path = results.scores("good", CONDITIONS[0])
    said = {"scorer": SPEC, "condition": "of clean/0", "pictures": digest(["a"])}
    write_table(pl.read_parquet(path), path, SCORES["metric"], said)
    with pytest.raises(ContractError, match=r"clean/0\.parquet was computed from other pictures"):
        write_panel(results, "good", CONDITIONS, SPEC)


def test_a_panel_of_another_scorer_is_refused(results: Results) -> None:
    shutil.copy(results.panel("noise"), results.panel("good"))
    with pytest.raises(ContractError, match=r"good\.parquet holds scores of noise; delete it"):
        Panel(results.root, CONDITIONS).quality("good", "score")
