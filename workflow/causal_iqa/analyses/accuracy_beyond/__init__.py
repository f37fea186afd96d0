"""Networks by accuracy beyond what quality predicts (Discussion)."""

from __future__ import annotations

from causal_iqa.analyses.registry import GRID, Analysis

ANALYSES = (
    Analysis(
        name="accuracy_beyond",
        says="networks ranked by accuracy beyond what quality predicts",
        reads=lambda scope: [*scope.panels(), "splits.parquet"],
        makes=("tables/accuracy_beyond.csv",),
        settings=(*GRID, "analysis.include_clean", "analysis.seed", "analysis.resamples"),
        draws=lambda scope: ["accuracy_beyond"],
        threads=2,
        section="beyond",
        order=0,
    ),
)
