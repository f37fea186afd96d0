"""Accuracy from the agreement of several task networks: GDE, ALine-S and ALine-D.

The networks are all that have predictions. Those of the same weights agree always; a caller gives
one of them only.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from causal_iqa.audit.estimators.outputs import Fitted, Labelled, Outputs, Unavailable
from causal_iqa.audit.estimators.rates import agreement, mean_agreement, probit, rate
from causal_iqa.statistics.inputs import Floats


def disagreement(task: str, clean: Labelled, shifts: Sequence[Labelled]) -> Fitted:
    """Mean over the other networks of the share of pictures on which they agree with this one.

    Jiang et al. 2022, "Assessing generalization of SGD via disagreement". There the networks are
    of one architecture, trained alike from other seeds, and the agreement of two equals their
    accuracy in expectation if the ensemble is calibrated. Here they are of other architectures
    and accuracies, for which that does not hold: a network's estimate is drawn to the others'.

    Raises
    ------
    Unavailable
        If there is no other network.
    """
    others = others_than(task, clean)
    return Fitted(lambda target: mean_agreement(target, task, others))


def aline_s(task: str, clean: Labelled, shifts: Sequence[Labelled]) -> Fitted:
    """The clean accuracy moved along the line on which the networks' agreements lie.

    On the probit scale the agreements of all pairs on the target are regressed on those on the
    clean pictures; the same line takes the clean accuracy to the target's. Rates of 0 and 1 have
    no probit: every rate k / n is cut to [0.5 / (n + 1), (n + 0.5) / (n + 1)].

    Baek et al. 2022, "Agreement-on-the-line: predicting the performance of neural networks under
    distribution shift" (ALine-S).

    Raises
    ------
    Unavailable
        If there are fewer than three networks, or all pairs agree equally on the clean pictures.
    """
    networks = _networks(clean)

    def estimate(target: Outputs) -> float:
        slope, intercept = _line(_agreements(clean.outputs), _agreements(target))
        return rate(slope * _accuracies(clean)[networks.index(task)] + intercept)

    return Fitted(estimate)


def aline_d(task: str, clean: Labelled, shifts: Sequence[Labelled]) -> Fitted:
    """As `aline_s`, but each pair's mean accuracy is moved from that pair's own agreement.

    With a the slope of `aline_s` and everything on the probit scale, each pair gives an equation:
    its mean accuracy on the target is its agreement there plus a times (its mean accuracy less its
    agreement on the clean pictures). All networks' accuracies are the least squares solution.

    Source and errors as for `aline_s` (ALine-D).
    """
    networks = _networks(clean)
    pairs = list(combinations(range(len(networks)), 2))

    def estimate(target: Outputs) -> float:
        before, after = _agreements(clean.outputs), _agreements(target)
        slope, _ = _line(before, after)
        halves = np.zeros((len(pairs), len(networks)))
        for row, pair in zip(halves, pairs, strict=True):
            # Half of each: the equation is of the pair's mean.
            row[list(pair)] = 0.5
        right = after + slope * (halves @ _accuracies(clean) - before)
        # More pairs than networks from four on, so that the equations have no exact solution.
        return rate(np.linalg.lstsq(halves, right)[0][networks.index(task)])

    return Fitted(estimate)


def others_than(task: str, clean: Labelled) -> list[str]:
    """The other networks. Raises Unavailable if there is none."""
    others = [name for name in clean.outputs.predictions if name != task]
    if not others:
        raise Unavailable("needs another network, there is none")
    return others


def _networks(clean: Labelled) -> list[str]:
    networks = list(clean.outputs.predictions)
    # Two networks are one pair, and a line needs two.
    if len(networks) < 3:
        raise Unavailable(f"needs three networks, there are {len(networks)}")
    return networks


def _line(before: Floats, after: Floats) -> tuple[float, float]:
    """Slope and intercept of the agreements' line."""
    # Exactly: rates over the same pictures are equal or differ by a picture.
    if np.ptp(before) == 0:
        raise Unavailable("all pairs of networks agree equally on the clean pictures")
    slope, intercept = np.polyfit(before, after, 1)
    return float(slope), float(intercept)


def _agreements(outputs: Outputs) -> Floats:
    """Probit of the agreement of every pair of networks, [pairs]."""
    pairs = combinations(outputs.predictions, 2)
    return probit([agreement(outputs, *pair) for pair in pairs], outputs.n)


def _accuracies(clean: Labelled) -> Floats:
    """Probit of every network's accuracy, [networks]."""
    accuracies = [clean.accuracy(name) for name in clean.outputs.predictions]
    return probit(accuracies, clean.outputs.n)
