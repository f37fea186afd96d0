"""Estimators of accuracy without labels, tried where the accuracy is known."""

from __future__ import annotations

from causal_iqa.analyses.registry import GRID, Analysis

ANALYSES = (
    Analysis(
        name="estimators",
        says="try every estimator of accuracy on the labelled conditions",
        reads=lambda scope: [*scope.panels(), *scope.softmax()],
        makes=("tables/estimators.csv",),
        settings=(*GRID, "analysis.seed"),
        draws=lambda scope: ["estimators"],
        threads=2,
    ),
)
