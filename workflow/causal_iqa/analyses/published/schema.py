"""The columns of the paper's tables as printed, and of ours beside them."""

from __future__ import annotations

import polars as pl

from causal_iqa.analyses.pooled.schema import CORRELATIONS
from causal_iqa.core.columns import Columns

PUBLISHED_TABLES = Columns(
    {
        "table": pl.Int64,
        **dict.fromkeys(("guidance", "task_model", "quality_source", "quality_variant"), pl.String),
        **dict.fromkeys(("auc", "ce"), pl.Float64),
        **{name + end: pl.Float64 for name in CORRELATIONS for end in ("", "_ci95")},
    },
    nullable=["table", "auc", "ce", *CORRELATIONS],
)
"""The paper's Tables 1 to 6 as printed: ``resources/published_tables.csv``."""
_COMPARISON = {
    **dict.fromkeys(("value", "half_width", "paper", "paper_half_width"), pl.Float64),
    **dict.fromkeys(("difference", "joint_half_width"), pl.Float64),
    "within": pl.Boolean,
}
PUBLISHED = Columns(
    {
        "table": pl.Int64,
        **dict.fromkeys(("paper_task_model", "paper_quality_source", "quality_variant"), pl.String),
        **dict.fromkeys(("task_model", "quality_source", "quantity", "solver"), pl.String),
        **_COMPARISON,
        "reason": pl.String,
    },
    nullable={"table", *_COMPARISON},
)
"""What each column means: ``analyses.published.compute``."""
