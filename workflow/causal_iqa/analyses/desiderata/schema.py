"""The columns of the scorecard and of the sensitivity by corruption."""

from __future__ import annotations

import polars as pl

from causal_iqa.core.columns import Columns
from causal_iqa.core.conditions import SEVERITIES

_PAIR = dict.fromkeys(("quality_source", "quality_variant"), pl.String)
_SENSITIVITY = {
    estimate + end: pl.Float64
    for estimate in ("d1_tau", "d1_abs_tau", "d1_auroc_mean", "d1_auroc_least")
    for end in ("", "_lo", "_hi")
}
_PREDICTION = {
    estimate + end: pl.Float64 for estimate in ("d3_auc", "d3_srcc") for end in ("", "_lo", "_hi")
}
DESIDERATA = Columns(
    {
        "family": pl.String,
        **_PAIR,
        **dict.fromkeys(("n_pictures", "n_corruptions", "n_conditions", "n_constant"), pl.Int64),
        **_SENSITIVITY,
        **dict.fromkeys(("d1_least_condition", "d1_verdict", "d1_reason"), pl.String),
        "d2_needs_reference": pl.Boolean,
        **dict.fromkeys(("d2_verdict", "d2_reason"), pl.String),
        "d3_task_model": pl.String,
        "d3_n_task_models": pl.Int64,
        **_PREDICTION,
        **dict.fromkeys(("d3_verdict", "d3_reason"), pl.String),
        "d4_trained_on_labels": pl.Boolean,
        **dict.fromkeys(("d4_shares_weights_with", "d4_verdict", "d4_reason"), pl.String),
    },
    nullable={*_SENSITIVITY, *_PREDICTION, "d4_trained_on_labels"},
)
"""What each column means: ``analyses.desiderata.compute``."""
_STEPS = {f"auroc_{severity}": pl.Float64 for severity in SEVERITIES}
DESIDERATA_SENSITIVITY = Columns(
    {
        **_PAIR,
        "corruption": pl.String,
        **dict.fromkeys(("n_pictures", "n_severities", "n_constant"), pl.Int64),
        **dict.fromkeys(("tau", "tau_lo", "tau_hi"), pl.Float64),
        **_STEPS,
        "reason": pl.String,
    },
    nullable={*_STEPS, "tau", "tau_lo", "tau_hi"},
)
