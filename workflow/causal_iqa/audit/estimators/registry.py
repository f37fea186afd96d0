"""What estimators of accuracy there are. A further one is one more entry here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeAlias

from causal_iqa.audit.estimators.agreement import aline_d, aline_s, disagreement
from causal_iqa.audit.estimators.agreement_confidence import agreement_and_confidence
from causal_iqa.audit.estimators.confidence import (
    atc_max_confidence,
    atc_negative_entropy,
    average_confidence,
    doc,
    doc_regression,
)
from causal_iqa.audit.estimators.outputs import Fitted, Labelled
from causal_iqa.audit.estimators.quality_regression import logistic
from causal_iqa.audit.estimators.transport import confidence_transport

Fit: TypeAlias = Callable[[str, Labelled, Sequence[Labelled]], Fitted]
"""(task network, clean, labelled shifts) -> Fitted; raises Unavailable."""


class Entry(NamedTuple):
    """A method. uses_shifts: whether its fit looks at the labelled shifts at all."""

    title: str
    source: str
    uses_shifts: bool
    fit: Fit


class Family(NamedTuple):
    """A method that takes a quality score; fit: (source, variant) -> its fit function."""

    title: str
    source: str
    uses_shifts: bool
    fit: Callable[[str, str], Fit]


class Estimator(NamedTuple):
    """One estimator to try; source and variant of its quality score are None without one."""

    name: str
    source: str | None
    variant: str | None
    uses_shifts: bool
    fit: Fit


_GUILLORY = "Guillory et al. 2021"
_GARG = "Garg et al. 2022"
_BAEK = "Baek et al. 2022"

ESTIMATORS: dict[str, Entry] = {
    "ac": Entry("average confidence", "Hendrycks & Gimpel 2017", False, average_confidence),
    "atc_mc": Entry("ATC, max confidence", _GARG, False, atc_max_confidence),
    "atc_ne": Entry("ATC, negative entropy", _GARG, False, atc_negative_entropy),
    "doc": Entry("difference of confidences", _GUILLORY, False, doc),
    "doc_regression": Entry("DoC regression", _GUILLORY, True, doc_regression),
    "cot": Entry("confidence optimal transport", "Lu et al. 2023", False, confidence_transport),
    "gde": Entry("agreement (GDE)", "Jiang et al. 2022", False, disagreement),
    "aline_s": Entry("ALine-S", _BAEK, False, aline_s),
    "aline_d": Entry("ALine-D", _BAEK, False, aline_d),
    "agreement_confidence": Entry(
        "agreement and confidence", "this project", True, agreement_and_confidence
    ),
}
FAMILIES: dict[str, Family] = {
    "logistic": Family("logistic regression P(M=1|Q)", "this project", True, logistic),
}


def estimators_for(quality: Iterable[tuple[str, str]]) -> list[Estimator]:
    """All estimators to try for a task network; quality: (scorer, variant) of each Q there is."""
    scores = list(quality)
    return [
        Estimator(name, None, None, entry.uses_shifts, entry.fit)
        for name, entry in ESTIMATORS.items()
    ] + [
        Estimator(name, source, variant, family.uses_shifts, family.fit(source, variant))
        for name, family in FAMILIES.items()
        for source, variant in scores
    ]
