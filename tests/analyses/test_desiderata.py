"""The scorecard against SciPy, DeLong's intervals, hand-made cases and a known structure."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import stats
from synthetic import write_experiment

from causal_iqa.analyses.desiderata.compute import (
    FAILS,
    MEETS,
    UNDECIDED,
    Limits,
    d1_sensitive,
    d2_blind,
    d3_predictive,
    d4_agnostic,
    magnitude,
    verdict,
    write_desiderata,
)
from causal_iqa.analyses.desiderata.figure import MARKS, desiderata_figure, write_desiderata_figure
from causal_iqa.analyses.desiderata.schema import DESIDERATA, DESIDERATA_SENSITIVITY
from causal_iqa.analyses.desiderata.severity_trend import (
    WithInterval,
    clean_against,
    kendall_within_pictures,
    ladders_of,
    resampled_means,
    sensitivity,
)
from causal_iqa.analyses.pooled.compute import write_pooled
from causal_iqa.analyses.pooled.schema import POOLED
from causal_iqa.core.columns import SCORERS
from causal_iqa.core.conditions import CORRUPTIONS, Condition, grid
from causal_iqa.core.contract import Results, read_table, write_table
from causal_iqa.data.panel import Panel
from causal_iqa.data.splits import write_splits
from causal_iqa.report.drawing.figures import drawing
from causal_iqa.report.drawing.score_rows import FEW
from causal_iqa.statistics.auc import auc, delong_interval
from causal_iqa.statistics.resampling import resample_counts

CONDITIONS = grid(CORRUPTIONS[:4], range(1, 6))
THRESHOLDS = Limits(d1_min_abs_tau=0.3, d1_min_auroc=0.6, d3_min_auc=0.55, d3_min_abs_srcc=0.5)
TABLES = ("nr_iqa", "strong", "weak")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    made = write_experiment(tmp_path_factory.mktemp("experiment"), CONDITIONS, 120, seed=1)
    write_splits(made, 0.2, seed=0)
    for table in TABLES:
        write_pooled(made, table, CONDITIONS, include_clean=False, seed=0, resamples=100)
    # An AUC that no converged fit has, to show that these rows are not read.
    spoilt = pl.when(solver="sklearn").then(0.01).otherwise("auc").alias("auc")
    strong = read_table(made.table("strong"), POOLED).with_columns(spoilt)
    write_table(strong, made.table("strong"), POOLED)
    run(made)
    return made


def run(results: Results) -> None:
    write_desiderata(results, CONDITIONS, THRESHOLDS, tables=TABLES, seed=0, resamples=200)


def card(results: Results) -> pl.DataFrame:
    return read_table(results.table("desiderata"), DESIDERATA)


def scored(results: Results, source: str, variant: str) -> dict:
    pair = (pl.col("quality_source") == source) & (pl.col("quality_variant") == variant)
    return card(results).row(by_predicate=pair, named=True)


def test_tau_within_pictures_is_scipys() -> None:
    q = np.random.default_rng(3).integers(0, 4, size=(6, 200)).astype(float)
    q[:, 0] = 2.0  # constant
    q[4:, 1] = np.inf  # PSNR of equal pictures
    tau, constant = kendall_within_pictures(q)
    assert constant.tolist() == [True] + [len(set(column)) == 1 for column in q.T[1:]]
    assert tau[0] == 0
    for k in np.flatnonzero(~constant):
        ranks = stats.rankdata(q[:, k])
        assert tau[k] == pytest.approx(stats.kendalltau(range(6), ranks).statistic, abs=1e-12)


def test_tau_by_hand() -> None:
    rising, tied, falling = [1.0, 2.0, 3.0], [1.0, 1.0, 2.0], [3.0, 2.0, 1.0]
    tau, _ = kendall_within_pictures(np.array([rising, tied, falling]).T)
    assert tau == pytest.approx([1, 2 / np.sqrt(6), -1])


def test_resampled_means_are_those_of_the_drawn_pictures() -> None:
    values = np.random.default_rng(0).normal(size=(3, 9))
    ours = resampled_means(values, 20, np.random.default_rng(5))
    for mean, counts in zip(ours, resample_counts(9, 20, np.random.default_rng(5)), strict=True):
        assert mean == pytest.approx(np.repeat(values, counts, axis=1).mean(axis=1), abs=1e-12)


def ladder_of_scores(pictures: int) -> np.ndarray:
    """Clean and three conditions, [4, picture], rounded so that there are ties."""
    rng = np.random.default_rng(11)
    shift = np.array([0.0, 0.1, 0.6, -0.8])
    content = rng.normal(size=pictures)
    return np.round(content + shift[:, None] + 0.7 * rng.normal(size=(4, pictures)), 1)


def test_clean_against_a_condition_is_delongs_auc_by_picture() -> None:
    q = ladder_of_scores(60)
    areas, errors, mean = clean_against(q[0], q[1:])
    is_clean, ids = np.repeat([1, 0], 60), np.tile(np.arange(60), 2)
    for k, changed in enumerate(q[1:]):
        both = np.concatenate([q[0], changed])
        oracle = delong_interval(both, is_clean, ids)
        assert areas[k] == pytest.approx(auc(both, is_clean), abs=1e-12)
        assert errors[k] == pytest.approx(oracle.se, rel=1e-9)
    assert mean.value == pytest.approx(np.maximum(areas, 1 - areas).mean(), abs=1e-12)


def test_interval_of_the_mean_auroc_is_the_bootstraps() -> None:
    """The conditions share their pictures, so their errors do not average out."""
    q = ladder_of_scores(400)[[0, 2, 3]]
    mean = clean_against(q[0], q[1:])[2]
    rng = np.random.default_rng(2)
    draws = [
        clean_against(*((drawn := q[:, rng.integers(0, 400, 400)])[0], drawn[1:]))[2].value
        for _ in range(400)
    ]
    assert (mean.hi - mean.lo) / (2 * 1.96) == pytest.approx(np.std(draws), rel=0.15)


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ([(0.5, 0.7), (0.8, 0.9)], MEETS),
        ([(0.5, 0.7), (0.5, 0.9)], UNDECIDED),
        ([(0.5, 0.7), (0.2, 0.59)], FAILS),
        ([(0.1, 0.2), (0.8, 0.9)], FAILS),
        ([(0.5, 0.7), (None, None)], UNDECIDED),
        ([(0.1, 0.2), (None, None)], FAILS),
    ],
)
def test_verdict(ends: list, expected: str) -> None:
    """Thresholds 0.5 and 0.6; an end at the threshold clears it."""
    judged = [
        (WithInterval(None, *pair), least) for pair, least in zip(ends, (0.5, 0.6), strict=True)
    ]
    assert verdict(judged) == expected


def test_magnitude() -> None:
    assert magnitude(WithInterval(-0.5, -0.7, -0.2)) == (0.5, 0.2, 0.7)
    assert magnitude(WithInterval(-0.1, -0.3, 0.2)) == (0.1, 0.0, 0.3)
    assert magnitude(WithInterval(-0.1, None, None)) == (0.1, None, None)


def test_signs_that_cancel_are_kept_by_corruption() -> None:
    """A score that rises with two corruptions and falls with the two others."""
    conditions = grid(CORRUPTIONS[:4], range(1, 4))
    way = [1 if c.corruption in CORRUPTIONS[:2] else -1 for c in conditions]
    steps = np.array([w * c.severity for w, c in zip(way, conditions, strict=True)])
    content = 5 * np.random.default_rng(0).normal(size=30)
    found = sensitivity(
        content + steps[:, None], 0, ladders_of(conditions), 50, np.random.default_rng(0)
    )
    assert found.tau.tolist() == [1, 1, -1, -1]
    row = d1_sensitive(found, ladders_of(conditions), 30, THRESHOLDS)
    assert (row["d1_tau"], row["d1_tau_lo"], row["d1_tau_hi"]) == (0, 0, 0)
    assert (row["d1_abs_tau"], row["d1_abs_tau_lo"], row["d1_abs_tau_hi"]) == (1, 1, 1)
    assert (found.auroc[:6] < 0.5).all()
    assert (found.auroc[6:] > 0.5).all()


def test_severities_out_of_order_are_sorted() -> None:
    conditions = [Condition("fog", 3), Condition("clean", 0), Condition("fog", 1)]
    assert ladders_of(conditions) == [("fog", [1, 3], [2, 0])]


def test_a_sensitive_score_meets_d1_and_noise_fails(results: Results) -> None:
    good, noise = scored(results, "good", "score"), scored(results, "noise", "score")
    assert good["d1_verdict"] == MEETS
    assert good["d1_tau"] < -0.5
    assert good["d1_abs_tau_lo"] < good["d1_abs_tau"] < good["d1_abs_tau_hi"]
    assert noise["d1_verdict"] == FAILS
    assert noise["d1_tau_lo"] < 0 < noise["d1_tau_hi"]
    assert noise["d1_auroc_mean"] < 0.55


def test_row_holds_what_the_details_average(results: Results) -> None:
    details = read_table(results.table("desiderata_sensitivity"), DESIDERATA_SENSITIVITY)
    assert details.height == card(results).height * 4
    one = details.filter(quality_source="net_a", quality_variant="entropy")
    row = scored(results, "net_a", "entropy")
    assert row["d1_tau"] == pytest.approx(one["tau"].mean())
    assert row["d1_abs_tau"] == pytest.approx(one["tau"].abs().mean())
    areas = one.select(f"auroc_{s}" for s in range(1, 6)).to_numpy()
    oriented = np.maximum(areas, 1 - areas)
    assert row["d1_auroc_mean"] == pytest.approx(oriented.mean())
    assert row["d1_auroc_least"] == pytest.approx(oriented.min())
    k, severity = np.unravel_index(oriented.argmin(), oriented.shape)
    assert row["d1_least_condition"] == f"{one['corruption'][int(k)]}/{severity + 1}"
    q = Panel(results.root, CONDITIONS).quality("net_a", "entropy")
    fog = [q[[0, *range(1, 6)], k] for k in range(120)]
    expected = np.mean([stats.kendalltau(range(6), column).statistic for column in fog])
    assert one["tau"][0] == pytest.approx(expected, abs=1e-12)


def fits(aucs: dict[str, float | None], circular: str = "") -> pl.DataFrame:
    rows = [
        {
            **dict.fromkeys(POOLED),
            "task_model": name,
            "circular": name == circular,
            "auc": value,
            **dict(auc_cluster_lo=0.5, auc_cluster_hi=0.9, srcc=-0.8),
            **dict(srcc_corr_lo=-0.9, srcc_corr_hi=-0.6, reason="" if value else "one class"),
        }
        for name, value in aucs.items()
    ]
    return pl.DataFrame(rows, schema=POOLED)


def test_d3_is_that_of_the_lower_median_task_model() -> None:
    found = d3_predictive(fits({"a": 0.9, "b": 0.6, "c": 0.7, "d": 0.8}), THRESHOLDS, True)
    assert (found["d3_task_model"], found["d3_auc"], found["d3_n_task_models"]) == ("c", 0.7, 4)
    assert found["d3_verdict"] == UNDECIDED  # the AUC's interval starts at 0.5
    lower = THRESHOLDS._replace(d3_min_auc=0.5)
    assert d3_predictive(fits({"a": 0.9}), lower, True)["d3_verdict"] == MEETS
    higher = lower._replace(d3_min_abs_srcc=0.95)
    assert d3_predictive(fits({"a": 0.9}), higher, True)["d3_verdict"] == FAILS


def test_d3_does_not_count_a_correlation_against_the_scores_own_scale() -> None:
    """The SRCC of ``fits`` is -0.8 [-0.9, -0.6], its AUC's interval clears 0.5."""
    limits = THRESHOLDS._replace(d3_min_auc=0.5)
    table = fits({"a": 0.9})
    with_it, unknown, against = (d3_predictive(table, limits, x) for x in (True, None, False))
    assert [row["d3_verdict"] for row in (with_it, unknown, against)] == [MEETS, MEETS, FAILS]
    assert [row["d3_reason"] for row in (with_it, unknown)] == ["", ""]
    assert against["d3_reason"] == (
        "by its own scale higher is better, here accuracy falls with it"
    )
    assert against["d3_srcc"] == -0.8


def test_the_scorecard_shows_signs_and_what_is_reversed(results: Results) -> None:
    frame, scorers = card(results), read_table(results.scorers, SCORERS)
    signs = pl.Series([0.7 if k % 2 else -0.7 for k in range(frame.height)])
    frame = frame.with_columns(d3_srcc=signs, d3_srcc_lo=signs - 0.1, d3_srcc_hi=signs + 0.1)
    with drawing("white"):
        figure = desiderata_figure(frame, scorers, THRESHOLDS)
    (axes,) = (axes for axes in figure.axes if axes.get_title(loc="left").startswith("SRCC"))
    drawn = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "o"]
    assert drawn == signs.to_list()
    lower = frame["quality_variant"].str.starts_with("entropy").to_list()
    wrong = sum((sign > 0) == low for sign, low in zip(signs, lower, strict=True))
    assert [text.get_text() for text in axes.texts].count("reversed") == wrong
    note = figure.legends[0].get_title().get_text().replace("\n", " ")
    assert "D1: 120 pictures. SRCC: 4 corruptions: too few to tell. Grey: too few." in note


@pytest.mark.parametrize(
    ("pictures", "corruptions", "grey"),
    [(30, 10, []), (29, 15, ["d1", "d3"]), (400, 9, ["d3"])],
)
def test_verdicts_on_too_few_are_grey(
    results: Results, pictures: int, corruptions: int, grey: list[str]
) -> None:
    frame = card(results).with_columns(
        n_pictures=pl.lit(pictures), n_corruptions=pl.lit(corruptions)
    )
    with drawing("white"):
        figure = desiderata_figure(frame, read_table(results.scorers, SCORERS), THRESHOLDS)
    marks = [line for ax in figure.axes for line in ax.lines if line.get_markersize() == 7]
    found = [line.get_color() == FEW for line in marks]
    wanted = [name in grey for name in ("d1", "d2", "d3", "d4") for _ in range(frame.height)]
    assert found == wanted


def test_d3_leaves_out_shared_weights_and_what_has_no_auc() -> None:
    found = d3_predictive(fits({"a": 0.9, "b": None, "c": 0.7}, circular="a"), THRESHOLDS, True)
    assert (found["d3_task_model"], found["d3_n_task_models"]) == ("c", 1)
    none = d3_predictive(fits({"a": 0.9}, circular="a"), THRESHOLDS, True)
    assert none["d3_verdict"] == UNDECIDED
    assert none["d3_reason"] == "no task model without weights in common with it"
    assert d3_predictive(fits({"a": None}), THRESHOLDS, True)["d3_reason"] == "one class"


def test_d3_is_read_from_the_tables(results: Results) -> None:
    row = scored(results, "net_a", "entropy")
    pair = read_table(results.table("strong"), POOLED).row(
        by_predicate=(pl.col("task_model") == "net_b")
        & (pl.col("quality_source") == "net_a")
        & (pl.col("quality_variant") == "entropy")
        & (pl.col("solver") == "converged"),
        named=True,
    )
    assert row["d3_task_model"] == "net_b"
    assert (row["d3_auc"], row["d3_auc_lo"]) == (pair["auc"], pair["auc_cluster_lo"])
    assert (row["d3_srcc"], row["d3_srcc_hi"]) == (pair["srcc"], pair["srcc_corr_hi"])


def test_d2_needs_no_reference_but_of_full_reference_metrics() -> None:
    assert d2_blind("fr_metric")["d2_verdict"] == FAILS
    assert {d2_blind(kind)["d2_verdict"] for kind in ("metric", "zero_shot")} == {MEETS}


@pytest.mark.parametrize(
    ("trained", "group", "expected", "shared"),
    [
        (False, None, MEETS, ""),
        (True, None, FAILS, ""),
        (False, "a", FAILS, "net_a"),
        (None, None, UNDECIDED, ""),
        (None, "a", FAILS, "net_a"),
    ],
)
def test_d4_by_the_facts(tmp_path: Path, trained, group, expected: str, shared: str) -> None:
    made = write_experiment(tmp_path, CONDITIONS[:2], 3, seed=0)
    facts = read_table(made.scorers, SCORERS).with_columns(
        trained_on_labels=pl.when(scorer="dual").then(trained).otherwise("trained_on_labels"),
        weights_group=pl.when(scorer="dual").then(pl.lit(group)).otherwise("weights_group"),
    )
    write_table(facts, made.scorers, SCORERS)
    found = d4_agnostic(Panel(made.root, CONDITIONS[:2]), "dual")
    assert (found["d4_verdict"], found["d4_shares_weights_with"]) == (expected, shared)
    assert bool(found["d4_reason"]) == (expected != MEETS)


def test_one_picture_has_values_without_intervals() -> None:
    q = np.array([[3.0], [2.0], [1.0]])
    ladders = ladders_of([Condition("clean", 0), Condition("fog", 1), Condition("fog", 2)])
    found = sensitivity(q, 0, ladders, 10, np.random.default_rng(0))
    row = d1_sensitive(found, ladders, 1, THRESHOLDS)
    assert (row["d1_tau"], row["d1_tau_lo"], row["d1_auroc_mean_hi"]) == (-1, None, None)
    assert row["d1_verdict"] == UNDECIDED
    assert row["d1_reason"] == "one picture gives no interval"


def test_tables_are_the_same_bytes_each_time(results: Results) -> None:
    names = ("desiderata", "desiderata_sensitivity")
    before = [results.table(name).read_bytes() for name in names]
    run(results)
    assert [results.table(name).read_bytes() for name in names] == before


def test_figure_marks_each_verdict_and_shows_each_value(results: Results) -> None:
    frame, scorers = card(results), read_table(results.scorers, SCORERS)
    with drawing("white"):
        axes = desiderata_figure(frame, scorers, THRESHOLDS).axes
    assert len(axes) == 4 + 4 + 2
    drawn = [line.get_marker() for ax in axes for line in ax.lines if line.get_markersize() == 7]
    verdicts = [frame[f"d{k}_verdict"].to_list() for k in range(1, 5)]
    assert drawn == [MARKS[word]["marker"] for column in verdicts for word in column]
    assert len({look["marker"] for look in MARKS.values()}) == 3
    points = [line.get_xdata()[0] for line in axes[0].lines if line.get_marker() == "o"]
    assert points == frame["d1_abs_tau"].to_list()


def test_figure_draws_what_cannot_be_estimated(results: Results, tmp_path: Path) -> None:
    frame = card(results).with_columns(
        d3_auc=pl.lit(None, pl.Float64), d1_abs_tau_lo=pl.lit(None, pl.Float64)
    )
    stem = tmp_path / "desiderata"
    scorers = read_table(results.scorers, SCORERS)
    with drawing("white"):
        axes = desiderata_figure(frame, scorers, THRESHOLDS).axes[0]
    assert len(axes.lines) == 1 + frame.height  # the threshold, and values without intervals
    svg, png = write_desiderata_figure(frame, scorers, THRESHOLDS, stem, "white", 50)
    assert svg.read_text().count("not estimable") == frame.height
    first = svg.read_bytes(), png.read_bytes()
    write_desiderata_figure(frame, scorers, THRESHOLDS, stem, "white", 50)
    assert (svg.read_bytes(), png.read_bytes()) == first
