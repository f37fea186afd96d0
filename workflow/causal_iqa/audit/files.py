"""Where the files of an audit stand, and what their columns are.

``listing.parquet``: every picture that was found, readable or not. ``scores/<scorer>.parquet``: a
row per distinct picture, by the SHA-256 of its bytes. ``pictures.parquet``: what is said of every
picture (``picture_table``). ``estimates.csv``: accuracy of each network on the set.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from causal_iqa.core.columns import Columns
from causal_iqa.core.kinds import SCORES, SOFTMAX, Kind

LISTING = Columns(
    {
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
    },
    nullable=("label", "offset"),
)
"""reason: why a picture cannot be read, empty where it can. width, height: pixels, 0 where it
cannot. stamp: changes with its file. notes: what was done to read it, parted by '; '.
fingerprint: ``pictures.duplicates``."""
_ESTIMATED = ("estimate", "lo", "hi", "mae", "observed")
ESTIMATES = Columns(
    {
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
    },
    nullable=_ESTIMATED,
)
"""A row per network and estimator: ``estimates.estimate_set``."""


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


def score_columns(kind: Kind, *, softmax: bool = False) -> Columns:
    """The columns of an audit's score file.

    Scores may be empty: a metric that is not defined for a picture stops no audit.

    softmax: whether a task network's whole softmax is kept, as in ``SOFTMAX``.
    """
    columns = {name: SCORES[kind][name] for name in SCORES[kind] if name != "true_prob"}
    del columns["image_id"]
    kept = {"softmax": SOFTMAX["softmax"]} if softmax and kind == Kind.CLASSIFIER else {}
    return Columns({"sha256": pl.String, **columns, **kept}, nullable=columns)
