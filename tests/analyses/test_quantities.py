"""What claims compare equals the tables, and its spread that of resampled pictures."""

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score
from synthetic import join_scores, label_few, write_experiment

from causal_iqa.analyses.claims.claim_quantities import MEASURES, ClaimData
from causal_iqa.analyses.content.compute import Control, write_content
from causal_iqa.analyses.content.schema import CONTENT
from causal_iqa.analyses.mixtures.compute import write_mixtures
from causal_iqa.analyses.mixtures.draws import draw_mixtures
from causal_iqa.analyses.mixtures.schema import MIXTURE_AUC
from causal_iqa.analyses.per_unit_fits import Pair
from causal_iqa.analyses.per_unit_schema import UNITS
from causal_iqa.analyses.pooled.compute import write_pooled
from causal_iqa.analyses.pooled.schema import POOLED
from causal_iqa.core.conditions import CORRUPTIONS, grid
from causal_iqa.core.contract import Results, read_table
from causal_iqa.data.folds import write_splits_rows
from causal_iqa.data.splits import write_splits
from causal_iqa.statistics import NotEstimable
from causal_iqa.statistics.influence import minus, normal_interval

CONDITIONS = grid(CORRUPTIONS[:4], range(1, 6))
PICTURES = 150
PAIRS = [
    Pair(task_model, source, variant)
    for task_model in ("net_a", "net_b")
    for source, variant in (
        *(("good", "score"), ("noise", "score")),
        *(("net_a", "entropy"), ("dual", "max_logit")),
    )
]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    made = write_experiment(tmp_path_factory.mktemp("quantities"), CONDITIONS, PICTURES, seed=5)
    label_few(made, CONDITIONS, 12)
    join_scores(made, CONDITIONS)
    write_splits(made, 0.2, seed=0)
    write_splits_rows(made, CONDITIONS, seed=0)
    draw_mixtures(made, CONDITIONS, seeds=range(2))
    for table in ("nr_iqa", "strong", "weak"):
        write_pooled(made, table, CONDITIONS, include_clean=False, seed=0, resamples=100)
    write_content(made, "content_image", CONDITIONS, Control(), include_clean=True)
    write_content(made, "content_label", CONDITIONS, Control(), include_clean=True)
    write_mixtures(made, CONDITIONS)
    return made


def experiment_of(results: Results) -> ClaimData:
    options = {"include_clean": False, "control": Control(), "seed": 0, "resamples": 300}
    return ClaimData(results, CONDITIONS, **options)


@pytest.fixture(scope="module")
def found(results: Results) -> dict[Pair, dict]:
    experiment = experiment_of(results)
    rows: dict[Pair, dict] = {pair: {} for pair in PAIRS}
    for measure in MEASURES:
        for pair, row in experiment.measure(measure, PAIRS, threads=2).items():
            rows[pair] |= row
    return rows


def row_of(results: Results, table: str, schema: dict, pair: Pair) -> dict:
    frame = read_table(results.table(table), schema).filter(**pair._asdict())
    if "solver" in frame.columns:
        frame = frame.filter(solver="converged")
    return frame.row(0, named=True)


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_values_are_those_of_the_tables(results: Results, found: dict, pair: Pair) -> None:
    table = {"good": "nr_iqa", "noise": "nr_iqa", "dual": "weak"}.get(pair[1], "strong")
    pooled = row_of(results, table, POOLED, pair)
    image = row_of(results, "content_image", CONTENT, pair)
    label = row_of(results, "content_label", CONTENT, pair)
    mixture = row_of(results, "mixtures_mean", UNITS, pair)
    expected = {
        "auc": pooled["auc"],
        "ce_gain": pooled["ce_base"] - pooled["ce"],
        "srcc": abs(pooled["srcc"]),
        "image_auc": image["mean_auc"],
        "image_sd": image["sd_auc"],
        "label_auc": label["mean_auc"],
        "mixture_auc": mixture["mean_auc"],
    }
    for name, value in expected.items():
        assert found[pair][name].value == pytest.approx(value, abs=1e-10), name


def test_values_follow_the_controls_switches(results: Results) -> None:
    control = Control("stratified", "row", "half", seed=2)
    before = [results.table(f"content_{by}").read_bytes() for by in ("image", "label")]
    write_content(results, "content_image", CONDITIONS, control, include_clean=True)
    write_content(results, "content_label", CONDITIONS, control, include_clean=True)
    wanted = [row_of(results, f"content_{by}", CONTENT, PAIRS[0]) for by in ("image", "label")]
    for by, content in zip(("image", "label"), before, strict=True):
        results.table(f"content_{by}").write_bytes(content)
    experiment = experiment_of(results)
    experiment.control = control
    found = [experiment.measure(measure, PAIRS[:1], 1)[PAIRS[0]] for measure in MEASURES[2:4]]
    for measured, row in zip(found, wanted, strict=True):
        name = "image_auc" if "image_auc" in measured else "label_auc"
        assert measured[name].value == pytest.approx(row["mean_auc"], abs=1e-10)


@pytest.mark.parametrize("pair", PAIRS[:2], ids="-".join)
def test_change_and_sd_over_mixtures(results: Results, found: dict, pair: Pair) -> None:
    rows = read_table(results.table("mixtures"), MIXTURE_AUC).filter(**pair._asdict())
    known = rows.drop_nulls("auc")
    slope = np.polyfit(known["p_c"], known["auc"], 1)[0]
    change = found[pair]["mixture_change"]
    assert change.value == pytest.approx(slope * (0.20 - 0.01), abs=1e-10)
    by_share = known.group_by("p_c").agg(pl.col("auc").mean())
    assert found[pair]["mixture_sd"].value == pytest.approx(by_share["auc"].std(), abs=1e-10)


def held_out(results: Results, source: str, task_model: str) -> tuple[np.ndarray, np.ndarray]:
    experiment = experiment_of(results)
    rows = experiment.pooled
    q = experiment.panel.quality(source, "score")[rows][:, experiment.is_test]
    return q, experiment.panel.correct(task_model)[rows][:, experiment.is_test]


def test_paired_difference_against_resampled_pictures(results: Results, found: dict) -> None:
    """Brute force over the 30 held-out pictures: scikit-learn's AUC of both scores."""
    (good, m), (noise, _) = (held_out(results, s, "net_a") for s in ("good", "noise"))
    signs = [
        np.sign(row_of(results, "nr_iqa", POOLED, Pair("net_a", s, "score"))["slope"])
        for s in ("good", "noise")
    ]
    rng = np.random.default_rng(0)
    samples = []
    for _ in range(500):
        drawn = rng.integers(m.shape[1], size=m.shape[1])
        areas = [
            roc_auc_score(m[:, drawn].ravel(), sign * q[:, drawn].ravel())
            for q, sign in zip((good, noise), signs, strict=True)
        ]
        samples.append(areas[0] - areas[1])
    pair = [found[Pair("net_a", s, "score")]["auc"] for s in ("good", "noise")]
    lo, hi = normal_interval(minus(*pair))
    assert (lo, hi) == pytest.approx(np.quantile(samples, (0.025, 0.975)), abs=0.025)


@pytest.mark.slow
def test_mixtures_against_resampled_pictures(results: Results, found: dict) -> None:
    """Brute force: a resampled picture brings its rows in all mixtures."""
    experiment = experiment_of(results)
    drawn = pl.read_parquet(results.mixtures)
    test = pl.Series(np.array(experiment.panel.image_ids)[experiment.is_test])
    places = {tuple(c): k for k, c in enumerate(CONDITIONS)}
    q = experiment.panel.quality("good", "score")[:, experiment.is_test]
    m = experiment.panel.correct("net_b")[:, experiment.is_test]
    mixtures = [
        [places[row] for row in part.select("corruption", "severity").iter_rows()]
        for part in drawn.filter(pl.col("image_id").is_in(test.implode())).partition_by(
            "p_c", "seed", maintain_order=True
        )
    ]
    pictures = np.arange(test.len())
    mixed = [(q[rows, pictures], m[rows, pictures]) for rows in mixtures]
    rng = np.random.default_rng(1)
    means = []
    while len(means) < 300:
        again = rng.integers(test.len(), size=test.len())
        if (
            min(y[again].mean() for _, y in mixed) > 0
            and max(y[again].mean() for _, y in mixed) < 1
        ):
            means.append(np.mean([roc_auc_score(y[again], x[again]) for x, y in mixed]))
    estimate = found[Pair("net_b", "good", "score")]["mixture_auc"]
    assert estimate.value == pytest.approx(np.mean(means), abs=0.02)
    lo, hi = normal_interval(estimate)
    assert hi - lo == pytest.approx(2 * 1.96 * np.std(means), rel=0.25)


def test_what_cannot_be_estimated_says_why(results: Results) -> None:
    """One class of M within every picture but under no picture's own doing."""
    experiment = experiment_of(results)
    always = {name: np.ones((len(CONDITIONS), PICTURES), bool) for name in ("net_a", "net_b")}
    experiment.panel.correct = always.__getitem__  # type: ignore[method-assign]
    pair = Pair("net_a", "good", "score")
    for measure in MEASURES:
        row = experiment.measure(measure, [pair], threads=1)[pair]
        for name in measure.quantities:
            if name != "ce_gain":
                assert isinstance(row[name], NotEstimable), name
                assert row[name].reason
