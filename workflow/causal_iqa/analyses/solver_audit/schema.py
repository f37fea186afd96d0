"""The columns of the audit of the solvers."""

from __future__ import annotations

import polars as pl

from causal_iqa.core.columns import Columns

_AUDIT = {
    **dict.fromkeys(("gradient_left", "correlation"), pl.Float64),
    **dict.fromkeys(("auc_right_sign", "ce_gain"), pl.Float64),
    **dict.fromkeys(("sklearn_slope", "sklearn_auc", "sklearn_ce"), pl.Float64),
    **dict.fromkeys(("converged", "sign_agrees", "artefact"), pl.Boolean),
}
SOLVER_AUDIT = Columns(
    {
        "table": pl.String,
        **dict.fromkeys(("task_model", "quality_source", "quality_variant", "solver"), pl.String),
        **dict.fromkeys(("slope", "intercept", "auc", "ce", "ce_base"), pl.Float64),
        **_AUDIT,
        "reason": pl.String,
    },
    nullable={"slope", "intercept", "auc", "ce", "ce_base", *_AUDIT},
)
"""What each column means: ``analyses.solver_audit.compute``."""
