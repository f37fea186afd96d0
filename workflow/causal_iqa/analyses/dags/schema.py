"""The columns of the graphs' claims."""

from __future__ import annotations

import polars as pl

from causal_iqa.core.columns import Columns

DAG_CLAIMS = Columns(
    {
        **dict.fromkeys(
            ("dag", "figure", "reading", "claim", "said", "paper", "implied"), pl.String
        ),
        "agree": pl.Boolean,
        "path": pl.String,
        "agree_stated_edges": pl.Boolean,
        **dict.fromkeys(("without_noise", "where", "sentence", "note"), pl.String),
    },
)
