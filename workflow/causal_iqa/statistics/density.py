"""Kernel density of one score: Gaussian kernels, Scott's bandwidth, reflected at bounds."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from causal_iqa.statistics.compiled import compiled
from causal_iqa.statistics.inputs import Floats, finite
from causal_iqa.statistics.not_estimable import NotEstimable

REACH = 8.0
"""Bandwidths beyond which a kernel (below 1.3e-14 of its peak) is taken as 0."""


def scott_bandwidth(values: ArrayLike) -> float:
    """Sample standard deviation times n ** (-1/5), in the unit of the values [n].

    Scott 1992, Multivariate Density Estimation; the default of SciPy and seaborn.

    Raises
    ------
    NotEstimable
        If the values are all the same.
    ValueError
        If they are empty or not finite.
    """
    array = finite(values, "values")
    # Not by the standard deviation, which rounding may keep from being 0.
    if array.min() == array.max():
        raise NotEstimable(f"all {array.size} values are {array[0]:g}: no density")
    return float(array.std(ddof=1) * array.size**-0.2)


def gaussian_density(
    values: ArrayLike, grid: ArrayLike, low: float = -np.inf, high: float = np.inf
) -> Floats:
    """Density of values [n] at the points of a grid [k], per unit of the values; its area is 1.

    low, high: the least and the greatest value that there can be. What kernels have beyond is
    reflected back into [low, high], outside of which the density is 0 (Silverman 1986, 2.10).

    Errors as `scott_bandwidth`; ValueError too where a value lies beyond low or high.
    """
    array, points = finite(values, "values"), finite(grid, "grid")
    bandwidth = scott_bandwidth(array)
    if array.min() < low or array.max() > high:
        raise ValueError(f"values from {array.min()} to {array.max()} lie beyond {low} to {high}")
    ascending = np.sort(array)
    inside = (points >= low) & (points <= high)
    sums = np.zeros(points.size)
    for image in _images(points[inside], low, high, REACH * bandwidth):
        sums[inside] += _kernel_sums(ascending, image, bandwidth)
    density: Floats = sums / (array.size * bandwidth * np.sqrt(2 * np.pi))
    return density


def _images(points: Floats, low: float, high: float, reach: float) -> Iterator[Floats]:
    """The points, and where mirrors at ``low`` and ``high`` show them, ``reach`` beyond or nearer.

    A kernel's value at an image is what it has there beyond the bounds.
    """
    yield points
    if np.isinf(low) or np.isinf(high):
        yield from (2 * bound - points for bound in (low, high) if np.isfinite(bound))
        return
    # Two mirrors show each other: an image every two widths, and one of each turned round.
    width = high - low
    turns = math.ceil(reach / (2 * width)) + 1
    for turn in range(-turns, turns + 1):
        if turn:
            yield points + 2 * turn * width
        yield 2 * low - points + 2 * turn * width


@compiled
def _kernel_sums(ascending: Floats, grid: Floats, bandwidth: float) -> Floats:
    sums = np.zeros(grid.size)
    # In ascending order the values within reach lie side by side: each point sums these alone.
    first = np.searchsorted(ascending, grid - REACH * bandwidth)
    last = np.searchsorted(ascending, grid + REACH * bandwidth)
    for k in range(grid.size):
        for i in range(first[k], last[k]):
            sums[k] += np.exp(-0.5 * ((ascending[i] - grid[k]) / bandwidth) ** 2)
    return sums
