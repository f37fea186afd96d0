"""The columns of the associations of Q and M."""

from __future__ import annotations

import polars as pl

from causal_iqa.core.columns import Columns

ASSOCIATIONS = Columns(
    {
        **dict.fromkeys(("task_model", "quality_source", "quality_variant"), pl.String),
        "circular": pl.Boolean,
        "within": pl.String,
        **dict.fromkeys(("n_strata", "n_usable", "n_pairs"), pl.Int64),
        "somers_d": pl.Float64,
        **dict.fromkeys(("permuted_mean", "permutation_p"), pl.Float64),
        "n_permutations": pl.Int64,
        "reason": pl.String,
    },
    nullable=["somers_d", "permuted_mean", "permutation_p"],
)
