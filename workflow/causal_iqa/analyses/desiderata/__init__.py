"""Scorecard of the desiderata D1 to D4."""

from __future__ import annotations

from causal_iqa.analyses.registry import GRID, Analysis

ANALYSES = (
    Analysis(
        name="desiderata",
        says="scorecard of D1 to D4",
        reads=lambda scope: [
            *scope.panels(),
            *scope.reference_panels(),
            *scope.pooled_tables(reference=True),
        ],
        makes=("tables/desiderata.csv", "tables/desiderata_sensitivity.csv"),
        settings=(*GRID, "analysis.seed", "analysis.resamples", "paper.thresholds"),
        draws=lambda scope: ["desiderata"],
        section="scorecard",
        order=0,
    ),
)
