"""Kernel density of one score: Gaussian kernels, Scott's bandwidth."""

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


def gaussian_density(values: ArrayLike, grid: ArrayLike) -> Floats:
    """Density of values [n] at the points of a grid [k], per unit of the values.

    Errors as `scott_bandwidth`.
    """
    array, points = finite(values, "values"), finite(grid, "grid")
    bandwidth = scott_bandwidth(array)
    sums = _kernel_sums(np.sort(array), points, bandwidth)
    density: Floats = sums / (array.size * bandwidth * np.sqrt(2 * np.pi))
    return density


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
