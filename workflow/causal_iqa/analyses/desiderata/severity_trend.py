"""How a quality score follows severity: tau within pictures, AUROC of clean against a condition.

The estimates of desideratum D1; ``compute`` judges them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from causal_iqa.core.conditions import CLEAN, Condition
from causal_iqa.data.panel import Booleans, Floats
from causal_iqa.statistics.resampling import resample_counts

# ndtri(0.975).
NORMAL_95 = 1.959963984540054


class WithInterval(NamedTuple):
    """A value and the ends of its 95 % interval; None where they cannot be estimated."""

    value: float | None
    lo: float | None
    hi: float | None


class Ladder(NamedTuple):
    """A corruption's severities in ascending order and their rows in the panel, without clean."""

    corruption: str
    severities: list[int]
    rows: list[int]


class Sensitivity(NamedTuple):
    """D1 of one quality score over C corruptions, K conditions and n pictures.

    tau: [C]; tau_samples: [resamples, C]; n_constant: [C] pictures. auroc, auroc_se: [K], P(Q
    clean > Q condition), conditions ladder by ladder; mean_auroc: over K, direction left out.
    """

    tau: Floats
    tau_samples: Floats
    n_constant: np.ndarray
    auroc: Floats
    auroc_se: Floats
    mean_auroc: WithInterval


def ladders_of(conditions: Sequence[Condition]) -> list[Ladder]:
    """The corruptions among ``conditions`` in their order, each with its severities ascending."""
    steps: dict[str, list[tuple[int, int]]] = {}
    for row, (corruption, severity) in enumerate(conditions):
        if corruption != CLEAN:
            steps.setdefault(corruption, []).append((severity, row))
    return [
        Ladder(corruption, [severity for severity, _ in found], [row for _, row in found])
        for corruption, unsorted in steps.items()
        for found in [sorted(unsorted)]
    ]


def sensitivity(
    q: Floats, clean: int, ladders: Sequence[Ladder], resamples: int, rng: np.random.Generator
) -> Sensitivity:
    """D1 of a score q [condition, picture], whose row ``clean`` is the clean condition."""
    taus, constants = [], []
    for ladder in ladders:
        tau, constant = kendall_within_pictures(q[[clean, *ladder.rows]])
        taus.append(tau)
        constants.append(constant.sum())
    tau = np.stack(taus)
    changed = [row for ladder in ladders for row in ladder.rows]
    auroc, auroc_se, mean_auroc = clean_against(q[clean], q[changed])
    return Sensitivity(
        tau.mean(axis=1),
        resampled_means(tau, resamples, rng),
        np.array(constants),
        auroc,
        auroc_se,
        mean_auroc,
    )


def kendall_within_pictures(q: Floats) -> tuple[Floats, Booleans]:
    """Kendall's tau-b of Q with severity in each picture, and whether its Q is constant.

    Parameters
    ----------
    q : [severity, picture], severities ascending and all different, so that only Q has ties

    Returns
    -------
    [picture] in [-1, 1], 0 where Q is constant; [picture] bool
    """
    first, second = np.triu_indices(len(q), k=1)
    balance = np.zeros(q.shape[1], dtype=np.int64)
    untied = np.zeros(q.shape[1], dtype=np.int64)
    # By comparison, not by difference: two infinite values (PSNR of equal pictures) are a tie.
    for a, b in zip(first, second, strict=True):
        rises, falls = q[b] > q[a], q[b] < q[a]
        balance += rises
        balance -= falls
        untied += rises | falls
    constant = untied == 0
    # tau-b: of severities no pair is tied. max: 0 / 1, not 0 / 0, where Q is constant.
    tau: Floats = balance / np.sqrt(np.maximum(untied, 1) * len(first))
    return tau, constant


def resampled_means(values: Floats, resamples: int, rng: np.random.Generator) -> Floats:
    """Means of values [k, picture] over resampled pictures, [resamples, k].

    Not a BLAS product, whose last digits depend on its number of threads.
    """
    n = values.shape[1]
    draws = resample_counts(n, resamples, rng)
    return np.stack([(counts * values).sum(axis=1) / n for counts in draws])


def clean_against(clean: Floats, changed: Floats) -> tuple[Floats, Floats, WithInterval]:
    """AUROC of clean [picture] against each condition of changed [condition, picture].

    Returns P(clean > changed) [condition], ties half; its standard error by DeLong's placements
    with the picture as cluster (Obuchowski 1997), NaN for one picture; and the mean over
    conditions of |AUROC - 0.5| + 0.5, whose influences are summed picture by picture.
    """
    n = clean.size
    ascending = np.sort(clean)
    areas, errors = np.empty(len(changed)), np.empty(len(changed))
    total = np.zeros(n)
    for k, values in enumerate(changed):
        wins = _placements(clean, np.sort(values))
        influence = wins + 1 - _placements(values, ascending)
        areas[k] = wins.mean()
        influence -= 2 * areas[k]
        errors[k] = _standard_error(influence)
        # Below 0.5 the distance from it grows as the AUROC falls.
        total += np.where(areas[k] < 0.5, -influence, influence)
    mean = float((np.abs(areas - 0.5) + 0.5).mean())
    return areas, errors, normal(mean, _standard_error(total / len(changed)))


def _placements(values: Floats, ascending: Floats) -> Floats:
    """Of each value the share of ``ascending`` that is smaller, equal ones half."""
    below = np.searchsorted(ascending, values, side="left")
    not_above = np.searchsorted(ascending, values, side="right")
    placements: Floats = (below + not_above) / (2 * ascending.size)
    return placements


def _standard_error(influence: Floats) -> float:
    """Of a mean over pictures with these influences; NaN for one picture."""
    n = influence.size
    return float(np.sqrt((influence**2).sum() / (n * (n - 1)))) if n > 1 else float("nan")


def normal(value: float, se: float) -> WithInterval:
    """A normal interval of an AUROC, cut to [0, 1]; without ends where ``se`` is NaN."""
    if np.isnan(se):
        return WithInterval(value, None, None)
    half = NORMAL_95 * se
    return WithInterval(value, max(0.0, value - half), min(1.0, value + half))
