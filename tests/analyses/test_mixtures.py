"""Mildly corrupted mixtures: what is drawn, and the tables against scikit-learn."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.stats import chisquare, gaussian_kde
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from synthetic import join_scores, write_experiment

from causal_iqa.analyses.mixtures.compute import write_mixtures
from causal_iqa.analyses.mixtures.draws import SHARES, draw_mixtures
from causal_iqa.analyses.mixtures.schema import MIXTURE_AUC, MIXTURE_DENSITY, MIXTURES
from causal_iqa.analyses.mixtures.score_density import (
    Bounds,
    bounds,
    density_curves,
    write_mixture_density,
)
from causal_iqa.analyses.per_unit_schema import UNITS
from causal_iqa.core.conditions import CORRUPTIONS, grid
from causal_iqa.core.contract import ContractError, Results, read_table, write_table
from causal_iqa.core.errors import UserError
from causal_iqa.data.splits import write_splits
from causal_iqa.statistics import NotEstimable
from causal_iqa.statistics.density import gaussian_density, scott_bandwidth

CONDITIONS = grid(CORRUPTIONS[:4], range(1, 6))
PICTURES = 230
SEEDS = (0, 1, 5)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    made = write_experiment(tmp_path_factory.mktemp("mixtures"), CONDITIONS, PICTURES, seed=4)
    write_splits(made, 0.2, seed=0)
    draw_mixtures(made, CONDITIONS, seeds=SEEDS)
    write_mixtures(made, CONDITIONS)
    return made


def test_exactly_the_share_is_corrupted(results: Results) -> None:
    frame = read_table(results.mixtures, MIXTURES)
    assert frame.height == len(SHARES) * len(SEEDS) * PICTURES
    counts = frame.group_by("p_c", "seed").agg(
        n=pl.len(), ids=pl.col("image_id").n_unique(), bad=(pl.col("corruption") != "clean").sum()
    )
    assert counts.height == len(SHARES) * len(SEEDS)
    for p_c, _, n, ids, bad in counts.iter_rows():
        assert (n, ids, bad) == (PICTURES, PICTURES, round(p_c * PICTURES))
    assert (frame.filter(pl.col("severity") == 0)["corruption"] == "clean").all()
    assert sorted(frame["severity"].unique()) == [0, 1, 2, 3]


def test_conditions_are_drawn_evenly(results: Results) -> None:
    frame = read_table(results.mixtures, MIXTURES).filter(pl.col("corruption") != "clean")
    counts = frame.group_by("corruption", "severity").len()
    assert counts.height == 4 * 3
    assert chisquare(counts["len"].to_numpy()).pvalue > 1e-3


def test_mixtures_are_drawn_apart(results: Results) -> None:
    """Seeds and shares draw different pictures, and not nested ones."""
    frame = read_table(results.mixtures, MIXTURES).filter(pl.col("corruption") != "clean")
    sets = {
        key: set(part["image_id"])
        for key, part in frame.partition_by("p_c", "seed", as_dict=True).items()
    }
    assert sets[0.2, 0] != sets[0.2, 1]
    assert not sets[0.1, 0] <= sets[0.2, 0]


def test_a_mixture_does_not_depend_on_the_others(results: Results, tmp_path: Path) -> None:
    alone = Results(tmp_path)
    alone.manifest.write_bytes(results.manifest.read_bytes())
    draw_mixtures(alone, CONDITIONS[::-1], seeds=[5], shares=[0.07])
    all_of_them = read_table(results.mixtures, MIXTURES)
    wanted = all_of_them.filter((pl.col("p_c") == 0.07) & (pl.col("seed") == 5))
    assert read_table(alone.mixtures, MIXTURES).equals(wanted)


@pytest.mark.parametrize(
    ("p_c", "seed", "task", "source", "variant"),
    [(0.01, 0, "net_a", "good", "score"), (0.2, 5, "net_b", "net_a", "max_prob")],
)
def test_row_equals_scikit_learn(
    results: Results, p_c: float, seed: int, task: str, source: str, variant: str
) -> None:
    drawn = read_table(results.mixtures, MIXTURES).filter(
        (pl.col("p_c") == p_c) & (pl.col("seed") == seed)
    )
    labels = pl.read_parquet(results.manifest)["label"]
    test = pl.read_parquet(results.splits)["is_test"].to_numpy()
    q, m = [], []
    for k, (_, _, image_id, corruption, severity) in enumerate(drawn.iter_rows()):
        folder = results.root / "scores"
        score = pl.read_parquet(folder / source / corruption / f"{severity}.parquet")
        answer = pl.read_parquet(folder / task / corruption / f"{severity}.parquet")
        q.append(score.filter(image_id=image_id)[variant][0])
        m.append(answer.filter(image_id=image_id)["prediction"][0] == labels[k])
    scores, right = np.array(q), np.array(m)
    z = ((scores - scores[~test].mean()) / scores[~test].std())[:, None]
    model = LogisticRegression(tol=1e-10, max_iter=10_000).fit(z[~test], right[~test])
    p = model.predict_proba(z[test])[:, 1]
    ours = read_table(results.table("mixtures"), MIXTURE_AUC).row(
        by_predicate=(pl.col("p_c") == p_c)
        & (pl.col("seed") == seed)
        & (pl.col("task_model") == task)
        & (pl.col("quality_source") == source)
        & (pl.col("quality_variant") == variant),
        named=True,
    )
    assert ours["auc"] == pytest.approx(roc_auc_score(right[test], p), abs=1e-12)
    assert ours["ce"] == pytest.approx(log_loss(right[test], p), abs=1e-6)
    assert ours["reason"] == ""


def test_every_mixture_and_pair_has_a_row(results: Results) -> None:
    frame = read_table(results.table("mixtures"), MIXTURE_AUC)
    assert frame.height == len(SHARES) * len(SEEDS) * 2 * (2 + 2 * 3 + 5)
    assert frame.select("p_c", "seed").equals(frame.select("p_c", "seed").sort("p_c", "seed"))


def test_rows_say_of_how_many_held_out_pictures_they_are(results: Results) -> None:
    frame = read_table(results.table("mixtures"), MIXTURE_AUC)
    held_out = int(pl.read_parquet(results.splits)["is_test"].sum())
    assert frame["n_pictures"].unique().to_list() == [held_out]


def test_means_are_over_shares_and_seeds(results: Results) -> None:
    rows = read_table(results.table("mixtures"), MIXTURE_AUC)
    means = read_table(results.table("mixtures_mean"), UNITS)
    for source in ("good", "noise"):
        mine = rows.filter(pl.col("quality_source") == source)
        ours = means.filter((pl.col("task_model") == "all") & (pl.col("quality_source") == source))
        assert ours["mean_auc"][0] == pytest.approx(mine["auc"].mean())
        assert ours["sd_auc"][0] == pytest.approx(mine["auc"].std())
        assert ours["mean_ce"][0] == pytest.approx(mine["ce"].mean())
        assert ours["n_units"][0] == 2 * len(SHARES) * len(SEEDS)


def test_known_structure_is_found(results: Results) -> None:
    means = read_table(results.table("mixtures_mean"), UNITS)
    auc = {(r[0], r[1], r[2]): r[3] for r in means.iter_rows()}
    assert auc["net_a", "net_a", "max_prob"] > auc["net_a", "good", "score"] > 0.55
    assert abs(auc["all", "noise", "score"] - 0.5) < 0.12


def test_tables_depend_on_no_thread(results: Results) -> None:
    names = ("mixtures", "mixtures_mean")
    before = [results.table(name).read_bytes() for name in names]
    write_mixtures(results, CONDITIONS, threads=3)
    assert [results.table(name).read_bytes() for name in names] == before


def test_one_class_of_m_is_said(tmp_path: Path) -> None:
    made = write_experiment(tmp_path, CONDITIONS, 12, seed=2)
    labels = pl.read_parquet(made.manifest)["label"]
    for condition in CONDITIONS:
        path = made.scores("net_a", condition)
        pl.read_parquet(path).with_columns(prediction=labels).write_parquet(path)
    join_scores(made, CONDITIONS)
    write_splits(made, 0.2, seed=0)
    draw_mixtures(made, CONDITIONS, seeds=[0], shares=[0.1])
    write_mixtures(made, CONDITIONS)
    rows = read_table(made.table("mixtures"), MIXTURE_AUC).filter(task_model="net_a")
    assert rows["auc"].null_count() == rows["ce"].null_count() == rows.height
    assert set(rows["reason"]) == {"M constant in the training rows"}
    means = read_table(made.table("mixtures_mean"), UNITS).filter(task_model="net_a")
    assert set(means.head(13)["reason"]) == {
        "mixtures skipped: M constant in the training rows (1)"
    }


def test_without_a_mild_condition_nothing_is_drawn(results: Results) -> None:
    with pytest.raises(UserError, match="a corruption at severity 1 to 3"):
        draw_mixtures(results, grid(CORRUPTIONS, [4, 5]), seeds=[0])


@pytest.mark.parametrize("fault", ["condition", "picture"])
def test_faulty_mixtures_are_refused(results: Results, fault: str) -> None:
    before = results.mixtures.read_bytes()
    frame = read_table(results.mixtures, MIXTURES)
    if fault == "condition":
        frame = frame.with_columns(
            corruption=pl.when(pl.col("corruption") == CORRUPTIONS[0])
            .then(pl.lit("fog"))
            .otherwise("corruption")
        )
    else:
        frame = frame.slice(1)
    write_table(frame, results.mixtures, MIXTURES)
    words = "none of the experiment's conditions" if fault == "condition" else "p_c 0.01, seed 0"
    try:
        with pytest.raises(ContractError, match=words):
            write_mixtures(results, CONDITIONS)
    finally:
        results.mixtures.write_bytes(before)


def test_density_is_scipys() -> None:
    values = np.random.default_rng(0).gamma(2.0, size=500)
    points = np.linspace(-2, 12, 60)
    assert gaussian_density(values, points) == pytest.approx(
        gaussian_kde(values)(points), abs=1e-12
    )
    assert scott_bandwidth(values) == pytest.approx(np.sqrt(gaussian_kde(values).covariance[0, 0]))


@pytest.mark.parametrize(
    ("low", "high", "values"),
    [
        (0.0, 1.0, np.random.default_rng(0).beta(0.6, 0.4, 30)),
        (0.0, np.inf, np.random.default_rng(1).exponential(2.0, 100)),
        (-np.inf, 1.0, 1 - np.random.default_rng(2).exponential(2.0, 100)),
        (0.0, 1.0, [0.0, 1.0]),  # a bandwidth of half the scale: kernels reach over both bounds
    ],
)
def test_a_bounded_density_has_all_of_its_mass_within_the_bounds(
    low: float, high: float, values: np.ndarray
) -> None:
    inside = np.linspace(max(low, -30), min(high, 30), 20_001)
    density = gaussian_density(values, inside, low, high)
    assert np.trapezoid(density, inside) == pytest.approx(1, abs=1e-5)
    beyond = np.array([edge for edge in (low - 0.01, high + 0.01) if np.isfinite(edge)])
    assert gaussian_density(values, beyond, low, high).tolist() == [0.0] * beyond.size


def test_far_from_its_bounds_a_density_is_as_without() -> None:
    values = np.random.default_rng(0).normal(5, 0.1, size=200)
    points = np.linspace(4, 6, 50)
    assert gaussian_density(values, points, 0, 10).tolist() == (
        gaussian_density(values, points).tolist()
    )


def test_a_density_refuses_values_beyond_its_bounds() -> None:
    with pytest.raises(ValueError, match=r"lie beyond 0 to 1"):
        gaussian_density([0.5, 1.5], [0.0], 0, 1)


@pytest.mark.parametrize(
    ("variant", "value_range", "expected"),
    [
        ("max_prob_t", None, (0, 1)),
        ("entropy", None, (0, np.log(1000))),
        ("max_logit", None, (-np.inf, np.inf)),
        ("score", "0 to 100", (0, 100)),
        ("score", "~0 to ~80 dB", (-np.inf, np.inf)),
        ("score", "~0 to 1", (-np.inf, 1)),
        ("score", None, (-np.inf, np.inf)),
        ("score", "as its authors say", (-np.inf, np.inf)),
    ],
)
def test_bounds_are_those_of_what_a_score_is(variant: str, value_range, expected) -> None:
    assert bounds(variant, value_range, 1000) == pytest.approx(expected)


def test_curves_of_a_bounded_score_stay_within_its_bounds() -> None:
    values = np.random.default_rng(0).beta(0.6, 0.4, 30)
    ((grid, density),) = density_curves([values], Bounds(0, 1))
    assert (grid[0], grid[-1]) == (0, 1)
    assert np.trapezoid(density, grid) == pytest.approx(1, abs=1e-3)


def test_a_bound_that_a_score_lies_beyond_is_none_but_for_rounding() -> None:
    values = np.array([0.2, 0.9, 1.0 + 1e-7])
    assert density_curves([values], Bounds(0, 1))[0][0][-1] == 1
    assert density_curves([values + 0.1], Bounds(0, 1))[0][0][-1] > 1.1


def test_constant_values_have_no_density() -> None:
    with pytest.raises(NotEstimable, match="all 3 values are 2"):
        gaussian_density([2.0, 2.0, 2.0], [0.0])


def test_density_curves_are_of_the_first_mixture_of_each_share(results: Results) -> None:
    write_mixture_density(results, CONDITIONS)
    curves = read_table(results.mixture_density, MIXTURE_DENSITY)
    assert curves["seed"].unique().to_list() == [SEEDS[0]]
    assert curves.height == len(SHARES) * (2 + 2 * 3 + 5) * 256
    drawn = read_table(results.mixtures, MIXTURES).filter(
        (pl.col("p_c") == 0.2) & (pl.col("seed") == 0)
    )
    scores = {
        c: pl.read_parquet(results.scores("noise", c))["score"].to_numpy() for c in CONDITIONS
    }
    used = drawn.select("corruption", "severity").iter_rows()
    q = np.array([scores[condition][k] for k, condition in enumerate(used)], dtype=np.float64)
    mine = curves.filter((pl.col("quality_source") == "noise") & (pl.col("p_c") == 0.2))
    wanted = gaussian_kde(q)(mine["quality"].to_numpy())
    assert mine["density"].to_numpy() == pytest.approx(wanted, abs=1e-12)
    area = np.trapezoid(mine["density"].to_numpy(), mine["quality"].to_numpy())
    assert area == pytest.approx(1, abs=0.01)


def test_a_constant_score_has_an_empty_density(tmp_path: Path) -> None:
    made = write_experiment(tmp_path, CONDITIONS, 12, seed=2)
    for condition in CONDITIONS:
        path = made.scores("good", condition)
        pl.read_parquet(path).with_columns(score=pl.lit(1.5, pl.Float32)).write_parquet(path)
    join_scores(made, CONDITIONS)
    draw_mixtures(made, CONDITIONS, seeds=[0], shares=[0.1])
    write_mixture_density(made, CONDITIONS)
    mine = read_table(made.mixture_density, MIXTURE_DENSITY).filter(quality_source="good")
    assert mine.select("quality", "density").rows() == [(1.5, None)]
