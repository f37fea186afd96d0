"""What scorers, quality variants and conditions are called where a person reads them."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from causal_iqa.core.kinds import Kind

FAMILY_TITLES = {
    "nr_iqa": "No-reference metrics",
    "strong": "Task networks' confidence (strong guidance)",
    "weak": "Zero-shot dual encoder (weak guidance)",
    "fr_iqa": "Full-reference metrics",
}
KIND_WORDS = {
    Kind.CLASSIFIER: "classifier (task model and strong guidance)",
    Kind.ZERO_SHOT: "zero-shot image-text dual encoder (weak guidance)",
    Kind.METRIC: "no-reference metric",
    Kind.FULL_REFERENCE: "full-reference metric",
}
_VARIANT_WORDS = {
    "score": "score",
    "max_prob": "max probability",
    "entropy": "entropy",
    "max_logit": "max logit",
    "max_prob_t": "max probability at logit scale",
    "entropy_t": "entropy at logit scale",
}
CIRCULAR_MARK = "†"
SELF_MARK = "‡"


class ScorerWords(NamedTuple):
    """A row of scorers.csv; ``title`` falls back to the name."""

    name: str
    title: str
    kind: Kind
    lower_better: bool | None
    trained_on_labels: bool | None
    weights_group: str
    synthetic: bool
    value_range: str | None


def scorers_by_name(scorers: pl.DataFrame) -> dict[str, ScorerWords]:
    """Scorers of a ``SCORERS`` table by name, in the table's order."""
    return {
        row["scorer"]: ScorerWords(
            row["scorer"],
            row["title"] or row["scorer"],
            Kind(row["kind"]),
            row["lower_better"],
            row["trained_on_labels"],
            row["weights_group"] or "",
            row["synthetic"],
            row["value_range"],
        )
        for row in scorers.iter_rows(named=True)
    }


def variant_words(kind: Kind, variant: str) -> str:
    """A quality variant in words; a zero-shot scorer's largest logit is a cosine."""
    if kind == Kind.ZERO_SHOT and variant == "max_logit":
        return "max cosine"
    return _VARIANT_WORDS[variant]


def score_words(scorer: ScorerWords, variant: str) -> str:
    """A quality score in words: its source, and which of its variants where it has several."""
    if variant == "score":
        return scorer.title
    return f"{scorer.title}, {variant_words(scorer.kind, variant)}"


def lower_is_better(variant: str, of_scorer: bool | None) -> bool | None:
    """Whether lower is better, by the quality score's own scale; None: nobody says.

    of_scorer: what ``scorers.csv`` says of the scorer.
    """
    # Before the scorer's own direction, which is that of its confidence.
    return True if variant.startswith("entropy") else of_scorer


def direction(scorer: ScorerWords, variant: str) -> str:
    """Which way a quality score is better, in words: by its own scale, whatever is found here."""
    lower = lower_is_better(variant, scorer.lower_better)
    if lower is None:
        return "no better direction is defined"
    return f"by its own scale {'lower' if lower else 'higher'} is better"


def against_own_scale(lower: bool | None, lo: float | None, hi: float | None) -> bool:
    """Whether a coefficient of a score with accuracy goes against the score's own scale.

    lower: ``lower_is_better``. lo, hi: the coefficient's interval, which must lie wholly on the
    other side of 0.
    """
    if lower is None or lo is None or hi is None:
        return False
    return lo > 0 if lower else hi < 0


def found_against(lower: bool | None, lo: float | None, hi: float | None) -> str:
    """``here accuracy rises with it`` where that goes against the score's own scale, else ''."""
    if not against_own_scale(lower, lo, hi):
        return ""
    return f"here accuracy {'rises' if lower else 'falls'} with it"


def axis_name(scorer: ScorerWords, variant: str) -> str:
    """An axis of one quality variant: what, and its unit where it has one."""
    what = scorer.title if variant == "score" else variant_words(scorer.kind, variant)
    unit = " (nats)" if variant.startswith("entropy") else ""
    return f"{what[0].upper()}{what[1:]}{unit}"


def axis_label(scorer: ScorerWords, variant: str) -> str:
    """An axis of one quality variant: what, unit where it has one, direction."""
    return f"{axis_name(scorer, variant)}, {direction(scorer, variant)}"


def corruption_words(corruption: str) -> str:
    """``jpeg_compression`` -> ``JPEG compression``."""
    return corruption.replace("_", " ").replace("jpeg", "JPEG")


def pair_mark(task_model: str, quality_source: str, circular: bool | None) -> str:
    """The mark of a pair that shares weights: itself, another scorer, or none ('')."""
    # First: a network shares weights with itself, too.
    if task_model == quality_source:
        return SELF_MARK
    return CIRCULAR_MARK if circular else ""
