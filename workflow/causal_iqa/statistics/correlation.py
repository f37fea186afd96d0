"""Rank and linear correlations over a few dozen points, their bootstrap, Holm's correction."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from causal_iqa.statistics.inputs import Floats, finite, same_length, unit_codes
from causal_iqa.statistics.not_estimable import NotEstimable
from causal_iqa.statistics.resampling import resample_counts


class Correlation(NamedTuple):
    """A correlation in [-1, 1] and the two-sided p-value of no association."""

    estimate: float
    p_value: float


class ResampledCorrelations(NamedTuple):
    """Correlations of each resample, [resamples]; NaN where it holds one value of q or m."""

    kendall: Floats
    pearson: Floats
    spearman: Floats


def kendall_tau_b(q: ArrayLike, m: ArrayLike) -> Correlation:
    """Kendall's rank correlation, ties corrected for (the paper's KRCC, section 2.2).

    The p-value is SciPy's: exact without ties in small samples, else normal.

    Parameters
    ----------
    q, m : [n] float, finite; one point per group, n >= 3

    Raises
    ------
    NotEstimable
        If there are fewer than 3 points, or q or m is constant.
    ValueError
        If the input is unequal in length, empty or not finite.
    """
    return _correlation(stats.kendalltau, q, m)


def pearson(q: ArrayLike, m: ArrayLike) -> Correlation:
    """Pearson's linear correlation (PLCC), p-value from the t distribution of normal data.

    Parameters and errors as in `kendall_tau_b`.
    """
    return _correlation(stats.pearsonr, q, m)


def spearman(q: ArrayLike, m: ArrayLike) -> Correlation:
    """Spearman's rank correlation (SRCC), p-value from the t approximation.

    Parameters and errors as in `kendall_tau_b`.
    """
    return _correlation(stats.spearmanr, q, m)


def bootstrap_correlations(
    q: ArrayLike,
    m: ArrayLike,
    unit_ids: ArrayLike | None,
    resamples: int,
    rng: np.random.Generator,
) -> ResampledCorrelations:
    """The three correlations of `resamples` draws of units with replacement.

    A resample is kept as counts, in which each coefficient is a quadratic form; that equals the
    coefficient of the repeated points. Memory is of order n * (n + resamples), so it is meant
    for points that are groups.

    Parameters
    ----------
    q, m : [n] float, finite
    unit_ids : None (each point is a unit) or [n]: points that share an id are drawn together
    resamples, rng : as in `causal_iqa.statistics.resampling.resample_counts`

    Raises
    ------
    As `kendall_tau_b`.
    """
    x, y = _points(q, m)
    unit, n_units = unit_codes(unit_ids, len(x))
    draws = np.stack(list(resample_counts(n_units, resamples, rng)))
    counts = draws[:, unit].astype(np.float64)
    # 0 for a point with itself as well: copies of a point drawn twice are ties, as they must be.
    sign_x = np.sign(x[:, None] - x)
    sign_y = np.sign(y[:, None] - y)
    pairs_x = _quadratic(counts, np.abs(sign_x))
    pairs_y = _quadratic(counts, np.abs(sign_y))
    untied = np.sqrt(pairs_x * pairs_y)
    degenerate = untied == 0
    untied[degenerate] = np.nan
    # Mid-ranks within the resample, up to a constant: half (points below - points above).
    linear = _weighted_pearson(counts, x[None, :], y[None, :])
    # In integers: a constant resample is 0 / 0 without being asked.
    rank = _weighted_pearson(counts, counts @ sign_x.T, counts @ sign_y.T)
    return ResampledCorrelations(
        kendall=_quadratic(counts, sign_x * sign_y) / untied,
        # By pairs, counted exactly: rounding may leave a constant resample some variance.
        pearson=np.where(degenerate, np.nan, linear),
        spearman=rank,
    )


def holm(p: ArrayLike) -> Floats:
    """Holm's adjusted p-values, in the order given (Holm 1979, Scand. J. Statist. 6:65).

    Parameters
    ----------
    p : [k] in [0, 1]; NaN stays NaN and does not count as a test

    Raises
    ------
    ValueError
        If a p-value is out of range or p is not a vector.
    """
    values = np.asarray(p, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError(f"p must have one dimension, it has shape {values.shape}")
    if bad := int(((values < 0) | (values > 1)).sum()):
        raise ValueError(f"{bad} of the {values.size} p-values are outside [0, 1]")
    tested = np.flatnonzero(~np.isnan(values))
    ascending = tested[np.argsort(values[tested])]
    # The k-th smallest of t p-values times t - k + 1, then never below that of a smaller one.
    factors = np.arange(tested.size, 0, -1)
    adjusted = np.full(values.shape, np.nan)
    adjusted[ascending] = np.minimum(1.0, np.maximum.accumulate(factors * values[ascending]))
    return adjusted


def _points(q: ArrayLike, m: ArrayLike) -> tuple[Floats, Floats]:
    x, y = finite(q, "q"), finite(m, "m")
    same_length(q=x, m=y)
    # Two points always correlate by 1 or -1.
    if x.size < 3:
        raise NotEstimable(f"{x.size} points: a correlation needs at least 3")
    for name, values in (("Q", x), ("M", y)):
        # Not by the standard deviation, which rounding may keep from being 0.
        if values.min() == values.max():
            raise NotEstimable(f"{name} is constant over the {values.size} points")
    return x, y


def _correlation(test: Callable[..., Any], q: ArrayLike, m: ArrayLike) -> Correlation:
    result = test(*_points(q, m))
    return Correlation(float(result.statistic), float(result.pvalue))


def _quadratic(counts: Floats, matrix: Floats) -> Floats:
    """c' matrix c of each row c of counts, [resamples]."""
    form: Floats = ((counts @ matrix) * counts).sum(axis=1)
    return form


def _weighted_pearson(counts: Floats, x: Floats, y: Floats) -> Floats:
    """Pearson correlation of x and y (broadcast to [resamples, n]) under each row of counts."""
    total = counts.sum(axis=1, keepdims=True)
    # Centred first: sums of raw squares cancel where the mean is large beside the spread.
    dx = x - (counts * x).sum(axis=1, keepdims=True) / total
    dy = y - (counts * y).sum(axis=1, keepdims=True) / total
    covariance = (counts * dx * dy).sum(axis=1)
    scale = np.sqrt((counts * dx**2).sum(axis=1) * (counts * dy**2).sum(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):  # a constant resample: 0 / 0
        # Rounding may take a perfect correlation just past 1.
        correlation: Floats = np.clip(covariance / scale, -1.0, 1.0)
    return correlation
