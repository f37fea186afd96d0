"""The columns of files that stages hand on: pictures, classes, scorers, what was skipped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl


class Columns(dict[str, Any]):
    """Name -> polars type of a file's columns, in their order.

    nullable: those that may have empty cells, for what is not known or cannot be estimated.
    """

    # A dict by inheritance, so that polars takes it wherever it takes a schema.
    def __init__(self, columns: Mapping[str, Any], *, nullable: Iterable[str] = ()) -> None:
        super().__init__(columns)
        self.nullable = frozenset(nullable)
        if unknown := self.nullable - set(self):
            raise ValueError(f"no such columns: {sorted(unknown)}")


CLASSES = Columns(
    {"index": pl.Int32, "wnid": pl.String, "name": pl.String},
)
MANIFEST = Columns(
    {"image_id": pl.String, "label": pl.Int32},
    nullable=("label",),
)
PICTURES = Columns(
    {
        **MANIFEST,
        "path": pl.String,
        "offset": pl.Int64,
        "size": pl.Int64,
        "sha256": pl.String,
    },
    nullable=("label", "offset"),
)
"""``manifest.parquet`` where there are pictures; offset and size (bytes): those in an archive."""
SKIPPED = Columns(
    {"name": pl.String, "reason": pl.String},
)
"""``skipped.csv``: files that are no picture of the set, and why (``pictures.finding``)."""
INDEX = Columns(
    {"image_id": pl.String, "member": pl.String, "offset": pl.Int64, "size": pl.Int64},
)
SCORERS = Columns(
    {
        "scorer": pl.String,
        "kind": pl.String,
        "lower_better": pl.Boolean,
        "trained_on_labels": pl.Boolean,
        "weights_group": pl.String,
        "synthetic": pl.Boolean,
        "title": pl.String,
        "value_range": pl.String,
    },
    nullable=("lower_better", "trained_on_labels", "weights_group", "title", "value_range"),
)
