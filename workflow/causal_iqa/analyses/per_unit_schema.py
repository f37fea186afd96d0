"""The columns of a table of fits per unit: a label, or a mixture."""

from __future__ import annotations

import polars as pl

from causal_iqa.core.columns import Columns

UNIT_PAIR = dict.fromkeys(("task_model", "quality_source", "quality_variant"), pl.String)
UNIT_AUCS = {"mean_auc": pl.Float64, "sd_auc": pl.Float64}
UNIT_CES = {"mean_ce": pl.Float64, "sd_ce": pl.Float64}
UNITS = Columns(
    {
        **UNIT_PAIR,
        **UNIT_AUCS,
        **UNIT_CES,
        **dict.fromkeys(("n_units", "n_skipped"), pl.Int64),
        "reason": pl.String,
    },
    nullable={*UNIT_AUCS, *UNIT_CES},
)
"""``label.csv`` (a unit is a label) and ``mixtures_mean.csv`` (a unit is a p_c and a seed)."""
