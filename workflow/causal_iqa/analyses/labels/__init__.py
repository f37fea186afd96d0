"""Predictability where the label is fixed (paper 2.2)."""

from __future__ import annotations

from causal_iqa.analyses.registry import GRID, Analysis

ANALYSES = (
    Analysis(
        name="label",
        says="predictability within each label",
        reads=lambda scope: [*scope.panels(), "splits.parquet"],
        makes=("tables/label.csv",),
        settings=(*GRID, "analysis.include_clean"),
        threads=2,
        section="prediction",
        order=1,
    ),
)
