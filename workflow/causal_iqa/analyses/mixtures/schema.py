"""The columns of the draws of the mixtures, of their fits and of their densities of Q."""

from __future__ import annotations

import polars as pl

from causal_iqa.analyses.per_unit_schema import UNIT_PAIR
from causal_iqa.core.columns import Columns

MIXTURE_AUC = Columns(
    {
        "p_c": pl.Float64,
        "seed": pl.Int64,
        **UNIT_PAIR,
        "n_pictures": pl.Int64,
        **dict.fromkeys(("auc", "ce"), pl.Float64),
        "reason": pl.String,
    },
    nullable=["auc", "ce"],
)
"""``mixtures.csv``; n_pictures: held out, of which the AUC is."""
MIXTURES = Columns(
    {
        "p_c": pl.Float64,
        "seed": pl.Int64,
        "image_id": pl.String,
        "corruption": pl.String,
        "severity": pl.Int32,
    },
)
MIXTURE_DENSITY = Columns(
    {
        "quality_source": pl.String,
        "quality_variant": pl.String,
        "p_c": pl.Float64,
        "seed": pl.Int64,
        "n_pictures": pl.Int64,
        "quality": pl.Float64,
        "density": pl.Float64,
    },
    nullable=["density"],
)
"""``mixture_density.parquet``; n_pictures: of which a curve is."""
