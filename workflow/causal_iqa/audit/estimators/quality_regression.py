"""Accuracy as the mean of P(M=1|Q), for any quality Q."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from causal_iqa.audit.estimators.outputs import Fitted, Labelled, Outputs, Unavailable, quality_of
from causal_iqa.statistics import NotEstimable
from causal_iqa.statistics.inputs import Floats
from causal_iqa.statistics.logistic import fit_logistic, predict


def logistic(source: str, variant: str) -> Callable[[str, Labelled, Sequence[Labelled]], Fitted]:
    """The fit function of P(M=1|Q), a logistic regression on one quality score.

    Fitted to all pictures of the clean condition and the shifts together, each of equal weight.
    This project's own; no paper's.

    Raises (the function it gives)
    ------------------------------
    Unavailable
        If Q is missing, M holds one class only, or the solver does not converge.
    """

    def fit(task: str, clean: Labelled, shifts: Sequence[Labelled]) -> Fitted:
        parts = (clean, *shifts)
        q = np.concatenate([quality_of(part.outputs, source, variant) for part in parts])
        m = np.concatenate([part.correct(task) for part in parts])
        try:
            found = fit_logistic(q, m)
        except NotEstimable as finding:
            raise Unavailable(finding.reason) from finding
        # So ends a Q that is too large to square; what the solver ended at is arbitrary.
        if not found.converged:
            raise Unavailable("solver not converged")

        def probabilities(target: Outputs) -> Floats:
            return predict(found, quality_of(target, source, variant))

        return Fitted(lambda target: float(probabilities(target).mean()), probabilities)

    return fit
