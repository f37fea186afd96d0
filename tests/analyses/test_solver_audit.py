"""The audit against scikit-learn, on scores as narrow as those of the paper's Table 3."""

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression
from synthetic import join_scores, write_experiment

from causal_iqa.analyses.pooled.compute import write_pooled
from causal_iqa.analyses.pooled.schema import POOLED
from causal_iqa.analyses.solver_audit.compute import (
    audit,
    gradient_left,
    training_points,
    write_solver_audit,
)
from causal_iqa.analyses.solver_audit.schema import SOLVER_AUDIT
from causal_iqa.core.columns import MANIFEST
from causal_iqa.core.conditions import CORRUPTIONS, grid
from causal_iqa.core.contract import Results, read_table
from causal_iqa.data.panel import Panel
from causal_iqa.data.schema import SPLITS
from causal_iqa.data.splits import write_splits
from causal_iqa.statistics.logistic import fit_logistic, fit_sklearn_default

CONDITIONS = grid(CORRUPTIONS[:4], range(1, 6))
TABLES = ("nr_iqa", "strong", "weak")


def narrow(results: Results) -> None:
    """Give ``dual`` the widths of the notes' softmax of cosines, and net_b an accuracy over 1/2.

    Probability 1.069e-3 (sd 1.5e-5), entropy 6.90755 (sd 5.9e-5) follow the clarity that it sees.
    """
    labels = read_table(results.manifest, MANIFEST)["label"]
    for condition in CONDITIONS:
        path = results.scores("dual", condition)
        frame = pl.read_parquet(path)
        seen = frame["max_prob"].cast(pl.Float64)
        frame.with_columns(
            max_prob=(1.069e-3 + 1.5e-5 * seen / 2).cast(pl.Float32),
            entropy=(6.90755 - 5.9e-5 * seen / 2).cast(pl.Float32),
        ).write_parquet(path)
        path = results.scores("net_b", condition)
        frame = pl.read_parquet(path)
        sees = frame["max_logit"] > -2.5
        right = pl.when(sees).then(labels).otherwise((labels + 1) % 1000)
        frame.with_columns(prediction=right.cast(pl.Int32)).write_parquet(path)
    join_scores(results, CONDITIONS)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    made = write_experiment(tmp_path_factory.mktemp("experiment"), CONDITIONS, 120, seed=1)
    narrow(made)
    write_splits(made, 0.2, seed=0)
    for table in TABLES:
        write_pooled(made, table, CONDITIONS, include_clean=False, seed=0, resamples=100)
    write_solver_audit(made, CONDITIONS, tables=TABLES, include_clean=False)
    return made


@pytest.fixture(scope="module")
def audited(results: Results) -> pl.DataFrame:
    return read_table(results.table("solver_audit"), SOLVER_AUDIT)


def training(results: Results, task_model: str, source: str, variant: str):
    panel = Panel(results.root, CONDITIONS[1:])
    train = ~read_table(results.splits, SPLITS)["is_test"].to_numpy()
    q = panel.quality(source, variant)[:, train].ravel()
    return q, panel.correct(task_model)[:, train].ravel()


def test_every_row_of_the_tables_is_audited(results: Results, audited: pl.DataFrame) -> None:
    rows = sum(read_table(results.table(table), POOLED).height for table in TABLES)
    assert audited.height == rows
    assert audited["reason"].unique().to_list() == [""]


def test_the_artefact_of_table_3_is_caught(results: Results, audited: pl.DataFrame) -> None:
    """The wrong sign: entropy where accuracy is above 1/2, probability where it is below."""
    wrong = audited.filter("artefact")
    bases = {net: training(results, net, "dual", "entropy")[1].mean() for net in ("net_a", "net_b")}
    assert bases["net_a"] < 0.5 < bases["net_b"]
    found = set(wrong.select("task_model", "quality_variant").iter_rows())
    assert found == {("net_a", "max_prob"), ("net_b", "entropy")}
    assert set(wrong["solver"]) == {"sklearn"}
    assert set(wrong["quality_source"]) == {"dual"}
    assert not wrong["converged"].any()
    assert (wrong["auc"] < 0.5).all()
    assert wrong["ce_gain"].abs().max() < 1e-3


def test_right_sign_gives_the_converged_auc(audited: pl.DataFrame) -> None:
    keys = ["task_model", "quality_source", "quality_variant"]
    optimum = audited.filter(solver="converged").select(*keys, best="auc")
    assert audited.filter(solver="converged")["converged"].all()
    both = audited.join(optimum, on=keys)
    assert both["auc_right_sign"].to_numpy() == pytest.approx(both["best"].to_numpy(), abs=1e-12)


@pytest.mark.parametrize("variant", ["max_prob", "entropy", "max_logit"])
@pytest.mark.parametrize("net", ["net_a", "net_b"])
def test_row_equals_scikit_learn(
    results: Results, audited: pl.DataFrame, net: str, variant: str
) -> None:
    q, m = training(results, net, "dual", variant)
    oracle = LogisticRegression().fit(q[:, None], m)
    rows = audited.filter(task_model=net, quality_source="dual", quality_variant=variant)
    assert rows.height == 2
    for row in rows.iter_rows(named=True):
        assert row["sklearn_slope"] == pytest.approx(oracle.coef_[0, 0], rel=1e-6)
        assert row["correlation"] == pytest.approx(np.corrcoef(q, m)[0, 1], abs=1e-12)
        assert row["artefact"] == (row["slope"] * np.cov(q, m)[0, 1] < 0)
        assert row["ce_gain"] == row["ce_base"] - row["ce"]
    default = rows.row(by_predicate=pl.col("solver") == "sklearn", named=True)
    assert default["converged"] == fit_sklearn_default(q, m).converged
    assert default["sklearn_auc"] == default["auc"]


def made_fit(q: np.ndarray, m: np.ndarray, solver: str, **changes: float) -> dict:
    fitted = {"converged": fit_logistic, "sklearn": fit_sklearn_default}[solver](q, m)
    row = dict.fromkeys(POOLED) | {"solver": solver, "reason": "", "auc": 0.6, "ce": 0.6}
    return row | {"ce_base": 0.7, "slope": fitted.slope, "intercept": fitted.intercept} | changes


@pytest.mark.parametrize("solver", ["converged", "sklearn"])
def test_a_slope_off_the_optimum_has_not_converged(solver: str) -> None:
    """Each solver is held to its own penalty, on standardised or on raw Q."""
    rng = np.random.default_rng(0)
    q = 40 * rng.normal(size=60)
    m = rng.random(60) < 1 / (1 + np.exp(-q / 20))
    fit = made_fit(q, m, solver)
    points = training_points(q, m)
    assert gradient_left(fit, points) < 1e-3
    moved = made_fit(q, m, solver, slope=1.1 * fit["slope"])
    assert not audit(moved, moved, points)["converged"]
    other = {"converged": "sklearn", "sklearn": "converged"}[solver]
    assert gradient_left({**fit, "solver": other}, points) > 0.01


def test_without_covariance_there_is_no_sign_to_judge() -> None:
    q, m = np.array([1.0, 2, 1, 2]), np.array([True, True, False, False])
    for values in (q, np.full(4, 0.1)):
        fit = made_fit(values, m, "converged")
        row = audit(fit, fit, training_points(values, m))
        assert row["converged"]
        assert "artefact" not in row
        assert row["reason"] == "Q and M do not covary in training"


def test_what_was_not_fitted_keeps_its_reason() -> None:
    q, m = np.array([1.0, 2, 3]), np.array([True, True, True])
    fit = dict.fromkeys(POOLED) | {"solver": "sklearn", "reason": "one class"}
    row = audit(fit, fit, training_points(q, m))
    assert row["reason"] == "one class"
    assert "converged" not in row


def test_clean_joins_by_the_switch(results: Results, audited: pl.DataFrame) -> None:
    before = results.table("solver_audit").read_bytes()
    write_solver_audit(results, CONDITIONS, tables=("nr_iqa",), include_clean=True)
    frame = read_table(results.table("solver_audit"), SOLVER_AUDIT)
    results.table("solver_audit").write_bytes(before)
    ours = audited.filter(table="nr_iqa")
    assert frame.height == ours.height
    assert (frame["correlation"] != ours["correlation"]).all()


def test_table_is_the_same_bytes_each_time(results: Results, audited: pl.DataFrame) -> None:
    before = results.table("solver_audit").read_bytes()
    write_solver_audit(results, CONDITIONS, tables=TABLES, include_clean=False)
    assert results.table("solver_audit").read_bytes() == before
