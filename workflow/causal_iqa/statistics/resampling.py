"""Bootstrap draws as counts of how often each unit occurs, and intervals from resamples."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from causal_iqa.statistics.inputs import Integers
from causal_iqa.statistics.not_estimable import NotEstimable


class PercentileInterval(NamedTuple):
    """Ends of a percentile interval, and how many resamples were NaN and left out of it."""

    lo: float
    hi: float
    n_nan: int


def resample_counts(n_units: int, resamples: int, rng: np.random.Generator) -> Iterator[Integers]:
    """Yield, `resamples` times, how often each of n_units occurs in n_units draws.

    Each array is [n_units], sums to n_units, and is drawn as
    ``bincount(rng.integers(0, n_units, size=n_units))``. They come one at a time, so memory does
    not grow with `resamples`, and the first k do not depend on how many follow.

    Raises
    ------
    ValueError
        If n_units or resamples is below 1.
    """
    if n_units < 1 or resamples < 1:
        raise ValueError(f"{n_units} units and {resamples} resamples: both must be at least 1")
    # A generator expression, not a function that yields: the error above comes at the call.
    return (
        np.bincount(rng.integers(0, n_units, size=n_units), minlength=n_units)
        for _ in range(resamples)
    )


def percentile_interval(samples: ArrayLike, level: float = 0.95) -> PercentileInterval:
    """Percentile bootstrap interval of resampled values [R], ignoring NaN.

    Raises
    ------
    NotEstimable
        If more than half of the samples are NaN.
    ValueError
        If there is no sample, or level is not in (0, 1).
    """
    values = np.asarray(samples, dtype=np.float64)
    if values.ndim != 1 or values.size == 0:
        raise ValueError(f"samples must be a non-empty vector, their shape is {values.shape}")
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1, it is {level}")
    n_nan = int(np.isnan(values).sum())
    if 2 * n_nan > values.size:
        raise NotEstimable(f"{n_nan} of {values.size} resamples give no estimate")
    lo, hi = np.nanquantile(values, [(1 - level) / 2, (1 + level) / 2])
    return PercentileInterval(float(lo), float(hi), n_nan)
