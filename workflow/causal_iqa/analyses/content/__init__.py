"""Predictability where the content is fixed (Appendix G, Figure 20): pictures and labels."""

from __future__ import annotations

from causal_iqa.analyses.registry import GRID, Analysis

ANALYSES = (
    Analysis(
        name="content_image",
        says="predictability within each picture",
        reads=lambda scope: [*scope.panels(), "splits_rows.parquet"],
        makes=("tables/content_image.csv",),
        settings=(*GRID, "paper.image_folds", "paper.degenerate_folds", "analysis.seed"),
        draws=lambda scope: ["content_image"],
        threads=2,
        section="content",
        order=0,
    ),
    Analysis(
        name="content_label",
        says="predictability within each label, cross-validated",
        reads=lambda scope: [*scope.panels(), "splits.parquet", "splits_rows.parquet"],
        makes=("tables/content_label.csv",),
        settings=(*GRID, "paper.label_folds", "paper.degenerate_folds"),
        draws=lambda scope: ["content_label"],
        threads=2,
        section="content",
        order=1,
    ),
)
