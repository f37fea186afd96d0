"""Mildly corrupted variants of the data set (paper 2.5, Appendix H): draws, then fits."""

from __future__ import annotations

from causal_iqa.analyses.registry import GRID, Analysis

ANALYSES = (
    Analysis(
        name="mixture_draws",
        says="draw mildly corrupted variants of the data set",
        reads=lambda scope: ["manifest.parquet"],
        makes=("mixtures.parquet",),
        settings=(*GRID, "paper.mixture_seeds"),
    ),
    Analysis(
        name="mixtures",
        says="predictability within each mixture, and the density of Q",
        reads=lambda scope: [
            *(*scope.panels(), "classes.csv"),
            *("splits.parquet", "mixtures.parquet"),
        ],
        makes=("tables/mixtures.csv", "tables/mixtures_mean.csv", "mixture_density.parquet"),
        settings=GRID,
        draws=lambda scope: ["mixture_auc", "mixture_density", "mixture_density_strong"],
        threads=2,
        section="mild",
        order=0,
    ),
)
