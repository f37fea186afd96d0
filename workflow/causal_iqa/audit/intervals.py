"""Intervals for the accuracy under a new shift: hierarchical conformal prediction.

The corruptions are the exchangeable groups, their severities the members of a group, and a
residual is |estimate - observed accuracy| of one severity. Each of the n_k residuals of group k of
K weighs 1 / ((K + 1) n_k), and a mass of 1 / (K + 1) lies at infinity; the interval is the
estimate plus and minus the (1 - alpha) quantile.

Lee, Barber & Willett 2023, "Distribution-free inference with hierarchical data"; see also Dunn,
Wasserman & Ramdas 2022, "Distribution-free prediction sets for two-layer hierarchical models".

What is guaranteed. If the fit were the same for all residuals and for the target, and the target
were one more corruption exchangeable with the others at one of their severities, the interval
would hold the observed accuracy with probability 1 - alpha or more, over the draw of the
corruptions. Here each residual comes from a fit that left its corruption out, and its pictures, and
the target's estimate from a fit to all corruptions. Such a jackknife has no guarantee of its own;
jackknife+, its near relative, has 1 - 2 alpha, and about 1 - alpha in practice where leaving one
corruption out changes the fit little.

What is not. Nothing is said of a shift unlike the corruptions, of one kind of corruption by itself
(the probability is over all), or of the accuracy in the population: the target is the accuracy
observed in a set of as many pictures as the residuals are of (`truth_test.resample`).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np

from causal_iqa.statistics.inputs import Floats

# 90 % needs nine corruptions; 95 % would need 19, and ImageNet-C has 15.
ALPHA = 0.1
_DIGITS = 9  # that count: nine tenths of ten and nine must not differ by the last bit


def groups_needed(alpha: float = ALPHA) -> int:
    """The least number of groups that gives a finite interval: 1 / alpha - 1, rounded up."""
    return ceil(round(1 / alpha - 1, _DIGITS))


def half_width(residuals: Sequence[Floats], alpha: float = ALPHA) -> float:
    """Half the width of the interval, >= 0; infinite with fewer than `groups_needed` groups.

    Parameters
    ----------
    residuals : for each group [n_k] its members' |estimate - observed|, n_k >= 1, finite
    alpha : probability of missing, in (0, 1)

    Raises
    ------
    ValueError
        If alpha is out of range, a group is empty, or a residual is negative or not finite.
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must be between 0 and 1, it is {alpha}")
    if not all(len(group) and (np.isfinite(group) & (group >= 0)).all() for group in residuals):
        raise ValueError("every group needs residuals, finite and not negative")
    if len(residuals) < groups_needed(alpha):
        return np.inf
    values = np.concatenate(residuals)
    masses = np.concatenate([np.full(len(group), 1 / len(group)) for group in residuals])
    order = np.argsort(values)
    # In units of 1 / (K + 1): the K groups weigh 1 each, and the last unit lies at infinity.
    beyond = np.cumsum(masses[order]) - (1 - alpha) * (len(residuals) + 1)
    # The least residual that leaves no more than alpha of the mass beyond it.
    return float(values[order][np.round(beyond, _DIGITS) >= 0][0])


def interval(estimate: float, half: float) -> tuple[float, float]:
    """The estimate plus and minus half a width, cut to [0, 1]."""
    return max(0.0, estimate - half), min(1.0, estimate + half)
