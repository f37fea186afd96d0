"""Accuracy beyond what Q predicts, against scikit-learn and by hand."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from synthetic import join_scores, write_experiment

from causal_iqa.analyses.accuracy_beyond.compute import write_accuracy_beyond
from causal_iqa.analyses.accuracy_beyond.schema import ACCURACY_BEYOND
from causal_iqa.core.conditions import CORRUPTIONS, grid
from causal_iqa.core.contract import Results, read_table
from causal_iqa.data.panel import Panel
from causal_iqa.data.splits import read_splits, write_splits

CONDITIONS = grid(CORRUPTIONS[:3], (1, 3, 5))
USED = CONDITIONS[1:]


def write(results: Results, threads: int = 1) -> pl.DataFrame:
    options = {"include_clean": False, "seed": 0, "resamples": 200, "threads": threads}
    write_accuracy_beyond(results, CONDITIONS, **options)
    return read_table(results.table("accuracy_beyond"), ACCURACY_BEYOND)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    made = write_experiment(tmp_path_factory.mktemp("beyond"), CONDITIONS, 100, seed=8)
    write_splits(made, 0.4, seed=0)
    return made


@pytest.fixture(scope="module")
def table(results: Results) -> pl.DataFrame:
    return write(results)


@pytest.mark.parametrize("source", ["good", "noise"])
def test_rows_equal_scikit_learns_fit(results: Results, table: pl.DataFrame, source: str) -> None:
    panel = Panel(results.root, USED)
    is_test = read_splits(results, "is_test", panel.image_ids)
    q = panel.quality(source, "score")
    m = {name: panel.correct(name) for name in ("net_a", "net_b")}
    train = q[:, ~is_test].ravel()
    model = make_pipeline(StandardScaler(), LogisticRegression(tol=1e-10))
    both = np.concatenate([x[:, ~is_test].ravel() for x in m.values()])
    model.fit(np.tile(train, 2)[:, None], both)
    test_q = q[:, is_test].ravel()
    predicted = model.predict_proba(test_q[:, None])[:, 1]
    sign = np.sign(model[-1].coef_[0, 0])
    low, high = np.quantile(sign * train, [1 / 3, 2 / 3])
    bands = {
        "all": np.full(test_q.size, True),
        "low": sign * test_q <= low,
        "middle": (sign * test_q > low) & (sign * test_q <= high),
        "high": sign * test_q > high,
    }
    for band, inside in bands.items():
        for net, correct in m.items():
            row = table.filter(quality_source=source, band=band, task_model=net).row(0, named=True)
            accuracy = correct[:, is_test].ravel()[inside].mean()
            assert row["n_rows"] == inside.sum()
            assert row["accuracy"] == pytest.approx(accuracy, abs=1e-12)
            assert row["expected"] == pytest.approx(predicted[inside].mean(), abs=1e-5)
            assert row["beyond"] == pytest.approx(row["accuracy"] - row["expected"], abs=1e-12)
            assert row["beyond_lo"] < row["beyond"] < row["beyond_hi"]


def test_bands_follow_the_slope_not_the_scores_own_direction(table: pl.DataFrame) -> None:
    columns = ["band", "task_model", "n_rows", "accuracy", "raw_rank", "adjusted_rank"]
    found = [
        table.filter(quality_source="dual", quality_variant=variant, circular=False)
        for variant in ("max_logit", "entropy")  # in this world one is the other's negative
    ]
    assert found[0].select(columns).equals(found[1].select(columns))
    accuracy = dict(found[1].select("band", "accuracy").iter_rows())
    assert accuracy["low"] < accuracy["middle"] < accuracy["high"]


def test_over_all_pictures_no_score_changes_the_ranks(table: pl.DataFrame) -> None:
    whole = table.filter(pl.col("n_task_models") == 2, band="all").drop_nulls("beyond")
    assert whole["quality_source"].n_unique() > 2
    assert (whole["raw_rank"] == whole["adjusted_rank"]).all()
    assert set(whole["raw_rank"]) == {1, 2}


def test_a_networks_own_score_gives_it_no_row_and_is_fitted_on_the_others(
    table: pl.DataFrame,
) -> None:
    own = table.filter(quality_source="net_a", quality_variant="max_logit")
    circular = own.filter(circular=True)
    assert circular["task_model"].to_list() == ["net_a"]
    assert circular["beyond"].null_count() == 1 and "own weights" in circular["reason"][0]
    ranked = own.filter(circular=False)
    assert set(ranked["task_model"]) == {"net_b"} and set(ranked["n_task_models"]) == {1}


def test_the_average_leaves_out_sources_that_share_weights(
    results: Results, table: pl.DataFrame
) -> None:
    # dual shares the group of net_a: good and noise alone are averaged.
    panel = Panel(results.root, USED)
    is_test = read_splits(results, "is_test", panel.image_ids)
    right = np.stack([panel.correct(name) for name in ("net_a", "net_b")])
    total = 0
    for source in ("good", "noise"):
        q = panel.quality(source, "score")
        train = q[:, ~is_test]
        both = np.concatenate([train.ravel()] * 2), right[:, :, ~is_test].ravel()
        total = total + np.sign(np.corrcoef(*both)[0, 1]) * (q - train.mean()) / train.std()
    cut = np.quantile((total / 2)[:, ~is_test], 2 / 3)
    inside = (total / 2)[:, is_test] > cut
    row = table.filter(quality_source="average", band="high", task_model="net_b")
    assert row["n_rows"][0] == inside.sum()
    assert row["accuracy"][0] == pytest.approx(right[1][:, is_test][inside].mean(), abs=1e-12)


def test_the_table_does_not_depend_on_threads(results: Results, table: pl.DataFrame) -> None:
    assert write(results, threads=3).equals(table)


def test_a_score_that_never_varies_expects_the_base_rate_and_has_no_bands(tmp_path: Path) -> None:
    made = write_experiment(tmp_path, CONDITIONS, 30, seed=1)
    write_splits(made, 0.3, seed=0)
    for condition in CONDITIONS:
        scores = pl.read_parquet(made.scores("noise", condition))
        constant = scores.with_columns(score=pl.lit(0.25, scores.schema["score"]))
        constant.write_parquet(made.scores("noise", condition))
    join_scores(made, CONDITIONS)
    rows = write(made).filter(quality_source="noise")
    panel = Panel(made.root, USED)
    is_test = read_splits(made, "is_test", panel.image_ids)
    rate = np.mean([panel.correct(net)[:, ~is_test] for net in ("net_a", "net_b")])
    np.testing.assert_allclose(rows.filter(band="all")["expected"], rate, atol=1e-9)
    bands = rows.filter(pl.col("band") != "all")
    assert bands.height == 6 and bands["beyond"].null_count() == 6
    assert set(bands["reason"]) == {"Q does not order the pictures"}
