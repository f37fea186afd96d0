"""What kinds of scorers there are, what their score files hold, and which table is theirs."""

from __future__ import annotations

import polars as pl

from causal_iqa.core.columns import Columns

_CLASSIFIER = {
    "image_id": pl.String,
    "prediction": pl.Int32,
    "max_prob": pl.Float32,
    "entropy": pl.Float32,
    "max_logit": pl.Float32,
    "logsumexp": pl.Float32,
    "true_prob": pl.Float32,
}
_METRIC = Columns({"image_id": pl.String, "score": pl.Float32}, nullable=["score"])
SOFTMAX = Columns(
    {"image_id": pl.String, "softmax": pl.Binary},
)
"""A network's whole softmax beside its scores: float16 [classes] of a picture, as bytes."""
SCORES = {
    "classifier": Columns(_CLASSIFIER, nullable=["true_prob"]),
    "zero_shot": Columns(
        {**_CLASSIFIER, "max_prob_t": pl.Float32, "entropy_t": pl.Float32},
        nullable=["true_prob"],
    ),
    "metric": _METRIC,
    "fr_metric": _METRIC,
}
UNDEFINABLE = ("metric", "fr_metric")
"""Kinds whose ``score`` may be empty: a metric need not be defined for a picture.

The provenance says why, ``undefined: {image_id: reason}`` (``contract.read_scores``)."""
VARIANTS = {
    "classifier": ("max_prob", "entropy", "max_logit"),
    "zero_shot": ("max_prob", "entropy", "max_logit", "max_prob_t", "entropy_t"),
    "metric": ("score",),
    "fr_metric": ("score",),
}
TABLE_KINDS = {"nr_iqa": "metric", "strong": "classifier", "weak": "zero_shot"}
"""The pooled tables and the kind of their quality sources: Table 1; 2, 4, 5, 6; 3."""
FULL_REFERENCE = "fr_metric"
"""The kind that is scored and analysed for the target ``paper`` only (Appendix A)."""
ALL_TABLE_KINDS = {**TABLE_KINDS, "fr_iqa": FULL_REFERENCE}
