"""The joined scores of one scorer, and what the analyses read from them."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from synthetic import join_scores, write_experiment

from causal_iqa.conditions import grid
from causal_iqa.contract import ContractError, Results, read_table
from causal_iqa.experiments.panel import Panel, write_panel
from causal_iqa.schemas import PANELS

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
