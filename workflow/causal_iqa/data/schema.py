"""The columns of what the analyses read."""

from __future__ import annotations

import polars as pl

from causal_iqa.core.columns import Columns
from causal_iqa.core.kinds import SCORES

PANELS = {
    kind: Columns(
        {"corruption": pl.String, "severity": pl.Int32, **columns}, nullable=columns.nullable
    )
    for kind, columns in SCORES.items()
}
"""All score files of a scorer of this kind, one condition after the other."""
ACCURACY = Columns(
    {
        "task_model": pl.String,
        "corruption": pl.String,
        "severity": pl.Int32,
        "accuracy": pl.Float64,
        "n": pl.Int32,
    },
)
SPLITS = Columns(
    {"image_id": pl.String, "is_test": pl.Boolean, "label_fold": pl.Int32},
)
SPLITS_ROWS = Columns(
    {
        "image_id": pl.String,
        "corruption": pl.String,
        "severity": pl.Int32,
        "image_fold": pl.Int32,
        "row_fold": pl.Int32,
    },
)
CONDITION_MEANS = Columns(
    {
        "scorer": pl.String,
        "variant": pl.String,
        "corruption": pl.String,
        "severity": pl.Int32,
        "mean": pl.Float64,
        "n": pl.Int32,
    },
)
