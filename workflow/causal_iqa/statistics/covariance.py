"""The sign of a logistic regression's slope without the regression.

In one dimension, with a penalty on the slope alone, the objective is convex and its derivative at
slope 0 is minus the covariance of Q and M: the slope has the covariance's sign.
"""

import numpy as np
from numpy.typing import ArrayLike

from causal_iqa.statistics.compiled import compiled
from causal_iqa.statistics.inputs import Floats, Integers, group_offsets, score_and_class


def covariance_signs(q: ArrayLike, m: ArrayLike, offsets: ArrayLike) -> Floats:
    """-1, 0 or 1 for each of many groups of rows that lie one after the other, [n_groups].

    q: [n] finite; m: [n] 0/1; offsets: [n_groups + 1], group g is rows offsets[g]:offsets[g + 1].
    0 where q is constant or the group empty. ValueError as ``statistics.logistic.fit_logistic``.
    """
    score, correct = score_and_class(q, m)
    return _signs(score, correct, group_offsets(offsets, len(score)))


@compiled
def _signs(q: Floats, m: Integers, offsets: Integers) -> Floats:
    signs = np.zeros(offsets.size - 1)
    for g in range(signs.size):
        first, last = offsets[g], offsets[g + 1]
        total = product = 0.0
        right = 0
        for i in range(first, last):
            deviation = q[i] - q[first]  # exactly 0 where q is constant
            total += deviation
            product += deviation * m[i]
            right += m[i]
        if last > first:
            signs[g] = np.sign(product - total * right / (last - first))
    return signs
