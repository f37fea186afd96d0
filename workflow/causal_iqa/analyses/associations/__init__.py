"""Association of Q and M within picture, label and condition."""

from __future__ import annotations

from causal_iqa.analyses.registry import GRID, Analysis

ANALYSES = (
    Analysis(
        name="associations",
        says="association of Q and M within picture, label and condition",
        reads=lambda scope: [*scope.panels(), *scope.reference_panels()],
        makes=("tables/associations.csv",),
        settings=(*GRID, "analysis.include_clean", "analysis.seed", "paper.permutations"),
        section="causal",
        order=1,
    ),
)
