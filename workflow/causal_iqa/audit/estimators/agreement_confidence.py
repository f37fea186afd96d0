"""Accuracy from agreement and confidence together, regressed over the labelled shifts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from causal_iqa.audit.estimators.agreement import others_than
from causal_iqa.audit.estimators.confidence import mean_confidence
from causal_iqa.audit.estimators.outputs import Fitted, Labelled, Outputs, Unavailable
from causal_iqa.audit.estimators.rates import mean_agreement, probit, rate
from causal_iqa.statistics.inputs import Floats

FEWEST = 6
"""Labelled conditions, twice as many as there are coefficients."""


def agreement_and_confidence(task: str, clean: Labelled, shifts: Sequence[Labelled]) -> Fitted:
    """A network's accuracy as a plane over its agreement with the others and its confidence.

    All three on the probit scale (`rates`), where agreement and accuracy lie on lines (Baek et al.
    2022): the least squares fit, with an intercept, of the accuracy to the mean agreement with the
    other networks and to the mean of the largest softmax probability, the clean pictures and each
    labelled shift a point. Networks that err alike agree and are wrong, which confidence may tell.
    This project's own; no paper's.

    Raises
    ------
    Unavailable
        If there is no other network, fewer than FEWEST labelled conditions, or the conditions do
        not tell the two apart.
    """
    others = others_than(task, clean)
    parts = (clean, *shifts)
    if len(parts) < FEWEST:
        raise Unavailable(f"needs {FEWEST} labelled conditions, there are {len(parts)}")

    def features(outputs: Outputs) -> Floats:
        rates = (mean_agreement(outputs, task, others), mean_confidence(outputs, task))
        return np.concatenate([[1.0], probit(rates, outputs.n)])

    points = np.stack([features(part.outputs) for part in parts])
    accuracies = np.stack([probit(part.accuracy(task), part.outputs.n) for part in parts])
    # lstsq answers where the points lie on a line too: the rank tells that it was not determined.
    plane, _, rank, _ = np.linalg.lstsq(points, accuracies)
    if rank < points.shape[1]:
        raise Unavailable(
            "agreement and confidence cannot be told apart on the labelled conditions"
        )
    return Fitted(lambda target: rate(float(features(target) @ plane)))
