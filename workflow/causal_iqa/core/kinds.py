"""What kinds of scorers there are, what their score files hold, and which table is theirs."""

from __future__ import annotations

from enum import StrEnum

import polars as pl

from causal_iqa.core.columns import Columns


class Kind(StrEnum):
    """What a scorer is: ``kind`` in the configuration and in ``scorers.csv``."""

    CLASSIFIER = "classifier"
    ZERO_SHOT = "zero_shot"
    METRIC = "metric"
    FULL_REFERENCE = "fr_metric"

    def __repr__(self) -> str:
        """As it is written in the configuration: pydantic's messages show it so."""
        return repr(self.value)


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
    Kind.CLASSIFIER: Columns(_CLASSIFIER, nullable=["true_prob"]),
    Kind.ZERO_SHOT: Columns(
        {**_CLASSIFIER, "max_prob_t": pl.Float32, "entropy_t": pl.Float32},
        nullable=["true_prob"],
    ),
    Kind.METRIC: _METRIC,
    Kind.FULL_REFERENCE: _METRIC,
}
UNDEFINABLE = (Kind.METRIC, Kind.FULL_REFERENCE)
"""Kinds whose ``score`` may be empty: a metric need not be defined for a picture.

The provenance says why, ``undefined: {image_id: reason}`` (``contract.read_scores``)."""
VARIANTS = {
    Kind.CLASSIFIER: ("max_prob", "entropy", "max_logit"),
    Kind.ZERO_SHOT: ("max_prob", "entropy", "max_logit", "max_prob_t", "entropy_t"),
    Kind.METRIC: ("score",),
    Kind.FULL_REFERENCE: ("score",),
}
TABLE_KINDS = {"nr_iqa": Kind.METRIC, "strong": Kind.CLASSIFIER, "weak": Kind.ZERO_SHOT}
"""The pooled tables and the kind of their quality sources: Table 1; 2, 4, 5, 6; 3."""
ALL_TABLE_KINDS = {**TABLE_KINDS, "fr_iqa": Kind.FULL_REFERENCE}
