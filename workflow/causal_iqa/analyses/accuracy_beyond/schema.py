"""The columns of accuracy beyond quality."""

from __future__ import annotations

import polars as pl

from causal_iqa.core.columns import Columns

_BEYOND = dict.fromkeys(
    (
        *("accuracy", "accuracy_lo", "accuracy_hi", "expected"),
        *("beyond", "beyond_lo", "beyond_hi"),
        *("adjusted_rank_lo", "adjusted_rank_hi"),
    ),
    pl.Float64,
)
_RANKS = dict.fromkeys(("raw_rank", "adjusted_rank"), pl.Int64)
ACCURACY_BEYOND = Columns(
    {
        **dict.fromkeys(("quality_source", "quality_variant", "band", "task_model"), pl.String),
        "circular": pl.Boolean,
        **dict.fromkeys(("n_pictures", "n_rows", "n_task_models"), pl.Int64),
        **_BEYOND,
        **_RANKS,
        "reason": pl.String,
    },
    nullable={*_BEYOND, *_RANKS},
)
"""What each column means: ``analyses.accuracy_beyond.compute``."""
