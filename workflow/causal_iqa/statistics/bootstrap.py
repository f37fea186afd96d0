"""Bootstrap of AUC and of means, over rows or clusters of rows, from the same draws.

`draw_units` draws once; then each score and each set of losses is resampled by the counts of those
draws. Rows are ranked once a score, and all task models share the ranks.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import threadpool_limits

from causal_iqa.statistics.auc import weighted_auc
from causal_iqa.statistics.compiled import compiled
from causal_iqa.statistics.inputs import (
    Booleans,
    Floats,
    Integers,
    finite,
    same_length,
    unit_codes,
    zero_one,
)
from causal_iqa.statistics.resampling import resample_counts

# At the paper's 750,000 held-out rows the ranks of a block, in float64, take 96 MB.
BLOCK = 16
"""Draws that are worked on at once. Fixed: the last digits of a mean depend on it."""


class Resamples(NamedTuple):
    """Draws of units. unit: [n] code of each row's unit; counts: [resamples, n_units]."""

    unit: Integers
    counts: NDArray[Any]


def draw_units(
    unit_ids: ArrayLike | None, n: int, resamples: int, rng: np.random.Generator
) -> Resamples:
    """Resample the units of n rows: the rows (None), or what shares one of unit_ids [n].

    As many units are drawn as there are, as `resample_counts` says; rng is the only source of
    chance. Memory: a byte (4 where a count exceeds 255) a resample and unit.
    """
    unit, n_units = unit_codes(unit_ids, n)
    # A count is about Poisson with mean 1: a byte holds it; should one not, all are widened.
    counts = np.empty((resamples, n_units), dtype=np.uint8)
    for place, drawn in enumerate(resample_counts(n_units, resamples, rng)):
        if drawn.max() > np.iinfo(counts.dtype).max:
            counts = counts.astype(np.int32)
        counts[place] = drawn
    return Resamples(unit, counts)


def _blocks(counts: NDArray[Any]) -> Iterator[slice]:
    return (slice(k, min(k + BLOCK, len(counts))) for k in range(0, len(counts), BLOCK))


def _weighted_sums(counts: NDArray[Any], parts: NDArray[Any]) -> Floats:
    """counts [resamples, n_units] times parts [n_units, k]: [resamples, k].

    On one BLAS thread and in blocks of one shape, the last one filled up: the last digits of a
    product depend on both.
    """
    sums = np.empty((len(counts), parts.shape[1]))
    # Float64, since BLAS multiplies no bytes; by the block, since all at once take 8 times as much.
    block = np.ones((BLOCK, counts.shape[1]))
    with threadpool_limits(1, user_api="blas"):
        for draws in _blocks(counts):
            used = draws.stop - draws.start
            block[:used] = counts[draws]
            sums[draws] = (block @ parts)[:used]
    return sums


def resampled_mean(values: ArrayLike, drawn: Resamples) -> Floats:
    """Means of each of k rows of values [k, n], say log losses, in every resample: [k, resamples].

    With clusters it is the ratio of the drawn clusters' sums and sizes. A ValueError is raised
    if values are empty or not finite.
    """
    n_units = drawn.counts.shape[1]
    rows = [finite(row, "values") for row in np.atleast_2d(values)]
    same_length(values=rows[0], units=drawn.unit)
    ones = np.ones(len(rows[0]))
    # Sums by unit before the draws: a resample then costs a product over units, not over rows.
    parts = np.stack([np.bincount(drawn.unit, row, n_units) for row in [*rows, ones]], axis=1)
    sums = _weighted_sums(drawn.counts, parts)
    return (sums[:, :-1] / sums[:, -1:]).T


class ResampledAuc:
    """AUC by each of k rows of m [k, n] (a task model each) in every resample.

    All k share the ranks of a score: with w(i) = c(i) (2 c below i + c tied with i), c how often
    row i was drawn, twice the pairs won are the sum of w over m = 1 less (the sum of c over
    m = 1) squared. In whole numbers, hence exact up to the last division (n squared has to stay
    below 2^53); `bootstrap_auc_by_rows` is the definition. Errors as `auc`, but for one class.
    """

    def __init__(self, m: ArrayLike, drawn: Resamples) -> None:
        correct = np.stack([zero_one(row) for row in np.atleast_2d(m)])
        same_length(m=correct[0], units=drawn.unit)
        n_units = drawn.counts.shape[1]
        rows = [*correct, np.ones(len(correct[0]))]
        parts = np.stack([np.bincount(drawn.unit, row, n_units) for row in rows], axis=1)
        sums = _weighted_sums(drawn.counts, parts)
        self._m, self._drawn = correct.astype(bool), drawn
        self._right = sums[:, :-1]
        self._wrong = sums[:, -1:] - self._right

    def __call__(self, score: ArrayLike) -> Floats:
        """AUC of a score [n], [k, resamples]; NaN where a resample holds one class."""
        values = finite(score, "score")
        same_length(score=values, m=self._m[0])
        order = np.argsort(values)
        ranked = values[order]
        starts = np.append(True, ranked[1:] != ranked[:-1])
        unit = self._drawn.unit[order].astype(np.int32)
        # Float64 for BLAS as well; products of whole numbers are exact in it.
        m = np.ascontiguousarray(self._m[:, order].T, dtype=np.float64)
        ranks = np.zeros((BLOCK, values.size))
        won = np.empty_like(self._right)
        with threadpool_limits(1, user_api="blas"):
            for draws in _blocks(self._drawn.counts):
                _rank_by_counts(self._drawn.counts[draws], unit, starts, ranks)
                won[draws] = (ranks @ m)[: draws.stop - draws.start]
        with np.errstate(invalid="ignore"):  # 0 / 0 of a resample with one class
            areas: Floats = (won - self._right**2) / (2 * self._right * self._wrong)
        return areas.T


@compiled
def _rank_by_counts(
    counts: NDArray[Any], unit: NDArray[np.int32], starts: Booleans, ranks: Floats
) -> None:
    """Fill ranks [draw, n] with c(i) (2 c below i + c tied with i), rows ascending by score.

    counts: [draw, n_units]. starts[i]: whether row i's score is larger than that of the row
    before it.
    """
    for draw in range(len(counts)):
        # 64 bits from the start: the counts themselves are bytes, which no sum of them fits.
        below = np.int64(0)
        first = 0
        while first < unit.size:
            tied = np.int64(counts[draw, unit[first]])
            last = first + 1
            while last < unit.size and not starts[last]:
                tied += counts[draw, unit[last]]
                last += 1
            rank = float(2 * below + tied)
            for i in range(first, last):
                ranks[draw, i] = counts[draw, unit[i]] * rank
            below += tied
            first = last


def bootstrap_auc_by_rows(score: ArrayLike, m: ArrayLike, drawn: Resamples) -> Floats:
    """`ResampledAuc` of one m [n] as its definition says, a draw at a time: the reference."""
    values, correct = finite(score, "score"), zero_one(m)
    order = np.argsort(values)
    ranked, hits, unit = values[order], correct[order], drawn.unit[order]
    # The kernel multiplies and adds in the type of its weights.
    counts = drawn.counts.astype(np.int64)
    return np.array([weighted_auc(ranked, hits, draw[unit]) for draw in counts])
