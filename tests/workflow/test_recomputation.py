"""Tables of an import, computed again from its score files by scikit-learn and SciPy alone.

Nothing of the project is used to compute: the score files, the splits and the contract's text are.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
import pytest
from samples import ROOT
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from small_project import Project, make_project

pytestmark = pytest.mark.slow
PICTURES, CLASSES = 240, 8
AUC, CE = 1e-6, 1e-4
PAIRS = [
    ("nr_iqa", "net_a", "metric_a", "score"),
    ("nr_iqa", "net_f", "metric_d", "score"),
    ("strong", "net_b", "net_b", "entropy"),
    ("strong", "net_c", "net_e", "max_logit"),
    ("weak", "net_a", "encoder", "max_prob"),
    ("weak", "net_d", "encoder", "entropy_t"),
]


WITH_REASONS = (
    *("nr_iqa", "strong", "weak", "label", "content_image", "content_label"),
    *("mixtures", "mixtures_mean", "associations", "solver_audit"),
)
"""Tables in which an empty estimate is explained in its row."""
LOOKED_AT = ("desiderata_sensitivity", "published")


class Study(NamedTuple):
    """A finished run, and the scores it was given."""

    results: Path
    scores: Path
    labels: np.ndarray
    ids: list[str]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Every table that is looked at here, of a generated import: 240 pictures of 8 classes."""
    project: Project = make_project(tmp_path_factory.mktemp("study"))
    folder = project.root / "elsewhere"
    made = [ROOT / "benchmarks" / "make_scores.py", folder]
    sizes = ["--pictures", str(PICTURES), "--classes", str(CLASSES)]
    subprocess.run([sys.executable, *made, *sizes], check=True)
    project.write(
        {
            "experiment": "small",
            "scores": {"import": "elsewhere"},
            "analysis": {"resamples": 100},
            "figures": {"dpi": 50},
            "paper": {"permutations": 20, "mixture_seeds": 2},
        }
    )
    project.run(*(f"results/small/tables/{name}.csv" for name in (*WITH_REASONS, *LOOKED_AT)))
    manifest = pl.read_parquet(folder / "manifest.parquet")
    return Study(
        project.results,
        folder / "scores",
        manifest["label"].to_numpy(),
        manifest["image_id"].to_list(),
    )


def conditions(study: Study, clean: bool) -> list[tuple[str, int]]:
    found = [
        (path.parent.name, int(path.stem))
        for path in (study.scores / "net_a").glob("*/*.parquet")
        if clean or path.parent.name != "clean"
    ]
    return sorted(found)


def column(study: Study, scorer: str, name: str, clean: bool) -> np.ndarray:
    """[condition, picture]"""
    files = (study.scores / scorer / c / f"{s}.parquet" for c, s in conditions(study, clean))
    return np.stack([pl.read_parquet(file)[name].to_numpy() for file in files])


def q_and_m(study: Study, pair: tuple, clean: bool = False) -> tuple[np.ndarray, np.ndarray]:
    _, task, source, variant = pair
    q = column(study, source, variant, clean).astype(np.float64)
    return q, column(study, task, "prediction", clean) == study.labels


def fit(q: np.ndarray, m: np.ndarray) -> tuple[LogisticRegression, float, float]:
    """The contract's converged fit: penalty w^2 / 2 on the slope of standardised Q, C = 1."""
    mean, sd = q.mean(), q.std()
    model = LogisticRegression(tol=1e-12, max_iter=10_000, solver="newton-cholesky")
    return model.fit((q[:, None] - mean) / sd, m), mean, sd


def judged(
    q: np.ndarray, m: np.ndarray, train: np.ndarray, test: np.ndarray
) -> tuple[float, float]:
    """AUC and CE on the rows ``test`` of the fit to the rows ``train``."""
    model, mean, sd = fit(q[train], m[train])
    z = (q[test][:, None] - mean) / sd
    area = roc_auc_score(m[test], model.decision_function(z))
    return area, log_loss(m[test], model.predict_proba(z)[:, 1], labels=[False, True])


def table(study: Study, name: str) -> pl.DataFrame:
    return pl.read_csv(study.results / "tables" / f"{name}.csv", infer_schema_length=None)


def row(study: Study, name: str, pair: tuple, **more: str) -> dict:
    _, task, source, variant = pair
    named = {"task_model": task, "quality_source": source, "quality_variant": variant}
    return table(study, name).filter(**named, **more).row(0, named=True)


def is_test(study: Study) -> np.ndarray:
    splits = pl.read_parquet(study.results / "splits.parquet").sort("image_id")
    return splits["is_test"].to_numpy()


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_pooled_fits(study: Study, pair: tuple) -> None:
    q, m = q_and_m(study, pair)
    test = np.broadcast_to(is_test(study), q.shape)
    found = row(study, pair[0], pair, solver="converged")
    area, ce = judged(q.ravel(), m.ravel(), ~test.ravel(), test.ravel())
    assert found["auc"] == pytest.approx(area, abs=AUC)
    assert found["ce"] == pytest.approx(ce, abs=CE)
    model, _, sd = fit(q[~test], m[~test])
    assert found["slope"] == pytest.approx(model.coef_[0, 0] / sd, rel=1e-5)
    rate = m[~test].mean()
    assert found["ce_base"] == pytest.approx(log_loss(m[test], np.full(test.sum(), rate)), abs=CE)
    default = LogisticRegression().fit(q[~test][:, None], m[~test])
    theirs = row(study, pair[0], pair, solver="sklearn")
    p = default.predict_proba(q[test][:, None])[:, 1]
    assert theirs["ce"] == pytest.approx(log_loss(m[test], p), abs=CE)
    sign = np.sign(default.coef_[0, 0])
    assert theirs["auc"] == pytest.approx(roc_auc_score(m[test], sign * q[test]), abs=AUC)
    for ends in (("auc_lo", "auc_hi"), ("auc_cluster_lo", "auc_cluster_hi")):
        assert found[ends[0]] <= found["auc"] <= found[ends[1]]


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_group_correlations(study: Study, pair: tuple) -> None:
    q, m = q_and_m(study, pair)
    found = row(study, pair[0], pair, solver="converged")
    for name, test in (
        ("krcc", stats.kendalltau),
        ("plcc", stats.pearsonr),
        ("srcc", stats.spearmanr),
    ):
        expected = test(q.mean(axis=1), m.mean(axis=1))
        assert found[name] == pytest.approx(expected.statistic, abs=AUC)
        assert found[f"{name}_p"] == pytest.approx(expected.pvalue, rel=1e-4, abs=1e-12)


@pytest.mark.parametrize("name", ["nr_iqa", "strong", "weak"])
def test_holm_over_the_tables_pairs(study: Study, name: str) -> None:
    rows = table(study, name).filter(solver="converged")
    for coefficient in ("krcc", "plcc", "srcc"):
        p = rows[f"{coefficient}_p"].to_numpy()
        order = np.argsort(p)
        stepped = np.maximum.accumulate((len(p) - np.arange(len(p))) * p[order])
        adjusted = np.empty_like(p)
        adjusted[order] = np.minimum(stepped, 1)
        assert rows[f"{coefficient}_p_holm"].to_numpy() == pytest.approx(adjusted, rel=1e-9)


def cross_validated(
    q: np.ndarray, m: np.ndarray, unit: np.ndarray, folds: np.ndarray
) -> tuple[float, float, int]:
    """Mean AUC and CE over units of the means over folds, and the folds that were skipped."""
    areas, losses, skipped = [], [], 0
    for u in np.unique(unit):
        mine = []
        for k in np.unique(folds):
            train, test = (unit == u) & (folds != k), (unit == u) & (folds == k)
            if {m[train].sum(), m[test].sum()} & {0} or m[train].all() or m[test].all():
                skipped += 1
                continue
            mine.append(judged(q, m, train, test))
        if mine:
            areas.append(np.mean([area for area, _ in mine]))
            losses.append(np.mean([loss for _, loss in mine]))
    return float(np.mean(areas)), float(np.mean(losses)), skipped


def test_content_within_labels(study: Study) -> None:
    pair = PAIRS[1]
    q, m = q_and_m(study, pair, clean=True)
    splits = pl.read_parquet(study.results / "splits.parquet").sort("image_id")
    labels, folds = (np.tile(v, len(q)) for v in (study.labels, splits["label_fold"].to_numpy()))
    area, loss, skipped = cross_validated(q.ravel(), m.ravel(), labels, folds)
    found = row(study, "content_label", pair)
    assert found["mean_auc"] == pytest.approx(area, abs=AUC)
    assert found["mean_ce"] == pytest.approx(loss, abs=CE)
    assert found["n_skipped"] == skipped


def test_content_within_pictures(study: Study) -> None:
    pair = PAIRS[3]
    q, m = q_and_m(study, pair, clean=True)
    rows = pl.read_parquet(study.results / "splits_rows.parquet").filter(image_id=study.ids[0])
    fold = {(c, s): f for c, s, f in rows.select("corruption", "severity", "image_fold").rows()}
    folds = np.repeat([fold[c] for c in conditions(study, clean=True)], len(study.ids))
    pictures = np.tile(np.arange(len(study.ids)), len(q))
    area, loss, skipped = cross_validated(q.ravel(), m.ravel(), pictures, folds)
    found = row(study, "content_image", pair)
    assert found["mean_auc"] == pytest.approx(area, abs=AUC)
    assert found["mean_ce"] == pytest.approx(loss, abs=CE)
    assert found["n_skipped"] == skipped


def test_predictability_within_labels(study: Study) -> None:
    pair = PAIRS[0]
    q, m = q_and_m(study, pair)
    test = np.broadcast_to(is_test(study), q.shape).ravel()
    labels = np.tile(study.labels, len(q))
    each = [
        judged(q.ravel(), m.ravel(), (labels == y) & ~test, (labels == y) & test)
        for y in range(CLASSES)
    ]
    found = row(study, "label", pair)
    assert found["mean_auc"] == pytest.approx(np.mean([area for area, _ in each]), abs=AUC)
    assert found["sd_auc"] == pytest.approx(np.std([area for area, _ in each], ddof=1), abs=AUC)
    assert found["mean_ce"] == pytest.approx(np.mean([loss for _, loss in each]), abs=CE)


def test_mixtures(study: Study) -> None:
    pair = PAIRS[2]
    named = conditions(study, clean=True)
    q, m = q_and_m(study, pair, clean=True)
    drawn = pl.read_parquet(study.results / "mixtures.parquet")
    for p_c, seed in ((0.2, 0), (0.05, 1)):
        mine = drawn.filter(p_c=p_c, seed=seed).sort("image_id")
        assert (mine["severity"] > 0).sum() == round(p_c * PICTURES)
        places = [named.index(pair) for pair in mine.select("corruption", "severity").iter_rows()]
        pictures = np.arange(PICTURES)
        test = is_test(study)
        area, loss = judged(q[places, pictures], m[places, pictures], ~test, test)
        found = table(study, "mixtures").filter(
            p_c=p_c,
            seed=seed,
            task_model=pair[1],
            quality_source=pair[2],
            quality_variant=pair[3],
        )
        assert found["auc"].item() == pytest.approx(area, abs=AUC)
        assert found["ce"].item() == pytest.approx(loss, abs=CE)


def test_associations(study: Study) -> None:
    pair = PAIRS[4]
    q, m = q_and_m(study, pair)
    found = table(study, "associations").filter(
        task_model=pair[1], quality_source=pair[2], quality_variant=pair[3]
    )
    marginal = found.filter(within="all")["somers_d"].item()
    assert marginal == pytest.approx(2 * roc_auc_score(m.ravel(), q.ravel()) - 1, abs=AUC)
    pairs = won = 0.0
    for k in range(len(q)):
        n = float(m[k].sum() * (~m[k]).sum())
        pairs += n
        won += n * (2 * roc_auc_score(m[k], q[k]) - 1)
    within = found.filter(within="condition")["somers_d"].item()
    assert within == pytest.approx(won / pairs, abs=AUC)


def test_sensitivity(study: Study) -> None:
    source = column(study, "metric_b", "score", clean=True).astype(np.float64)
    named = conditions(study, clean=True)
    clean = source[named.index(("clean", 0))]
    fog = np.stack([clean, *(source[named.index(("fog", s))] for s in range(1, 6))])
    taus = [stats.kendalltau(np.arange(6), fog[:, i]).statistic for i in range(PICTURES)]
    found = table(study, "desiderata_sensitivity").filter(
        quality_source="metric_b", corruption="fog"
    )
    assert found["tau"].item() == pytest.approx(np.mean(taus), abs=AUC)
    both = np.concatenate([clean, fog[3]])
    expected = roc_auc_score(np.repeat([1, 0], PICTURES), both)
    assert found["auroc_3"].item() == pytest.approx(expected, abs=AUC)


def test_synthetic_scores_are_not_held_against_the_papers(study: Study) -> None:
    published = table(study, "published")
    assert published["within"].null_count() == published.height
    assert (published["reason"] != "").all()


def test_the_papers_page_can_be_had_of_an_import(study: Study) -> None:
    """And takes the tables that are there as they are."""
    jobs = Project(study.results.parents[1]).would_run("paper")
    assert jobs["paper_page"] == 1
    assert not {"import_scores", "panel", "analyse_strong", "analyse_mixtures"} & jobs.keys()


def test_what_is_empty_has_a_reason(study: Study) -> None:
    """An estimate that is missing is explained in its row, in every table."""
    for name in WITH_REASONS:
        rows = table(study, name)
        numbers = [c for c, kind in rows.schema.items() if kind.is_float()]
        empty = rows.filter(pl.any_horizontal(pl.col(numbers).is_null()))
        unexplained = empty.filter(pl.col("reason").is_null() | (pl.col("reason") == ""))
        assert unexplained.is_empty(), (name, unexplained.head(2).to_dicts())
