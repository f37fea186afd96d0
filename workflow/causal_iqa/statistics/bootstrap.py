"""Bootstrap of AUC and of means, over rows or clusters of rows, from the same draws.

A resampled statistic is prepared once (sorted, summed a unit) and then called with the counts
of one draw after the other. What is given to one `bootstrap` call shares its draws.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from causal_iqa.statistics.auc import weighted_auc
from causal_iqa.statistics.inputs import (
    Floats,
    Integers,
    finite,
    require_both_classes,
    score_and_class,
    unit_codes,
)
from causal_iqa.statistics.resampling import resample_counts


class ResampledStatistic(Protocol):
    """What `bootstrap` resamples: a function of how often each of n_units occurs."""

    n_units: int

    def __call__(self, counts: Integers) -> float:
        """The statistic where unit u occurs counts[u] times; NaN where it is undefined."""


class ResampledAuc:
    """AUC of a score [n] and m [n] under counts of rows, or of clusters.

    cluster_ids: None, or [n] integers or strings (rows that share an id are drawn together).
    NaN where a resample holds one class. Errors as `auc`.
    """

    def __init__(
        self, score: ArrayLike, m: ArrayLike, cluster_ids: ArrayLike | None = None
    ) -> None:
        values, correct = score_and_class(score, m, "score")
        require_both_classes(correct)
        unit, self.n_units = unit_codes(cluster_ids, len(values))
        order = np.argsort(values)
        self._score, self._m, self._unit = values[order], correct[order], unit[order]

    def __call__(self, counts: Integers) -> float:
        return weighted_auc(self._score, self._m, counts[self._unit])


class ResampledMean:
    """Mean of values [n] (say, of the log losses) under counts of rows, or of clusters.

    With clusters it is the ratio of the drawn clusters' sums and sizes. A ValueError is raised
    if values are empty or not finite.
    """

    def __init__(self, values: ArrayLike, cluster_ids: ArrayLike | None = None) -> None:
        array = finite(values, "values")
        unit, self.n_units = unit_codes(cluster_ids, len(array))
        self._sums = np.bincount(unit, weights=array, minlength=self.n_units)
        self._sizes = np.bincount(unit, minlength=self.n_units)

    def __call__(self, counts: Integers) -> float:
        # Not a BLAS dot product, whose last digits depend on its number of threads.
        return float((counts * self._sums).sum() / (counts @ self._sizes))


def bootstrap(
    statistics: Sequence[ResampledStatistic], resamples: int, rng: np.random.Generator
) -> Floats:
    """Statistics of the same resamples, [len(statistics), resamples].

    Parameters
    ----------
    statistics : one or more, all prepared over the same set of rows or cluster ids
    resamples : number of draws (1000 in the paper, section 2.1)
    rng : the only source of chance; draws as `resample_counts` says

    Raises
    ------
    ValueError
        If there are no statistics or their numbers of units differ.
    """
    sizes = {statistic.n_units for statistic in statistics}
    if len(sizes) != 1:
        raise ValueError(f"the statistics must share their units; numbers of units: {sizes}")
    draws = resample_counts(sizes.pop(), resamples, rng)
    return np.array([[statistic(counts) for statistic in statistics] for counts in draws]).T


def bootstrap_auc(
    score: ArrayLike,
    m: ArrayLike,
    cluster_ids: ArrayLike | None,
    resamples: int,
    rng: np.random.Generator,
) -> Floats:
    """Resampled AUC, [resamples], NaN where a resample holds one class (`ResampledAuc`)."""
    samples: Floats = bootstrap([ResampledAuc(score, m, cluster_ids)], resamples, rng)[0]
    return samples


def bootstrap_mean(
    values: ArrayLike,
    cluster_ids: ArrayLike | None,
    resamples: int,
    rng: np.random.Generator,
) -> Floats:
    """Resampled mean, [resamples] (`ResampledMean`)."""
    samples: Floats = bootstrap([ResampledMean(values, cluster_ids)], resamples, rng)[0]
    return samples
