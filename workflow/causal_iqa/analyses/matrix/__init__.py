"""AUC and SRCC of every quality score for every task model, in one figure."""

from __future__ import annotations

from causal_iqa.analyses.registry import Analysis

ANALYSES = (
    Analysis(
        name="matrix",
        says="the full matrix of quality scores and task models",
        draws=lambda scope: ["matrix"],
        draws_from=lambda scope: ["groups.parquet", *scope.pooled_tables()],
        section="prediction",
        order=0,
    ),
)
