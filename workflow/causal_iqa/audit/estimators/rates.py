"""Rates over pictures, and the probit scale on which rates of networks lie on lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from causal_iqa.audit.estimators.outputs import Outputs
from causal_iqa.statistics.inputs import Floats


def agreement(outputs: Outputs, one: str, other: str) -> float:
    """Share of the pictures on which two networks predict the same class, in [0, 1]."""
    return float((outputs.predictions[one] == outputs.predictions[other]).mean())


def mean_agreement(outputs: Outputs, task: str, others: list[str]) -> float:
    """Mean of a network's agreements with others, in [0, 1]."""
    return float(np.mean([agreement(outputs, task, name) for name in others]))


def probit(rates: ArrayLike, n: int) -> Floats:
    """The normal quantile of rates over n pictures.

    Rates of 0 and 1 have none: every rate is cut to [0.5 / (n + 1), (n + 0.5) / (n + 1)].
    """
    # Imported where it is used: scipy.stats takes a second, and most estimators need none of it.
    from scipy.stats import norm

    found: Floats = norm.ppf(np.clip(rates, 0.5 / (n + 1), (n + 0.5) / (n + 1)))
    return found


def rate(probit: float) -> float:
    """The rate in [0, 1] of a normal quantile."""
    from scipy.stats import norm

    return float(norm.cdf(probit))
