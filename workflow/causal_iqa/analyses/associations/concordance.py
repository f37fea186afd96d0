"""Ranks within strata, and their sums over the correct points under permutations, in integers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from causal_iqa.statistics.compiled import compiled
from causal_iqa.statistics.inputs import Booleans, Floats, Integers


def doubled_midranks(values: Floats, strata: Integers) -> Integers:
    """Twice the midrank, from 2, of every value within its stratum; ties share the mean rank.

    values, strata: of one shape, which the ranks have too. Doubled, midranks are integers, so
    their sums are exact in any order.
    """
    flat, codes = values.ravel(), strata.ravel()
    # Need not be stable, unlike the second one: ties get one rank in any order.
    order = np.argsort(flat)
    # Narrow integers are sorted by radix.
    narrow = codes.astype(np.min_scalar_type(codes.max()))
    order = order[np.argsort(narrow[order], kind="stable")]
    new_stratum = _starts_run(codes[order])
    new_value = new_stratum | _starts_run(flat[order])
    starts = np.append(np.flatnonzero(new_value), flat.size)
    first = np.flatnonzero(new_stratum)[np.cumsum(new_stratum) - 1]
    # A run of ties takes the ranks lowest to highest, whose sum is twice their mean.
    lowest, highest = starts[:-1] + 1, starts[1:]
    run = np.cumsum(new_value) - 1
    ranks = np.empty(flat.size, dtype=np.int64)
    ranks[order] = (lowest + highest)[run] - 2 * first
    return ranks.reshape(values.shape)


def _starts_run(ordered: NDArray[Any]) -> Booleans:
    """Where a value differs from the one before it; the first always does."""
    return np.append(True, ordered[1:] != ordered[:-1])


def permuted_rank_sums(ranks: Integers, m: Booleans, permutations: NDArray[np.int32]) -> Integers:
    """Sum over the correct points of ``ranks`` under each permutation of the pictures.

    ranks, m [picture, condition]; permutations [permutation, picture]: picture i gets the M of
    picture ``permutation[i]``, all conditions together. Returns [permutation].
    """
    mask = -m.astype(np.int8)  # 0 or all bits, so that `&` selects without a branch
    # Turned, as the kernel takes a picture's permutations one after the other.
    sources = np.ascontiguousarray(permutations.T)
    return _masked_sums(np.ascontiguousarray(ranks), np.ascontiguousarray(mask), sources)


@compiled
def _masked_sums(ranks: Integers, mask: NDArray[np.int8], sources: NDArray[np.int32]) -> Integers:
    """Picture by picture, so that its ranks stay at hand for all permutations."""
    sums = np.zeros(sources.shape[1], dtype=np.int64)
    for i in range(ranks.shape[0]):
        for r in range(sources.shape[1]):
            source = sources[i, r]
            total = 0
            for k in range(ranks.shape[1]):
                total += ranks[i, k] & mask[source, k]
            sums[r] += total
    return sums
