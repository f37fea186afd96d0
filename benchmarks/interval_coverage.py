"""How often do the tables' 95 % intervals hold what they estimate? Simulated; prints Markdown.

    python benchmarks/interval_coverage.py --trials 600

A trial simulates a panel of pictures under 15 corruptions at 5 severities,

    h(c, s) = -0.6 s + b(c) + 0.3 n(c, s)              what the condition does
    Q = h + a v(i) + 0.8 e                             quality of picture i
    P(M = 1) = 1 / (1 + exp(-(2 + h + k u(i))))        correctness

with b, n, e, u, v standard normal and corr(u, v) = 0.5. Process ``rows``: a = k = 0, so that
all points of a condition are independent. Process ``pictures``: a = 1, k = 1.5, so that what stands
in a picture moves its Q and its M under every condition. The intervals are those that
``analyses.pooled.compute`` writes.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy import stats
from tqdm import tqdm

from causal_iqa.analyses.pooled.compute import Design, HeldOut, correlate_groups, predict_pictures
from causal_iqa.core.seeding import generator
from causal_iqa.statistics.auc import auc, delong_interval
from causal_iqa.statistics.logistic import LogisticFit, log_losses

CORRUPTIONS, SEVERITIES = 15, 5
GROUPS = CORRUPTIONS * SEVERITIES
PROCESSES = {"rows": (0.0, 0.0), "pictures": (1.0, 1.5)}
"""Process -> (a, k): what a picture adds to its Q and to its M."""
LARGE = 20_000
"""Pictures, or corruptions, that stand for infinitely many."""


class Outcome(NamedTuple):
    """One interval of one trial."""

    interval: str
    estimand: str
    holds: bool
    width: float


def effects(rng: np.random.Generator, corruptions: int) -> np.ndarray:
    """h [corruption, severity]."""
    severity = np.arange(1, SEVERITIES + 1)
    shift = rng.normal(size=(corruptions, 1))
    return -0.6 * severity + shift + 0.3 * rng.normal(size=(corruptions, SEVERITIES))


def simulate(
    h: np.ndarray, pictures: int, process: str, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Q and M [group, picture] of new pictures under conditions of effect h [group]."""
    a, k = PROCESSES[process]
    u = rng.normal(size=pictures)
    v = 0.5 * u + np.sqrt(0.75) * rng.normal(size=pictures)
    q = h[:, None] + a * v + 0.8 * rng.normal(size=(len(h), pictures))
    return q, rng.random((len(h), pictures)) < 1 / (1 + np.exp(-(2 + h[:, None] + k * u)))


def picture_outcomes(
    process: str, h: np.ndarray, truth: tuple[np.ndarray, np.ndarray], options: argparse.Namespace
) -> Iterator[Outcome]:
    """Intervals of AUC and CE, trial by trial: new pictures under the same conditions."""
    true_auc = auc(truth[0].ravel(), truth[1].ravel())
    names = _names(CORRUPTIONS)
    for trial in tqdm(range(options.trials), desc=process):
        rng = generator(options.seed, "coverage", process, str(trial))
        q, m = simulate(h, options.pictures, process, rng)
        is_test = np.arange(options.pictures) < options.pictures // 5
        ids = np.arange(options.pictures)
        design = Design(names, ids, is_test, trial, options.resamples)
        row = predict_pictures(q, HeldOut({"net": m}, design))[0]["converged"]
        fit = LogisticFit(row["slope"], row["intercept"], True, 0)
        true_ce = float(log_losses(fit, truth[0].ravel(), truth[1].ravel()).mean())
        for name, suffix in (("points", ""), ("pictures as clusters", "_cluster")):
            yield _outcome(name, "AUC", true_auc, row[f"auc{suffix}_lo"], row[f"auc{suffix}_hi"])
            yield _outcome(name, "CE", true_ce, row[f"ce{suffix}_lo"], row[f"ce{suffix}_hi"])
        held_q, held_m = q[:, is_test].ravel(), m[:, is_test].ravel()
        clusters = np.tile(np.flatnonzero(is_test), GROUPS)
        for name, units in (("DeLong, points", None), ("DeLong, clusters", clusters)):
            found = delong_interval(held_q, held_m, units)
            yield _outcome(name, "AUC", true_auc, found.lo, found.hi)


def group_outcomes(options: argparse.Namespace) -> Iterator[Outcome]:
    """Intervals of the correlations, trial by trial: new corruptions, infinitely many pictures."""
    rng = generator(options.seed, "coverage", "corruptions")
    many_q, many_m = group_means(effects(rng, LARGE), rng)
    flat = many_q.ravel(), many_m.ravel()
    truth = {
        "plcc": float(np.corrcoef(*flat)[0, 1]),
        "srcc": float(stats.spearmanr(*flat).statistic),
        "krcc": float(stats.kendalltau(*flat).statistic),
    }
    for trial in tqdm(range(4 * options.trials), desc="groups"):
        rng = generator(options.seed, "coverage of groups", str(trial))
        q, m = group_means(effects(rng, CORRUPTIONS), rng)
        design = Design(_names(CORRUPTIONS), np.empty(0), np.empty(0), trial, options.resamples)
        row, _ = correlate_groups(q.ravel(), m.ravel(), design)
        for name, suffix in (("conditions as units", ""), ("corruptions as clusters", "_corr")):
            for coefficient, value in truth.items():
                ends = row[f"{coefficient}{suffix}_lo"], row[f"{coefficient}{suffix}_hi"]
                yield _outcome(name, coefficient.upper(), value, *ends)


def group_means(h: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Mean Q and accuracy [corruption, severity] over infinitely many pictures.

    Q sees half of what a corruption does and has an effect of the corruption of its own.
    """
    own = rng.normal(size=(len(h), 1))
    return 0.5 * h + own, 1 / (1 + np.exp(-(2 + h)))


def _names(corruptions: int) -> list[str]:
    return [f"corruption {k}" for k in range(corruptions) for _ in range(SEVERITIES)]


def _outcome(name: str, estimand: str, truth: float, lo: float, hi: float) -> Outcome:
    return Outcome(name, estimand, lo <= truth <= hi, hi - lo)


def report(process: str, outcomes: list[Outcome]) -> None:
    """A line per interval and estimand: coverage with its Wilson interval, mean width."""
    for interval, estimand in dict.fromkeys((o.interval, o.estimand) for o in outcomes):
        mine = [o for o in outcomes if (o.interval, o.estimand) == (interval, estimand)]
        held = sum(o.holds for o in mine)
        ends = stats.binomtest(held, len(mine)).proportion_ci(method="wilson")
        width = float(np.mean([o.width for o in mine]))
        print(
            f"| {process} | {interval} | {estimand} | {held / len(mine):.3f} "
            f"[{ends.low:.3f}, {ends.high:.3f}] | {width:.3f} | {len(mine)} |"
        )


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=500)
    parser.add_argument("--pictures", type=int, default=500, help="a fifth of them held out")
    parser.add_argument("--resamples", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print("| process | interval | estimand | coverage | mean width | trials |")
    print("|---|---|---|---:|---:|---:|")
    h = effects(generator(options.seed, "coverage", "conditions"), CORRUPTIONS).ravel()
    for process in PROCESSES:
        truth = simulate(h, LARGE, process, generator(options.seed, "coverage", "truth", process))
        report(process, list(picture_outcomes(process, h, truth, options)))
    report("new corruptions", list(group_outcomes(options)))


if __name__ == "__main__":
    main()
