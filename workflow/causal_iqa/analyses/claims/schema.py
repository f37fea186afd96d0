"""The columns of the paper's sentences, tested."""

from __future__ import annotations

import polars as pl

from causal_iqa.core.columns import Columns

_CLAIM = dict.fromkeys(
    ("margin", "left_value", "right_value", "difference", "lo", "hi"), pl.Float64
)
CLAIMS = Columns(
    {
        **dict.fromkeys(("claim", "section", "quantity", "left", "says", "right"), pl.String),
        **_CLAIM,
        "ci_method": pl.String,
        "unit": pl.String,
        **dict.fromkeys(("n_units", "n_task_models", "n_pairs"), pl.Int64),
        **dict.fromkeys(("picked", "verdict", "reason", "note", "sentence"), pl.String),
    },
    nullable=_CLAIM,
)
"""What each column means: ``analyses.claims.compute``."""
