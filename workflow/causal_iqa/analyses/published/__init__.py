"""This experiment's tables beside the paper's."""

from __future__ import annotations

from pathlib import Path

from causal_iqa.analyses.registry import GRID, Analysis

PUBLISHED_TABLES_FILE = Path("resources/published_tables.csv")
"""The paper's Tables 1 to 6 as printed."""

ANALYSES = (
    Analysis(
        name="published",
        says="our tables beside the paper's",
        reads=lambda scope: [*scope.panels(), *scope.pooled_tables()],
        resources=lambda scope: [PUBLISHED_TABLES_FILE],
        makes=("tables/published.csv",),
        settings=(*GRID, "paper.dataset"),
        section="beside",
        order=1,
    ),
)
