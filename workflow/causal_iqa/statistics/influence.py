"""Estimates with the influence of each unit (a picture, a label), so that differences are paired.

The influence of a unit is its share of an estimate's first-order error: the influences of a linear
combination are the same combination of influences, and an estimate's variance is about the sum of
their squares. So one pass over the rows serves every comparison on the same units.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from causal_iqa.statistics.inputs import Booleans, Floats, Integers, finite, same_length, zero_one
from causal_iqa.statistics.not_estimable import NotEstimable


class Influenced(NamedTuple):
    """A value, and what it owes to each unit, [units], summing to 0.

    n_units: the units that have a part in it; of several estimates, those of the one with fewest.
    """

    value: float
    influence: Floats
    n_units: int


def combine(weights: ArrayLike, estimates: Sequence[Influenced]) -> Influenced:
    """The linear combination of estimates on the same units."""
    terms = list(zip(np.asarray(weights, dtype=np.float64), estimates, strict=True))
    return Influenced(
        float(sum(weight * found.value for weight, found in terms)),
        np.sum([weight * found.influence for weight, found in terms], axis=0),
        min(found.n_units for found in estimates),
    )


def mean_of(estimates: Sequence[Influenced]) -> Influenced:
    """The mean of estimates on the same units."""
    return combine(np.full(len(estimates), 1 / len(estimates)), estimates)


def minus(left: Influenced, right: Influenced) -> Influenced:
    """The paired difference of two estimates on the same units."""
    return combine([1, -1], [left, right])


def normal_interval(estimate: Influenced, level: float = 0.95) -> tuple[float, float]:
    """Ends of the normal interval; raises NotEstimable with fewer than two units."""
    n = estimate.n_units
    if n < 2:
        raise NotEstimable(f"{n} unit gives no interval")
    # n / (n - 1): of a mean, this is the sample's variance (n - 1) over n.
    se = np.sqrt(n / (n - 1) * (estimate.influence**2).sum())
    half = float(ndtri((1 + level) / 2) * se)
    return estimate.value - half, estimate.value + half


def auc_estimates(
    score: ArrayLike, m: ArrayLike, unit: Integers, n_units: int
) -> list[Influenced | NotEstimable]:
    """AUC (ties half) of one score [n] by each row of m [k, n], with influences by unit.

    The influences are DeLong's placements summed by unit, as in Obuchowski 1997 (Biometrics
    53:567). unit: [n] codes 0 .. n_units - 1. NotEstimable (returned) where m holds one class.
    ValueError as ``statistics.auc.auc``.
    """
    values = finite(score, "score")
    # Ranked once: the rows of m, a task model each, share the score.
    _, place = np.unique(values, return_inverse=True)
    found: list[Influenced | NotEstimable] = []
    for row in np.atleast_2d(m):
        correct = zero_one(row)
        same_length(score=values, m=correct, unit=unit)
        right = int(correct.sum())
        if right in (0, correct.size):
            found.append(NotEstimable(f"M is {correct[0]} in all {correct.size} rows"))
        else:
            found.append(_auc_estimate(place, correct, unit, n_units))
    return found


def _auc_estimate(place: Integers, m: Integers, unit: Integers, n_units: int) -> Influenced:
    """place: [n] rank of each row's score among the different scores."""
    positives = np.bincount(place, weights=m)
    negatives = np.bincount(place, minlength=positives.size) - positives
    n_positive, n_negative = positives.sum(), negatives.sum()
    below = (np.cumsum(negatives) - negatives / 2) / n_negative
    above = 1 - (np.cumsum(positives) - positives / 2) / n_positive
    area = float((below * positives).sum() / n_positive)
    won = np.where(m == 1, below[place] / n_positive, above[place] / n_negative)
    # What remains after this sums to 0 within each class, as influences have to.
    expected = np.where(m == 1, area / n_positive, area / n_negative)
    influence: Floats = np.bincount(unit, won - expected, n_units).astype(np.float64)
    return Influenced(area, influence, n_units)


def mean_estimate(values: ArrayLike, unit: Integers, n_units: int) -> Influenced:
    """Mean of values [n] over rows, with influences by unit [n] (codes 0 .. n_units - 1)."""
    rows = finite(values, "values")
    same_length(values=rows, unit=unit)
    mean = float(rows.mean())
    # Over rows, not units: with units of unequal size the mean is a ratio, linearised here.
    influence: Floats = np.bincount(unit, (rows - mean) / rows.size, n_units).astype(np.float64)
    return Influenced(mean, influence, n_units)


def unit_mean(values: Floats) -> Influenced:
    """Mean over units of values [n_units]; a unit without one is NaN and has no influence."""
    used = _used(values, 1)
    mean = float(values[used].mean())
    n = int(used.sum())
    return Influenced(mean, np.where(used, values - mean, 0.0) / n, n)


def unit_sd(values: Floats) -> Influenced:
    """Standard deviation (n - 1) over units of values [n_units]; NaN as in ``unit_mean``."""
    used = _used(values, 2)
    n = int(used.sum())
    deviation = np.where(used, values - values[used].mean(), 0.0)
    # Over n, unlike the sd, so that the influences below sum to 0.
    variance = float((deviation**2).sum() / n)
    sd = float(values[used].std(ddof=1))
    if sd == 0:
        raise NotEstimable(f"the same value in all {n} units")
    # Delta method: the sd is the root of a variance, with the derivative 1 / (2 sd).
    return Influenced(sd, np.where(used, deviation**2 - variance, 0.0) / (2 * sd * n), n)


def _used(values: Floats, least: int) -> Booleans:
    used: Booleans = ~np.isnan(values)
    if used.sum() < least:
        raise NotEstimable(f"{used.sum()} of {values.size} units have a value")
    return used
