"""The columns of the list of the paper's scatter figures."""

from __future__ import annotations

import polars as pl

from causal_iqa.core.columns import Columns

PAPER_FIGURES = Columns(
    {
        "number": pl.Int64,
        **dict.fromkeys(("caption", "stands_in", "file", "reason"), pl.String),
    },
)
"""The paper's scatter figures: what stands in for its scorers, the file, why there is none."""
