"""The columns of ``content_image.csv`` and ``content_label.csv``."""

from __future__ import annotations

import polars as pl

from causal_iqa.analyses.per_unit_schema import UNIT_AUCS, UNIT_CES, UNIT_PAIR
from causal_iqa.core.columns import Columns

CONTENT = Columns(
    {
        **UNIT_PAIR,
        **UNIT_AUCS,
        "sd_auc_folds": pl.Float64,
        **UNIT_CES,
        **dict.fromkeys(("n_units", "n_folds", "n_skipped"), pl.Int64),
        "reason": pl.String,
    },
    nullable={*UNIT_AUCS, "sd_auc_folds", *UNIT_CES},
)
"""``content_image.csv``, ``content_label.csv``; n_folds + n_skipped = all units x folds.

n_skipped folds are left out, or count as an AUC of 0.5 where the config says so.
"""
