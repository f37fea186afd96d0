"""One logistic regression a label: against scikit-learn, and what is skipped."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from synthetic import join_scores, write_experiment

from causal_iqa.analyses.labels.compute import write_labels
from causal_iqa.analyses.per_unit_fits import Judged, judge, part, summarise
from causal_iqa.analyses.per_unit_schema import UNITS
from causal_iqa.core.conditions import CORRUPTIONS, grid
from causal_iqa.core.contract import ContractError, Results, read_table
from causal_iqa.core.errors import UserError
from causal_iqa.data.panel import Panel
from causal_iqa.data.schema import SPLITS
from causal_iqa.data.splits import write_splits

CONDITIONS = grid(CORRUPTIONS[:4], range(1, 6))
LABELS = 6


def relabel(results: Results, labels: int) -> None:
    """Make labels 0 .. labels - 1, predictions right where they were."""
    manifest = pl.read_parquet(results.manifest)
    new = (manifest["label"] % labels).cast(pl.Int32)
    for condition in CONDITIONS:
        for net in ("net_a", "net_b"):
            path = results.scores(net, condition)
            scores = pl.read_parquet(path)
            right = (scores["prediction"] == manifest["label"]).to_numpy()
            wrong = (new.to_numpy() + 1) % labels
            made = pl.Series(np.where(right, new.to_numpy(), wrong), dtype=pl.Int32)
            scores.with_columns(prediction=made).write_parquet(path)
    manifest.with_columns(label=new).write_parquet(results.manifest)
    join_scores(results, CONDITIONS)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    made = write_experiment(tmp_path_factory.mktemp("labels"), CONDITIONS, 150, seed=1)
    relabel(made, LABELS)
    write_splits(made, 0.2, seed=0)
    write_labels(made, CONDITIONS, include_clean=False)
    return made


def row(results: Results, task: str, source: str, variant: str) -> dict:
    return read_table(results.table("label"), UNITS).row(
        by_predicate=(pl.col("task_model") == task)
        & (pl.col("quality_source") == source)
        & (pl.col("quality_variant") == variant),
        named=True,
    )


def reference(results: Results, task: str, source: str, variant: str) -> np.ndarray:
    """(AUC, CE) of each label by scikit-learn, read without the panel, [label, 2]."""
    labels = pl.read_parquet(results.manifest)["label"].to_numpy()
    test = pl.read_parquet(results.splits)["is_test"].to_numpy()
    found = []
    for label in range(LABELS):
        parts = {False: ([], []), True: ([], [])}
        for condition in CONDITIONS[1:]:
            q = pl.read_parquet(results.scores(source, condition))[variant].to_numpy()
            m = pl.read_parquet(results.scores(task, condition))["prediction"].to_numpy() == labels
            for held_out, (qs, ms) in parts.items():
                mine = (labels == label) & (test == held_out)
                qs.extend(q[mine].astype(float))
                ms.extend(m[mine])
        (q0, m0), (q1, m1) = ((np.array(q), np.array(m)) for q, m in parts.values())
        mean, sd = q0.mean(), q0.std()
        model = LogisticRegression(tol=1e-10, max_iter=10_000).fit(((q0 - mean) / sd)[:, None], m0)
        p = model.predict_proba(((q1 - mean) / sd)[:, None])[:, 1]
        found.append((roc_auc_score(m1, p), log_loss(m1, p)))
    return np.array(found)


@pytest.mark.parametrize(
    ("task", "source", "variant"),
    [("net_a", "good", "score"), ("net_b", "noise", "score"), ("net_b", "dual", "entropy")],
)
def test_row_equals_scikit_learn(results: Results, task: str, source: str, variant: str) -> None:
    ours, wanted = row(results, task, source, variant), reference(results, task, source, variant)
    assert ours["mean_auc"] == pytest.approx(wanted[:, 0].mean(), abs=1e-9)
    assert ours["sd_auc"] == pytest.approx(wanted[:, 0].std(ddof=1), abs=1e-9)
    assert ours["mean_ce"] == pytest.approx(wanted[:, 1].mean(), abs=1e-6)
    assert ours["sd_ce"] == pytest.approx(wanted[:, 1].std(ddof=1), abs=1e-6)
    assert (ours["n_units"], ours["n_skipped"], ours["reason"]) == (LABELS, 0, "")


def test_all_rows_pool_labels_metrics_and_networks(results: Results) -> None:
    """The paper's mAUC of 2.2: over labels, no-reference metrics and networks."""
    pairs = [(net, metric) for net in ("net_a", "net_b") for metric in ("good", "noise")]
    each = {pair: reference(results, *pair, "score")[:, 0] for pair in pairs}
    for task, source, pooled in (
        ("all", "all", pairs),
        ("net_a", "all", pairs[:2]),
        ("all", "good", pairs[::2]),
    ):
        values = np.concatenate([each[pair] for pair in pooled])
        ours = row(results, task, source, "score")
        assert ours["mean_auc"] == pytest.approx(values.mean(), abs=1e-9)
        assert ours["sd_auc"] == pytest.approx(values.std(ddof=1), abs=1e-9)
        assert ours["n_units"] == values.size


def test_every_pair_has_a_row_and_totals_follow(results: Results) -> None:
    frame = read_table(results.table("label"), UNITS)
    assert frame.height == 2 * (2 + 2 * 3 + 5) + 2 + 2 + 1
    assert frame.row(-1)[:3] == ("all", "all", "score")


def test_known_structure_is_found(results: Results) -> None:
    assert row(results, "all", "good", "score")["mean_auc"] > 0.65
    assert abs(row(results, "all", "noise", "score")["mean_auc"] - 0.5) < 0.1


def test_clean_joins_by_the_switch(results: Results) -> None:
    before = results.table("label").read_bytes()
    write_labels(results, CONDITIONS, include_clean=True)
    after = results.table("label").read_bytes()
    results.table("label").write_bytes(before)
    assert after != before


def test_the_table_depends_on_no_thread(results: Results) -> None:
    before = results.table("label").read_bytes()
    write_labels(results, CONDITIONS, include_clean=False, threads=3)
    assert results.table("label").read_bytes() == before


def test_skipped_units_are_counted_with_their_reason() -> None:
    """Five units by hand: estimable, and one for each reason but the solver's."""
    unit = np.repeat(np.arange(5), 8)
    test = np.tile([False] * 4 + [True] * 4, 5)
    test[8:16], test[16:24] = False, True
    m = np.tile([False, True, False, True], 10)
    m[24:28] = True
    m[36:40] = False
    q = np.tile([1.0, 2.0, 3.0, 4.0], 10)
    found = judge(q, m, part(unit, test))
    assert found.why.tolist() == [0, 1, 2, 3, 4]
    assert found.auc[0] == 0.75
    assert np.isnan(found.auc[1:]).all()
    assert np.isfinite(found.ce).tolist() == [True, False, False, False, True]
    cells = summarise(Judged(*(values[:, None] for values in found)), "labels")
    assert (cells["mean_auc"], cells["sd_auc"]) == (0.75, None)
    assert cells["mean_ce"] == pytest.approx(found.ce[0])
    assert (cells["n_units"], cells["n_skipped"]) == (1, 4)
    assert cells["reason"] == (
        "labels skipped: no held-out rows (1), no training rows (1), "
        "M constant in the training rows (1), M constant in the held-out rows (1); "
        "no sd: one unit only"
    )


def test_orientation_is_learnt_on_the_training_rows() -> None:
    """Q falls with M in training and rises in the held-out rows: an AUC of 0, not of 1."""
    q = np.array([1.0, 2.0, 3.0, 4.0, 1.0, 2.0])
    m = np.array([True, True, False, False, False, True])
    found = judge(q, m, part(np.zeros(6, dtype=int), np.arange(6) > 3))
    assert found.auc.tolist() == [0.0]


def test_constant_quality_has_the_auc_of_chance() -> None:
    m = np.array([True, False, True, False])
    found = judge(np.ones(4), m, part(np.zeros(4, dtype=int), np.arange(4) > 1))
    assert found.auc.tolist() == [0.5]


def test_labels_of_one_picture_are_not_estimable(tmp_path: Path) -> None:
    made = write_experiment(tmp_path, CONDITIONS, 10, seed=2)
    write_splits(made, 0.2, seed=0)
    write_labels(made, CONDITIONS, include_clean=False)
    ours = row(made, "net_a", "good", "score")
    assert (ours["mean_auc"], ours["mean_ce"], ours["n_units"]) == (None, None, 0)
    assert ours["reason"] == "labels skipped: no held-out rows (8), no training rows (2)"


def test_unlabelled_pictures_are_refused(tmp_path: Path) -> None:
    made = write_experiment(tmp_path, CONDITIONS, 5, seed=2)
    write_splits(made, 0.2, seed=0)
    frame = pl.read_parquet(made.manifest)
    frame.with_columns(label=pl.lit(None, pl.Int32)).write_parquet(made.manifest)
    with pytest.raises(UserError, match="have no label"):
        write_labels(made, CONDITIONS, include_clean=False)


def test_a_split_of_other_pictures_is_refused(tmp_path: Path) -> None:
    made = write_experiment(tmp_path, CONDITIONS, 5, seed=2)
    write_splits(made, 0.2, seed=0)
    read_table(made.splits, SPLITS).head(4).write_parquet(made.splits)
    with pytest.raises(ContractError, match="does not hold the manifest's 5 pictures"):
        write_labels(made, CONDITIONS, include_clean=False)


def test_pairs_follow_the_panel(results: Results) -> None:
    """A pair's row is that pair's: the networks' rows differ."""
    panel = Panel(results.root, CONDITIONS[1:])
    assert (panel.correct("net_a") != panel.correct("net_b")).any()
    a, b = row(results, "net_a", "good", "score"), row(results, "net_b", "good", "score")
    assert a["mean_auc"] != b["mean_auc"]
