"""The pooled tables against scikit-learn and SciPy on the same scores."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.preprocessing import StandardScaler
from synthetic import join_scores, write_experiment

from causal_iqa.analyses.pooled.compute import write_pooled
from causal_iqa.analyses.pooled.schema import POOLED
from causal_iqa.core.conditions import CORRUPTIONS, grid
from causal_iqa.core.contract import ContractError, Results, read_table
from causal_iqa.core.errors import UserError
from causal_iqa.data.condition_means import write_groups
from causal_iqa.data.panel import Panel
from causal_iqa.data.schema import ACCURACY, CONDITION_MEANS, SPLITS
from causal_iqa.data.splits import write_splits

CONDITIONS = grid(CORRUPTIONS[:4], range(1, 6))


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    made = write_experiment(tmp_path_factory.mktemp("experiment"), CONDITIONS, 120, seed=1)
    write_splits(made, 0.2, seed=0)
    return made


@pytest.fixture(scope="module")
def tables(results: Results) -> dict[str, pl.DataFrame]:
    for table in ("nr_iqa", "strong", "weak"):
        write_pooled(results, table, CONDITIONS, include_clean=False, seed=0, resamples=300)
    return {t: read_table(results.table(t), POOLED) for t in ("nr_iqa", "strong", "weak")}


def row(frame: pl.DataFrame, task: str, source: str, variant: str, solver: str) -> dict:
    return frame.row(
        by_predicate=(pl.col("task_model") == task)
        & (pl.col("quality_source") == source)
        & (pl.col("quality_variant") == variant)
        & (pl.col("solver") == solver),
        named=True,
    )


def raw(results: Results, task: str, source: str, variant: str):
    """Q and M [group, picture] read without the panel, and the test mask."""
    splits = pl.read_parquet(results.splits)
    labels = pl.read_parquet(results.manifest)["label"].to_numpy()
    q, m = [], []
    for condition in CONDITIONS[1:]:
        q.append(pl.read_parquet(results.scores(source, condition))[variant].to_numpy())
        m.append(
            pl.read_parquet(results.scores(task, condition))["prediction"].to_numpy() == labels
        )
    return np.array(q, dtype=np.float64), np.array(m), splits["is_test"].to_numpy()


def test_split_holds_out_a_fifth_of_the_ids(results: Results) -> None:
    splits = read_table(results.splits, SPLITS)
    assert splits["is_test"].sum() == 24
    assert splits.height == 120


def test_split_of_too_few_pictures_is_refused(tmp_path: Path) -> None:
    made = write_experiment(tmp_path, CONDITIONS[:2], 1, seed=0)
    with pytest.raises(UserError, match="there is 1 picture; at least 2 are needed"):
        write_splits(made, 0.2, seed=0)


def test_every_pair_variant_and_solver_has_a_row(tables: dict[str, pl.DataFrame]) -> None:
    assert tables["nr_iqa"].height == 2 * 2 * 2
    assert tables["strong"].height == 2 * 2 * 3 * 2
    assert tables["weak"].height == 2 * 5 * 2


@pytest.mark.parametrize(
    ("table", "task", "source", "variant"),
    [("nr_iqa", "net_a", "good", "score"), ("strong", "net_b", "net_a", "entropy")],
)
def test_row_equals_scikit_learn_and_scipy(
    results: Results,
    tables: dict[str, pl.DataFrame],
    table: str,
    task: str,
    source: str,
    variant: str,
) -> None:
    q, m, test = raw(results, task, source, variant)
    ours = row(tables[table], task, source, variant, "converged")
    for name, oracle in (
        ("krcc", stats.kendalltau),
        ("plcc", stats.pearsonr),
        ("srcc", stats.spearmanr),
    ):
        estimate, p = oracle(q.mean(axis=1), m.mean(axis=1))
        assert ours[name] == pytest.approx(estimate, abs=1e-12)
        assert ours[f"{name}_p"] == pytest.approx(p, rel=1e-9)
        assert ours[f"{name}_lo"] < estimate < ours[f"{name}_hi"]
    scaler = StandardScaler().fit(q[:, ~test].reshape(-1, 1))
    oracle = LogisticRegression(C=1.0, tol=1e-10, max_iter=10_000)
    oracle.fit(scaler.transform(q[:, ~test].reshape(-1, 1)), m[:, ~test].ravel())
    predicted = oracle.predict_proba(scaler.transform(q[:, test].reshape(-1, 1)))[:, 1]
    assert ours["auc"] == pytest.approx(roc_auc_score(m[:, test].ravel(), predicted), abs=1e-12)
    assert ours["ce"] == pytest.approx(log_loss(m[:, test].ravel(), predicted), abs=1e-7)
    assert ours["slope"] == pytest.approx(oracle.coef_[0, 0] / scaler.scale_[0], rel=1e-5)
    base = m[:, ~test].mean()
    assert ours["ce_base"] == pytest.approx(
        log_loss(m[:, test].ravel(), np.full(m[:, test].size, base)), abs=1e-12
    )


def test_sklearn_rows_are_the_defaults_on_raw_scores(
    results: Results, tables: dict[str, pl.DataFrame]
) -> None:
    q, m, test = raw(results, "net_a", "good", "score")
    oracle = LogisticRegression().fit(q[:, ~test].reshape(-1, 1), m[:, ~test].ravel())
    ours = row(tables["nr_iqa"], "net_a", "good", "score", "sklearn")
    assert ours["slope"] == oracle.coef_[0, 0]
    assert ours["intercept"] == oracle.intercept_[0]


def test_known_structure_is_found(tables: dict[str, pl.DataFrame]) -> None:
    good = row(tables["nr_iqa"], "net_a", "good", "score", "converged")
    noise = row(tables["nr_iqa"], "net_a", "noise", "score", "converged")
    assert good["auc_cluster_lo"] > 0.6
    assert good["srcc_corr_lo"] > 0.5
    assert good["srcc_p_holm"] < 1e-3
    assert abs(noise["auc"] - 0.5) < 0.1
    assert noise["srcc_p_holm"] > 0.05


def test_clusters_widen_the_interval(tables: dict[str, pl.DataFrame]) -> None:
    """Pictures recur in every condition, so points are not independent."""
    r = row(tables["nr_iqa"], "net_a", "good", "score", "converged")
    assert r["auc_cluster_hi"] - r["auc_cluster_lo"] > r["auc_hi"] - r["auc_lo"]


def test_shared_weights_are_circular(tables: dict[str, pl.DataFrame]) -> None:
    strong, weak = tables["strong"], tables["weak"]
    assert row(strong, "net_a", "net_a", "max_prob", "converged")["circular"]
    assert not row(strong, "net_b", "net_a", "max_prob", "converged")["circular"]
    assert row(weak, "net_a", "dual", "max_prob", "converged")["circular"]
    assert not row(weak, "net_b", "dual", "max_prob", "converged")["circular"]
    assert not tables["nr_iqa"]["circular"].any()


def test_holm_counts_each_pair_once(tables: dict[str, pl.DataFrame]) -> None:
    frame = tables["nr_iqa"].filter(pl.col("solver") == "converged")
    p = frame["krcc_p"].to_numpy()
    order = np.argsort(p)
    adjusted = np.maximum.accumulate(np.minimum(1, p[order] * np.arange(len(p), 0, -1)))
    assert frame["krcc_p_holm"].to_numpy()[order] == pytest.approx(adjusted)
    assert tables["nr_iqa"].group_by("task_model", "quality_source").n_unique().height == 4


def test_table_is_the_same_bytes_each_time(results: Results, tables) -> None:
    first = results.table("weak").read_bytes()
    write_pooled(results, "weak", CONDITIONS, include_clean=False, seed=0, resamples=300)
    assert results.table("weak").read_bytes() == first


def test_clean_joins_by_the_switch(results: Results, tables, tmp_path: Path) -> None:
    before = results.table("nr_iqa").read_bytes()
    write_pooled(results, "nr_iqa", CONDITIONS, include_clean=True, seed=0, resamples=100)
    frame = read_table(results.table("nr_iqa"), POOLED)
    results.table("nr_iqa").write_bytes(before)
    assert frame["n_groups"].unique().to_list() == [21]
    assert frame["n_test"].unique().to_list() == [504]


def test_what_cannot_be_estimated_is_empty_with_a_reason(tmp_path: Path) -> None:
    """A constant Q has no correlation; a held-out set of one class has no AUC."""
    made = write_experiment(tmp_path, CONDITIONS, 10, seed=2)
    write_splits(made, 0.1, seed=0)
    held_out = read_table(made.splits, SPLITS).filter("is_test")["image_id"][0]
    label = int(pl.read_parquet(made.manifest).filter(image_id=held_out)["label"][0])
    for condition in CONDITIONS:
        path = made.scores("good", condition)
        pl.read_parquet(path).with_columns(score=pl.lit(1.0, pl.Float32)).write_parquet(path)
        path = made.scores("net_a", condition)
        right = pl.when(image_id=held_out).then(label).otherwise("prediction").cast(pl.Int32)
        pl.read_parquet(path).with_columns(prediction=right).write_parquet(path)
    join_scores(made, CONDITIONS)
    write_pooled(made, "nr_iqa", CONDITIONS, include_clean=False, seed=0, resamples=100)
    frame = read_table(made.table("nr_iqa"), POOLED)
    constant = row(frame, "net_b", "good", "score", "converged")
    assert constant["srcc"] is None
    assert "correlations: " in constant["reason"]
    one_class = row(frame, "net_a", "noise", "score", "converged")
    assert one_class["auc"] is None
    assert one_class["ce"] is not None
    assert "AUC on the held-out pictures: " in one_class["reason"]


def test_an_auc_without_an_interval_is_said(tmp_path: Path) -> None:
    """Of two held-out pictures one is always right: about half the resamples hold one class."""
    found = []
    for seed in range(8):
        made = write_experiment(tmp_path / str(seed), CONDITIONS, 10, seed=2)
        write_splits(made, 0.2, seed=seed)
        pair = read_table(made.splits, SPLITS).filter("is_test")["image_id"]
        labels = dict(pl.read_parquet(made.manifest).select("image_id", "label").iter_rows())
        for condition in CONDITIONS:
            path = made.scores("net_a", condition)
            given = pl.when(image_id=pair[0]).then(labels[pair[0]])
            given = given.when(image_id=pair[1]).then(labels[pair[1]] + 1).otherwise("prediction")
            frame = pl.read_parquet(path).with_columns(prediction=given.cast(pl.Int32))
            frame.write_parquet(path)
        join_scores(made, CONDITIONS)
        write_pooled(made, "nr_iqa", CONDITIONS, include_clean=False, seed=seed, resamples=100)
        frame = read_table(made.table("nr_iqa"), POOLED)
        found.append(row(frame, "net_a", "noise", "score", "converged"))
    without = [one for one in found if one["auc_cluster_lo"] is None]
    assert without, "no seed leaves the interval out"
    for one in without:
        assert one["auc"] is not None and one["auc_lo"] is not None
        assert one["reason"].startswith("auc_cluster interval: ")


def test_a_split_of_other_pictures_is_no_split(tmp_path: Path) -> None:
    made = write_experiment(tmp_path, CONDITIONS, 5, seed=2)
    write_splits(made, 0.2, seed=0)
    join_scores(made, CONDITIONS)
    read_table(made.splits, SPLITS).head(4).write_parquet(made.splits)
    with pytest.raises(ContractError, match="does not hold the manifest's 5 pictures"):
        write_pooled(made, "nr_iqa", CONDITIONS, include_clean=False, seed=0, resamples=100)


def test_groups_are_means_over_all_pictures(results: Results) -> None:
    write_groups(results, CONDITIONS)
    groups = read_table(results.groups, CONDITION_MEANS)
    accuracy = read_table(results.table("accuracy"), ACCURACY)
    q, m, _ = raw(results, "net_a", "good", "score")
    ours = groups.filter((pl.col("scorer") == "good") & (pl.col("severity") > 0))["mean"]
    assert ours.to_numpy() == pytest.approx(q.mean(axis=1))
    ours = accuracy.filter((pl.col("task_model") == "net_a") & (pl.col("severity") > 0))["accuracy"]
    assert ours.to_numpy() == pytest.approx(m.mean(axis=1))
    assert groups.filter(pl.col("corruption") == "clean").height == 2 + 2 * 3 + 2 + 5


def test_unlabelled_pictures_are_refused(tmp_path: Path) -> None:
    made = write_experiment(tmp_path, CONDITIONS[:2], 3, seed=0)
    frame = pl.read_parquet(made.manifest)
    frame.with_columns(label=pl.lit(None, pl.Int32)).write_parquet(made.manifest)
    with pytest.raises(UserError, match="3 of 3 pictures have no label"):
        Panel(tmp_path, CONDITIONS[:2]).correct("net_a")


def test_bytes_do_not_depend_on_threads(results: Results, tables: dict) -> None:
    before = results.table("strong").read_bytes()
    write_pooled(
        results, "strong", CONDITIONS, include_clean=False, seed=0, resamples=300, threads=3
    )
    assert results.table("strong").read_bytes() == before
