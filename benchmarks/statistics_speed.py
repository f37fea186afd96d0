"""Time the statistics against the libraries they replace; print a Markdown table.

    python benchmarks/statistics_speed.py [--quick]

OPENBLAS_NUM_THREADS=1 gives scikit-learn its best times on small fits.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from causal_iqa.statistics.auc import auc_groups, delong_interval
from causal_iqa.statistics.bootstrap import ResampledAuc, draw_units, resampled_mean
from causal_iqa.statistics.correlation import bootstrap_correlations
from causal_iqa.statistics.logistic import fit_logistic, fit_logistic_groups, log_losses

ROWS_A_FIT = 61  # four fifths of a picture's 76 conditions
GROUPS = 75  # conditions in a correlation
TASK_MODELS = 6  # that share the ranks of a quality score


def seconds(work: Callable[[], object]) -> float:
    """Wall time of the second call; the first compiles and warms up."""
    work()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def simulate(n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    q = rng.normal(size=n)
    return q, (rng.random(n) < 1 / (1 + np.exp(-0.6 * q))).astype(int)


def small_fits(n_fits: int) -> list[tuple[str, float, float]]:
    """Fit and AUC of a few dozen rows, many times over."""
    q, m = simulate(n_fits * ROWS_A_FIT)
    offsets = np.arange(n_fits + 1) * ROWS_A_FIT
    few = [slice(i * ROWS_A_FIT, (i + 1) * ROWS_A_FIT) for i in range(50)]

    def sklearn_fits() -> None:
        for rows in few:
            LogisticRegression(tol=1e-8).fit(q[rows, None], m[rows])

    def sklearn_aucs() -> None:
        for rows in few:
            roc_auc_score(m[rows], q[rows])

    ours_fit = seconds(lambda: fit_logistic_groups(q, m, offsets)) / n_fits
    ours_auc = seconds(lambda: auc_groups(q, m, offsets)) / n_fits
    return [
        (f"logistic fit, {ROWS_A_FIT} rows", ours_fit, seconds(sklearn_fits) / len(few)),
        (f"AUC, {ROWS_A_FIT} rows", ours_auc, seconds(sklearn_aucs) / len(few)),
    ]


def pooled(n: int, resamples: int) -> list[tuple[str, float, float]]:
    """One large fit, and a resample of the AUC and cross-entropy of six task models."""
    q, m = simulate(n)
    all_m = np.repeat(m[None], TASK_MODELS, axis=0)
    ids = np.arange(n) // (GROUPS + 1)
    losses = log_losses(fit_logistic(q, m), q, m)

    def naive() -> None:
        rows = np.random.default_rng(0).integers(0, n, size=n)
        roc_auc_score(m[rows], q[rows])
        losses[rows].mean()

    def naive_clusters() -> None:
        drawn = np.random.default_rng(0).integers(0, ids[-1] + 1, size=ids[-1] + 1)
        rows = (drawn[:, None] * (GROUPS + 1) + np.arange(GROUPS + 1)).ravel()
        rows = rows[rows < n]
        roc_auc_score(m[rows], q[rows])
        losses[rows].mean()

    def counted(cluster_ids: np.ndarray | None) -> float:
        drawn = draw_units(cluster_ids, n, resamples, np.random.default_rng(0))
        areas = ResampledAuc(all_m, drawn)
        all_losses = np.repeat(losses[None], TASK_MODELS, axis=0)
        work = seconds(lambda: (areas(q), resampled_mean(all_losses, drawn)))
        return work / resamples / TASK_MODELS

    sklearn_fit = seconds(lambda: LogisticRegression(tol=1e-8).fit(q[:, None], m))
    one = seconds(naive)
    return [
        (f"logistic fit, {n:,} rows", seconds(lambda: fit_logistic(q, m)), sklearn_fit),
        (f"resample of AUC + CE of a pair, {n:,} points", counted(None), one),
        (
            f"resample of AUC + CE of a pair, {ids[-1] + 1:,} clusters",
            counted(ids),
            seconds(naive_clusters),
        ),
        (
            f"DeLong interval, {n:,} rows, against 1000 resamples",
            seconds(lambda: delong_interval(q, m)),
            1000 * one,
        ),
    ]


def correlations(resamples: int) -> list[tuple[str, float, float]]:
    """The bootstrap of three correlations over the groups."""
    rng = np.random.default_rng(0)
    q = rng.normal(size=GROUPS)
    m = q + rng.normal(size=GROUPS)

    def scipy_loop() -> None:
        for _ in range(resamples):
            rows = rng.integers(0, GROUPS, size=GROUPS)
            for test in (stats.kendalltau, stats.pearsonr, stats.spearmanr):
                test(q[rows], m[rows])

    ours = seconds(lambda: bootstrap_correlations(q, m, None, resamples, rng))
    return [
        (f"{resamples} resamples of 3 correlations, {GROUPS} groups", ours, seconds(scipy_loop))
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small sizes, a few seconds")
    quick = parser.parse_args().quick
    rows = [
        *small_fits(2_000 if quick else 50_000),
        *pooled(50_000 if quick else 760_000, 5 if quick else 50),
        *correlations(100 if quick else 1000),
    ]
    print("| work | here | scikit-learn, SciPy | ratio |\n|---|---|---|---|")
    for name, ours, theirs in rows:
        print(f"| {name} | {1e3 * ours:.3g} ms | {1e3 * theirs:.3g} ms | {theirs / ours:.3g} |")


if __name__ == "__main__":
    main()
