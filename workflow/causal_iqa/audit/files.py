"""Where the files of an audit stand, and what their columns are.

``listing.parquet``: every picture that was found, readable or not. ``scores/<scorer>.parquet``: a
row a distinct picture, by the SHA-256 of its bytes. ``pictures.parquet``: what is said of every
picture (``picture_table``). ``estimates.csv``: accuracy of each network on the set.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from causal_iqa.core.schemas import SCORES, SOFTMAX

LISTING = {
    "name": pl.String,
    "group": pl.String,
    "label": pl.String,
    "path": pl.String,
    "offset": pl.Int64,
    "size": pl.Int64,
    "stamp": pl.String,
    "sha256": pl.String,
    "width": pl.Int32,
    "height": pl.Int32,
    "notes": pl.String,
    "fingerprint": pl.UInt64,
    "reason": pl.String,
}
"""reason: why a picture cannot be read, empty where it can. width, height: pixels, 0 where it
cannot. stamp: changes with its file. notes: what was done to read it, parted by '; '.
fingerprint: ``pictures.duplicates``."""
ESTIMATES = {
    "task_model": pl.String,
    "estimator": pl.String,
    "quality_source": pl.String,
    "quality_variant": pl.String,
    "is_default": pl.Boolean,
    "n_pictures": pl.Int64,
    "estimate": pl.Float64,
    "lo": pl.Float64,
    "hi": pl.Float64,
    "mae": pl.Float64,
    "observed": pl.Float64,
    "reason": pl.String,
}
"""A row a network and estimator: ``estimates.estimate_set``."""
ESTIMATED = frozenset(name for name in ESTIMATES if ESTIMATES[name] == pl.Float64)
"""Columns with an empty cell where nothing can be said."""
SCORED = frozenset(column for columns in SCORES.values() for column in columns) - {"image_id"}
"""Scores may be empty: a metric that is not defined for a picture stops no audit."""


class AuditFiles:
    """Where every file of one audited set stands."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.listing = root / "listing.parquet"
        self.skipped = root / "skipped.csv"
        self.pictures = root / "pictures.parquet"
        self.estimates = root / "estimates.csv"
        self.card = root / "card.json"
        self.page = root / "card.html"

    def scores(self, scorer: str) -> Path:
        """The scores of one scorer."""
        return self.root / "scores" / f"{scorer}.parquet"


def score_columns(kind: str, *, softmax: bool = False) -> dict[str, Any]:
    """The columns of an audit's score file; where a metric is not defined ``score`` is empty.

    softmax: whether a task network's whole softmax is kept, as in ``schemas.SOFTMAX``.
    """
    columns = {name: SCORES[kind][name] for name in SCORES[kind] if name != "true_prob"}
    del columns["image_id"]
    kept = {"softmax": SOFTMAX["softmax"]} if softmax and kind == "classifier" else {}
    return {"sha256": pl.String, **columns, **kept}
