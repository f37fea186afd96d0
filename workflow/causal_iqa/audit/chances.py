"""P(M=1) of single pictures, brought into line with the estimate of their set."""

from __future__ import annotations

import numpy as np

from causal_iqa.statistics.inputs import Floats

LEAST = 1e-9
"""Probabilities nearer to 0 or 1 are taken as so near: a certain one could not be moved."""


def with_mean(chances: Floats, mean: float) -> Floats:
    """The probabilities, all moved by one constant on the logit scale, with this mean.

    An estimator that speaks of single pictures, fitted over all severities, is drawn to their mean
    accuracy; the set's own estimate errs less (``truth``). The order of the pictures stays.

    Parameters
    ----------
    chances : [n] in [0, 1], n >= 1
    mean : in [0, 1]; cut to [0.5 / (n + 1), (n + 0.5) / (n + 1)]: no constant makes all certain

    Returns
    -------
    [n] in [0, 1]
    """
    from scipy.optimize import brentq
    from scipy.special import expit, logit

    n = chances.size
    # As the probits of `rates` are cut: half a picture from none and from all.
    wanted = float(np.clip(mean, 0.5 / (n + 1), (n + 0.5) / (n + 1)))
    logits = logit(np.clip(chances, LEAST, 1 - LEAST))
    # At either end all logits lie past that of `wanted`, so that brentq finds a change of sign.
    reach = 2 * float(-logit(LEAST)) + abs(float(logit(wanted)))
    step = brentq(lambda d: float(expit(logits + d).mean()) - wanted, -reach, reach, xtol=1e-12)
    moved: Floats = expit(logits + step)
    return moved
