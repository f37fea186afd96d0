"""What each solver did with each row of the pooled tables."""

from __future__ import annotations

from causal_iqa.analyses.registry import GRID, Analysis

ANALYSES = (
    Analysis(
        name="solver_audit",
        says="what each solver did with each row of the pooled tables",
        reads=lambda scope: [
            *scope.panels(),
            *scope.reference_panels(),
            *scope.pooled_tables(reference=True),
            "splits.parquet",
        ],
        makes=("tables/solver_audit.csv",),
        settings=(*GRID, "analysis.include_clean"),
        section="solver",
        order=0,
    ),
)
