"""The paper's comparative sentences, each tested."""

from __future__ import annotations

from pathlib import Path

from causal_iqa.analyses.registry import GRID, Analysis

CLAIMS_FILE = Path("resources/paper_claims.yaml")

ANALYSES = (
    Analysis(
        name="claims",
        says="the paper's comparative sentences, each tested",
        reads=lambda scope: [
            *scope.panels(),
            *scope.pooled_tables(),
            "splits.parquet",
            "splits_rows.parquet",
            "mixtures.parquet",
        ],
        resources=lambda scope: [CLAIMS_FILE],
        makes=("tables/claims.csv",),
        settings=(
            *GRID,
            *("analysis.include_clean", "analysis.seed", "analysis.resamples"),
            *("paper.image_folds", "paper.label_folds", "paper.degenerate_folds"),
        ),
        threads=2,
        section="beside",
        order=0,
    ),
)
