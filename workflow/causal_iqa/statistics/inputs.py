"""Checks that every function here makes of its arrays: shape, finiteness, 0/1, groups."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from causal_iqa.statistics.not_estimable import NotEstimable

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]


def finite(values: ArrayLike, name: str) -> Floats:
    """`values` as a non-empty, finite float64 vector; ValueError says what is wrong."""
    # One type and layout: numba compiles a kernel anew for every other.
    array = np.ascontiguousarray(values, dtype=np.float64)
    # Of what was given: ascontiguousarray has made a vector of a single number by now.
    if np.ndim(values) != 1:
        raise ValueError(f"{name} must have one dimension, it has shape {np.shape(values)}")
    if array.size == 0:
        raise ValueError(f"{name} is empty")
    if bad := array.size - int(np.isfinite(array).sum()):
        raise ValueError(f"{bad} of the {array.size} values of {name} are NaN or infinite")
    return array


def same_length(**arrays: NDArray[Any]) -> None:
    """Raise a ValueError naming all lengths unless the arrays are equally long."""
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"lengths differ: {lengths}")


def zero_one(m: ArrayLike) -> Integers:
    """`m` as a vector of 0 and 1 (booleans, integers or floats are taken)."""
    array = finite(m, "m")
    if bad := int(((array != 0) & (array != 1)).sum()):
        raise ValueError(f"{bad} of the {array.size} values of m are neither 0 nor 1")
    # Signed and wide, since the kernels subtract and sum it; a boolean or a byte would not do.
    return array.astype(np.int64)


def score_and_class(q: ArrayLike, m: ArrayLike, name: str = "q") -> tuple[Floats, Integers]:
    """A finite score and its 0/1 class, equally long."""
    score, correct = finite(q, name), zero_one(m)
    same_length(**{name: score, "m": correct})
    return score, correct


def require_both_classes(m: Integers) -> None:
    """Raise NotEstimable unless both 0 and 1 occur in `m`."""
    if m[0] == m.min() == m.max():
        raise NotEstimable(f"M is {m[0]} in all {m.size} rows")


def group_offsets(offsets: ArrayLike, n: int) -> Integers:
    """`offsets` [n_groups + 1] checked: group g is rows offsets[g] to offsets[g + 1] - 1."""
    array = np.asarray(offsets, dtype=np.int64)
    if array.ndim != 1 or array.size == 0 or array[0] != 0 or array[-1] != n:
        raise ValueError(f"offsets must be a vector that starts at 0 and ends at {n}")
    if (np.diff(array) < 0).any():
        raise ValueError("offsets must not decrease")
    return array


def unit_codes(unit_ids: ArrayLike | None, n: int) -> tuple[Integers, int]:
    """Codes 0 .. n_units - 1 of the n rows' resampling units, and n_units.

    None: each row is a unit. Else [n] integers or strings: rows that share an id are one unit.
    """
    if unit_ids is None:
        return np.arange(n), n
    ids = np.asarray(unit_ids)
    if ids.ndim != 1 or ids.size != n:
        raise ValueError(f"unit ids have shape {ids.shape}, the data have {n} rows")
    # Codes go by the sorted ids, so that draws of units do not depend on the order of the rows.
    values, codes = np.unique(ids, return_inverse=True)
    return codes, values.size
