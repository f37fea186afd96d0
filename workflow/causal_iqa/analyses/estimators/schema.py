"""The columns of the test of the estimators where the truth is known."""

from __future__ import annotations

import polars as pl

from causal_iqa.core.columns import Columns

_TRIED = dict.fromkeys(
    (
        *("mae", "bias", "mae_group", "coverage", "coverage_lo", "coverage_hi"),
        *("mean_width", "coverage_group"),
    ),
    pl.Float64,
)
TRUTH_TEST = Columns(
    {
        **dict.fromkeys(
            ("task_model", "estimator", "quality_source", "quality_variant"), pl.String
        ),
        **dict.fromkeys(("n_corruptions", "n_conditions", "n_pictures"), pl.Int32),
        **_TRIED,
        "reason": pl.String,
    },
    nullable=_TRIED,
)
"""``estimators.csv``. What each column means: ``audit.truth_test.truth_test``."""
