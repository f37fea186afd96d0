"""A score that is not defined for some pictures: who is left out of what, against oracles.

Pooled rows equal scikit-learn's and SciPy's on the rows that are left. What needs complete pictures
equals what an experiment without those pictures gives. The other scores' rows do not change.
"""

import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.preprocessing import StandardScaler
from synthetic import join_scores, label_few, undefine, write_experiment

from causal_iqa.analyses.accuracy_beyond.compute import write_accuracy_beyond
from causal_iqa.analyses.associations.compute import write_associations
from causal_iqa.analyses.claims.claim_quantities import MEASURES, ClaimData
from causal_iqa.analyses.content.compute import Control, write_content
from causal_iqa.analyses.content.schema import CONTENT
from causal_iqa.analyses.desiderata.compute import Limits, write_desiderata
from causal_iqa.analyses.labels.compute import write_labels
from causal_iqa.analyses.mixtures.compute import write_mixtures
from causal_iqa.analyses.mixtures.draws import draw_mixtures
from causal_iqa.analyses.mixtures.schema import MIXTURE_AUC
from causal_iqa.analyses.mixtures.score_density import write_mixture_density
from causal_iqa.analyses.per_unit_fits import Pair
from causal_iqa.analyses.per_unit_schema import UNITS
from causal_iqa.analyses.pooled.compute import write_pooled
from causal_iqa.analyses.pooled.schema import POOLED
from causal_iqa.analyses.solver_audit.compute import write_solver_audit
from causal_iqa.analyses.solver_audit.schema import SOLVER_AUDIT
from causal_iqa.core.conditions import CORRUPTIONS, Condition, grid
from causal_iqa.core.contract import Results, read_table
from causal_iqa.core.errors import UserError
from causal_iqa.data.condition_means import write_groups
from causal_iqa.data.folds import write_splits_rows
from causal_iqa.data.panel import above_limit, write_panel
from causal_iqa.data.schema import CONDITION_MEANS
from causal_iqa.data.splits import write_splits
from causal_iqa.statistics.influence import normal_interval
from causal_iqa.statistics.logistic import fit_logistic, predict

CONDITIONS = grid(CORRUPTIONS[:5], (1, 2, 3))
PICTURES, LABELS = 60, 3
LOST = {
    Condition("gaussian_noise", 1): ["id0003", "id0017"],
    Condition("gaussian_noise", 3): ["id0017"],
    Condition("impulse_noise", 2): ["id0003", "id0017", "id0041", "id0058"],
    Condition("clean", 0): ["id0020"],
}
GONE = sorted({name for ids in LOST.values() for name in ids})
GOOD = [Pair(net, "good", "score") for net in ("net_a", "net_b")]


def make(root: Path) -> Results:
    made = write_experiment(root, CONDITIONS, PICTURES, seed=12)
    label_few(made, CONDITIONS, LABELS)
    write_splits(made, 0.3, seed=0)
    write_splits_rows(made, CONDITIONS, seed=0)
    draw_mixtures(made, CONDITIONS, seeds=range(2), shares=(0.1, 0.15, 0.2))
    return made


def analyse(results: Results) -> Results:
    """Every table and file of the analyses."""
    join_scores(results, CONDITIONS, 0.1)
    options = {"include_clean": False, "seed": 0, "resamples": 200}
    for table in ("nr_iqa", "strong", "weak"):
        write_pooled(results, table, CONDITIONS, **options)
    write_groups(results, CONDITIONS)
    for control, suffix in ((Control(degenerate_folds="half"), "_half"), (Control(), "")):
        for name in ("content_image", "content_label"):
            write_content(results, name, CONDITIONS, control, include_clean=True)
            results.table(name).rename(results.table(f"{name}{suffix}"))
    write_labels(results, CONDITIONS, include_clean=True)
    write_mixtures(results, CONDITIONS)
    write_mixture_density(results, CONDITIONS)
    write_associations(results, CONDITIONS, include_clean=True, seed=0, permutations=30)
    tables = ("nr_iqa", "strong", "weak")
    limits = Limits(0.3, 0.6, 0.6, 0.5)
    write_desiderata(results, CONDITIONS, limits, tables=tables, seed=0, resamples=100)
    write_accuracy_beyond(results, CONDITIONS, **options)
    write_solver_audit(results, CONDITIONS, tables=tables, include_clean=False)
    return results


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Nothing is undefined."""
    return analyse(make(tmp_path_factory.mktemp("whole")))


@pytest.fixture(scope="module")
def holed(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """``good`` is undefined as LOST says."""
    made = make(tmp_path_factory.mktemp("holed"))
    undefine(made, "good", LOST)
    return analyse(made)


@pytest.fixture(scope="module")
def reduced(holed: Results, tmp_path_factory: pytest.TempPathFactory) -> Results:
    """The experiment without the pictures that LOST names, whatever the condition."""
    root = tmp_path_factory.mktemp("reduced")
    made = Results(root / "copy")
    shutil.copytree(holed.root, made.root, ignore=shutil.ignore_patterns("tables", "panel"))
    files = [made.manifest, made.splits, made.splits_rows, made.mixtures]
    for path in [*files, *made.root.glob("scores/*/*/*.parquet")]:
        pl.read_parquet(path).filter(~pl.col("image_id").is_in(GONE)).write_parquet(path)
    return analyse(made)


def of(results: Results, table: str, source: str = "good") -> pl.DataFrame:
    return pl.read_csv(results.table(table), infer_schema_length=None).filter(quality_source=source)


def test_other_scores_are_not_touched(whole: Results, holed: Results) -> None:
    for table in [path.stem for path in whole.root.glob("tables/*.csv")]:
        if table == "accuracy":
            assert whole.table(table).read_bytes() == holed.table(table).read_bytes()
            continue
        for source in ("noise", "net_a", "net_b", "dual"):
            before, after = of(whole, table, source), of(holed, table, source)
            tested = [name for name in before.columns if name.endswith("_p_holm")]
            assert_frame_equal(before.drop(tested), after.drop(tested))


@pytest.mark.parametrize("task", ["net_a", "net_b"])
def test_pooled_rows_equal_scikit_learn_and_scipy_on_the_rows_left(
    holed: Results, task: str
) -> None:
    labels = pl.read_parquet(holed.manifest)["label"].to_numpy()
    is_test = pl.read_parquet(holed.splits)["is_test"].to_numpy()
    parts: dict[bool, list[tuple[float, bool]]] = {False: [], True: []}
    means = []
    for condition in CONDITIONS[1:]:
        q = pl.read_parquet(holed.scores("good", condition))["score"].to_list()
        predictions = pl.read_parquet(holed.scores(task, condition))["prediction"]
        rows = [
            (value, right, held)
            for value, right, held in zip(q, predictions == labels, is_test, strict=True)
            if value is not None
        ]
        means.append((np.mean([v for v, *_ in rows]), np.mean([r for _, r, _ in rows])))
        for value, right, held in rows:
            parts[bool(held)].append((value, right))
    (q, m), (test_q, test_m) = (np.array(parts[held]).T for held in (False, True))
    scaler = StandardScaler().fit(q[:, None])
    oracle = LogisticRegression(tol=1e-10, max_iter=10_000).fit(scaler.transform(q[:, None]), m)
    p = oracle.predict_proba(scaler.transform(test_q[:, None]))[:, 1]
    default = LogisticRegression().fit(q[:, None], m)
    found = of(holed, "nr_iqa").filter(task_model=task)
    ours = found.row(by_predicate=pl.col("solver") == "converged", named=True)
    assert (ours["n_train"], ours["n_test"]) == (len(q), len(test_q))
    assert len(q) + len(test_q) == 15 * PICTURES - 7
    assert ours["auc"] == pytest.approx(roc_auc_score(test_m, p), abs=1e-12)
    assert ours["ce"] == pytest.approx(log_loss(test_m, p), abs=1e-7)
    assert ours["slope"] == pytest.approx(oracle.coef_[0, 0] / scaler.scale_[0], rel=1e-5)
    rate = m.mean()
    base = -np.mean(np.where(test_m == 1, np.log(rate), np.log(1 - rate)))
    assert ours["ce_base"] == pytest.approx(base, abs=1e-9)
    assert ours["auc_cluster_lo"] < ours["auc"] < ours["auc_cluster_hi"]
    plain = found.row(by_predicate=pl.col("solver") == "sklearn", named=True)
    assert plain["slope"] == pytest.approx(default.coef_[0, 0], rel=1e-9)
    for name, test in (
        ("krcc", stats.kendalltau),
        ("plcc", stats.pearsonr),
        ("srcc", stats.spearmanr),
    ):
        estimate, p_value = test(*np.array(means).T)
        assert ours[name] == pytest.approx(estimate, abs=1e-12)
        assert ours[f"{name}_p"] == pytest.approx(p_value, rel=1e-9)
    audit = read_table(holed.table("solver_audit"), SOLVER_AUDIT)
    fit = audit.filter(task_model=task, quality_source="good", solver="converged").row(
        0, named=True
    )
    assert fit["converged"] and fit["gradient_left"] < 1e-6


def test_group_means_are_over_the_pictures_with_a_value(holed: Results) -> None:
    groups = read_table(holed.groups, CONDITION_MEANS).filter(scorer="good")
    for condition in CONDITIONS:
        row = groups.row(
            by_predicate=(pl.col("corruption") == condition.corruption)
            & (pl.col("severity") == condition.severity),
            named=True,
        )
        scores = pl.read_parquet(holed.scores("good", condition))["score"].cast(pl.Float64)
        assert row["n"] == PICTURES - len(LOST.get(condition, []))
        assert row["mean"] == pytest.approx(scores.mean(), rel=1e-12)


@pytest.mark.parametrize(
    "table",
    [
        *("content_image", "content_image_half", "mixtures", "mixtures_mean", "associations"),
        *("desiderata", "desiderata_sensitivity"),
    ],
)
def test_what_needs_complete_pictures_equals_an_experiment_without_the_others(
    holed: Results, reduced: Results, table: str
) -> None:
    ours, theirs = of(holed, table), of(reduced, table)
    assert ours.height > 0
    aside = [
        name
        for name in ours.columns
        if name.startswith("d3_") or name in ("reason", "d1_least_condition")
    ]
    assert_frame_equal(ours.drop(aside), theirs.drop(aside), rel_tol=1e-12)
    if not table.startswith("desiderata"):
        assert ours["reason"].str.contains(f"{PICTURES - len(GONE)} left").all()


def test_associations_count_the_pictures_that_are_left(holed: Results) -> None:
    found = of(holed, "associations")
    assert found.filter(within="picture")["n_strata"].unique().to_list() == [PICTURES - len(GONE)]


def test_mixture_densities_are_of_the_complete_pictures(holed: Results, reduced: Results) -> None:
    ours, theirs = (
        pl.read_parquet(results.mixture_density).filter(quality_source="good")
        for results in (holed, reduced)
    )
    assert_frame_equal(ours, theirs, rel_tol=1e-12)


def test_a_lost_picture_is_no_unit_though_folds_count_as_half(holed: Results) -> None:
    rows = read_table(holed.table("content_image_half"), CONTENT)
    assert rows.filter(quality_source="good")["n_units"].unique().to_list() == [
        PICTURES - len(GONE)
    ]
    assert rows.filter(quality_source="noise")["n_units"].unique().to_list() == [PICTURES]


@pytest.mark.parametrize("task", ["net_a", "net_b"])
def test_labels_equal_loops_over_the_rows_left(holed: Results, task: str) -> None:
    labels = pl.read_parquet(holed.manifest).select("image_id", "label")
    rows = pl.concat(
        pl.read_parquet(holed.scores("good", c))
        .select("image_id", q=pl.col("score").cast(pl.Float64))
        .join(pl.read_parquet(holed.scores(task, c)).select("image_id", "prediction"), "image_id")
        for c in CONDITIONS
    )
    rows = rows.join(labels, "image_id").join(pl.read_parquet(holed.splits), "image_id")
    rows = rows.with_columns(m=pl.col("prediction") == pl.col("label")).drop_nulls("q")
    whole, folded = [], []
    for _, mine in rows.group_by("label"):
        test = pl.col("is_test")
        whole.append(_auc(mine.filter(~test), mine.filter(test)))
        folds = [
            _auc(mine.filter(pl.col("label_fold") != k), mine.filter(pl.col("label_fold") == k))
            for k in range(5)
        ]
        folded.append(np.mean(folds))
    for table, schema, areas in (("label", UNITS, whole), ("content_label", CONTENT, folded)):
        frame = read_table(holed.table(table), schema)
        row = frame.filter(task_model=task, quality_source="good").row(0, named=True)
        assert row["mean_auc"] == pytest.approx(np.mean(areas), abs=1e-9)
        assert f"Q is not defined in 8 of {16 * PICTURES} rows" in row["reason"]


def _auc(train: pl.DataFrame, test: pl.DataFrame) -> float:
    fit = fit_logistic(train["q"].to_numpy(), train["m"].to_numpy())
    return float(roc_auc_score(test["m"], predict(fit, test["q"].to_numpy())))


def test_accuracy_beyond_is_judged_on_the_rows_left(holed: Results) -> None:
    labels = pl.read_parquet(holed.manifest)["label"]
    is_test = pl.read_parquet(holed.splits)["is_test"]
    right, n = 0, 0
    for condition in CONDITIONS[1:]:
        held = is_test & pl.read_parquet(holed.scores("good", condition))["score"].is_not_null()
        hits = pl.read_parquet(holed.scores("net_a", condition))["prediction"] == labels
        right, n = right + (hits & held).sum(), n + held.sum()
    row = of(holed, "accuracy_beyond").row(
        by_predicate=(pl.col("task_model") == "net_a") & (pl.col("band") == "all"), named=True
    )
    assert row["n_rows"] == n
    assert row["accuracy"] == pytest.approx(right / n, abs=1e-12)
    average = of(holed, "accuracy_beyond", "average")
    assert average.filter(band="all")["n_rows"].unique().to_list() == [n]


def experiment(results: Results, control: Control) -> ClaimData:
    options = {"include_clean": False, "control": control, "seed": 0, "resamples": 50}
    return ClaimData(results, CONDITIONS, **options)


def test_a_lost_picture_has_no_part_in_a_claim_though_folds_count_as_half(
    holed: Results, reduced: Results
) -> None:
    (measure,) = (measure for measure in MEASURES if "image_auc" in measure.quantities)
    half = Control(degenerate_folds="half")
    row, without = (
        experiment(results, half).measure(measure, GOOD, 1)[GOOD[0]] for results in (holed, reduced)
    )
    for name in measure.quantities:
        assert row[name].value == pytest.approx(without[name].value, abs=1e-12)
        assert row[name].n_units == without[name].n_units == PICTURES - len(GONE)


def test_claims_compare_what_the_tables_say(holed: Results, reduced: Results) -> None:
    ours, theirs = experiment(holed, Control()), experiment(reduced, Control())
    found: dict[str, object] = {}
    for measure in MEASURES:
        row, without = (which.measure(measure, GOOD, 1)[GOOD[0]] for which in (ours, theirs))
        found |= row
        if measure.quantities[0] in ("image_auc", "mixture_auc"):
            for name in measure.quantities:
                assert row[name].value == pytest.approx(without[name].value, abs=1e-12)
                assert row[name].n_units == without[name].n_units
                assert normal_interval(row[name]) == pytest.approx(normal_interval(without[name]))
    fit = of(holed, "nr_iqa").filter(task_model="net_a", solver="converged").row(0, named=True)
    assert found["auc"].value == pytest.approx(fit["auc"], abs=1e-12)
    assert found["ce_gain"].value == pytest.approx(fit["ce_base"] - fit["ce"], abs=1e-12)
    assert found["srcc"].value == pytest.approx(abs(fit["srcc"]), abs=1e-12)
    label = of(holed, "content_label").filter(task_model="net_a").row(0, named=True)
    assert found["label_auc"].value == pytest.approx(label["mean_auc"], abs=1e-9)
    mixtures = read_table(holed.table("mixtures"), MIXTURE_AUC)
    mean = mixtures.filter(task_model="net_a", quality_source="good")["auc"].mean()
    held_out = pl.read_parquet(holed.splits).filter("is_test", ~pl.col("image_id").is_in(GONE))
    assert set(mixtures.filter(quality_source="good")["n_pictures"]) == {held_out.height}
    assert found["mixture_auc"].value == pytest.approx(mean, abs=1e-12)


def test_a_picture_that_keeps_some_rows_is_still_one_cluster(
    whole: Results, tmp_path: Path
) -> None:
    """All rows of a held-out picture lost: one cluster less, the rest as before."""
    made = make(tmp_path)
    held = pl.read_parquet(made.splits).filter("is_test")["image_id"][0]
    undefine(made, "good", {condition: [held] for condition in CONDITIONS})
    join_scores(made, CONDITIONS, 0.1)
    write_pooled(made, "nr_iqa", CONDITIONS, include_clean=False, seed=0, resamples=200)
    row = of(made, "nr_iqa").row(0, named=True)
    before = of(whole, "nr_iqa").row(0, named=True)
    assert row["n_test"] == before["n_test"] - 15 and row["n_train"] == before["n_train"]
    assert row["auc_cluster_lo"] < row["auc"] < row["auc_cluster_hi"]
    assert read_table(made.table("nr_iqa"), POOLED).height == 8


def test_more_than_the_limit_is_refused_with_ids(tmp_path: Path) -> None:
    made = make(tmp_path)
    undefine(made, "good", LOST)
    with pytest.raises(UserError, match=r"good/clean/0\.parquet.*1 of 60 .*1\.7%.*1\.0%.*id0020"):
        write_panel(made, "good", CONDITIONS, max_undefined=0.01)
    write_panel(made, "good", CONDITIONS, max_undefined=4 / 60)
    assert above_limit(made.panel("good"), 4 / 60) == []
    assert above_limit(made.panel("good"), 0.05) == ["impulse_noise/2"]
    assert above_limit(made.panel("noise"), 0.0) == []


def test_a_score_with_no_row_left_says_so(tmp_path: Path) -> None:
    made = make(tmp_path)
    train = pl.read_parquet(made.splits).filter(~pl.col("is_test"))["image_id"].to_list()
    undefine(made, "good", {condition: train for condition in CONDITIONS})
    join_scores(made, CONDITIONS, 0.9)
    write_pooled(made, "nr_iqa", CONDITIONS, include_clean=False, seed=0, resamples=200)
    rows = of(made, "nr_iqa")
    assert rows["auc"].null_count() == 4
    assert rows["reason"].str.contains("Q is not defined for any of the training pictures").all()
