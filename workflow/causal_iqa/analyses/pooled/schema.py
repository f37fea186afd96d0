"""The columns of the pooled tables."""

from __future__ import annotations

import polars as pl

from causal_iqa.core.columns import Columns

CORRELATIONS = ("krcc", "plcc", "srcc")
_ESTIMATES = {
    name: pl.Float64
    for name in (
        *("auc", "auc_lo", "auc_hi", "auc_cluster_lo", "auc_cluster_hi"),
        *("slope", "intercept"),
        *("ce", "ce_lo", "ce_hi", "ce_cluster_lo", "ce_cluster_hi", "ce_base"),
        *(
            coefficient + suffix
            for coefficient in CORRELATIONS
            for suffix in ("", "_lo", "_hi", "_corr_lo", "_corr_hi", "_p", "_p_holm")
        ),
    )
}
POOLED = Columns(
    {
        **dict.fromkeys(("task_model", "quality_source", "quality_variant"), pl.String),
        "circular": pl.Boolean,
        **dict.fromkeys(("n_groups", "n_train", "n_test"), pl.Int64),
        "solver": pl.String,
        "auc_ci_method": pl.String,
        **_ESTIMATES,
        "reason": pl.String,
    },
    nullable=_ESTIMATES,
)
