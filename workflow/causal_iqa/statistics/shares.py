"""The interval of a share."""

from __future__ import annotations

import math

Z = 1.959963984540054
"""Of the standard normal distribution, 97.5 % lie below."""


def wilson_interval(share: float, n: int) -> tuple[float, float]:
    """95 % interval of a share that was found in n draws, within [0, 1] (Wilson 1927).

    Raises
    ------
    ValueError
        If the share is not within [0, 1], or n is not positive.
    """
    if not (0 <= share <= 1 and n > 0):
        raise ValueError(f"a share of {share} in {n} draws")
    weight = 1 / (1 + Z**2 / n)
    centre = weight * (share + Z**2 / (2 * n))
    half = weight * Z * math.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return max(0.0, centre - half), min(1.0, centre + half)
