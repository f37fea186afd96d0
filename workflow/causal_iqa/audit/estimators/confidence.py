"""Accuracy from a task network's own confidence: AC, ATC and DoC.

All take the network's largest softmax probability (``max_prob``) or the entropy of its softmax as
they are; the papers' variants with temperature scaling are not here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from causal_iqa.audit.estimators.outputs import (
    Fitted,
    Labelled,
    Outputs,
    Unavailable,
    quality_of,
    within_unit,
)
from causal_iqa.statistics.inputs import Floats

MAX_PROB, ENTROPY = "max_prob", "entropy"


def average_confidence(task: str, clean: Labelled, shifts: Sequence[Labelled]) -> Fitted:
    """Mean of the largest softmax probability; nothing is fitted.

    Hendrycks & Gimpel 2017, "A baseline for detecting misclassified and out-of-distribution
    examples in neural networks", take the probability as the confidence of one prediction; its
    mean is the AC of Guillory et al. 2021.
    """
    return Fitted(
        lambda target: mean_confidence(target, task), lambda target: _max_prob(target, task)
    )


def atc_max_confidence(task: str, clean: Labelled, shifts: Sequence[Labelled]) -> Fitted:
    """Average thresholded confidence, ATC-MC; see `_atc`."""
    return _atc(task, clean, lambda outputs: _max_prob(outputs, task))


def atc_negative_entropy(task: str, clean: Labelled, shifts: Sequence[Labelled]) -> Fitted:
    """Average thresholded confidence, ATC-NE; see `_atc`."""
    return _atc(task, clean, lambda outputs: -quality_of(outputs, task, ENTROPY))


def _atc(task: str, clean: Labelled, score: Callable[[Outputs], Floats]) -> Fitted:
    """Share of pictures whose score reaches a threshold.

    The threshold is such that on the clean pictures the share below it is the network's error.
    Pictures with equal scores fall on one side, so with ties the shares may differ.

    Garg et al. 2022, "Leveraging unlabeled data to predict out-of-distribution performance".
    """
    scores = np.sort(score(clean.outputs))
    n_wrong = int((~clean.correct(task)).sum())
    # All wrong: no score reaches it.
    threshold = scores[n_wrong] if n_wrong < scores.size else np.inf
    return Fitted(lambda target: float((score(target) >= threshold).mean()))


def doc(task: str, clean: Labelled, shifts: Sequence[Labelled]) -> Fitted:
    """Clean accuracy less the difference of the average confidences (DoC-Feat).

    Guillory et al. 2021, "Predicting with confidence on unseen distributions": the difference
    itself taken for the loss of accuracy. Cut to [0, 1].
    """
    accuracy, confidence = clean.accuracy(task), mean_confidence(clean.outputs, task)
    return Fitted(lambda target: within_unit(accuracy - confidence + mean_confidence(target, task)))


def doc_regression(task: str, clean: Labelled, shifts: Sequence[Labelled]) -> Fitted:
    """Clean accuracy less what a line predicts from the difference of confidences (DoC).

    The line, with an intercept, is the least squares fit of the loss of accuracy to the difference
    of the average confidences over the labelled shifts, a shift (corruption and severity) a point.
    Cut to [0, 1].

    Guillory et al. 2021, "Predicting with confidence on unseen distributions".

    Raises
    ------
    Unavailable
        If the shifts do not differ in confidence: no line then.
    """
    accuracy, confidence = clean.accuracy(task), mean_confidence(clean.outputs, task)
    differences = [confidence - mean_confidence(shift.outputs, task) for shift in shifts]
    losses = [accuracy - shift.accuracy(task) for shift in shifts]
    # polyfit would answer with any of the lines through one point.
    if len(shifts) < 2 or np.ptp(differences) == 0:
        raise Unavailable(f"no line through {len(shifts)} shifts of equal confidence")
    slope, intercept = np.polyfit(differences, losses, 1)

    def estimate(target: Outputs) -> float:
        difference = confidence - mean_confidence(target, task)
        return within_unit(float(accuracy - slope * difference - intercept))

    return Fitted(estimate)


def _max_prob(outputs: Outputs, task: str) -> Floats:
    return quality_of(outputs, task, MAX_PROB)


def mean_confidence(outputs: Outputs, task: str) -> float:
    """Mean of the largest softmax probability, in [0, 1]."""
    return float(_max_prob(outputs, task).mean())
