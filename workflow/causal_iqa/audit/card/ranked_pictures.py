"""The pictures at either end of a set, with thumbnails."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from PIL import Image

from causal_iqa.audit.card.audited import Audited
from causal_iqa.audit.card.naming import Naming
from causal_iqa.core.archives import read_bytes, where
from causal_iqa.core.errors import UserError
from causal_iqa.core.jpeg import encode_jpeg
from causal_iqa.pictures.decode import read_any

SHOWN = 12
"""Pictures shown at either end."""
THUMBNAIL = 160
"""Pixels of the longer side."""

Row = dict[str, Any]


def pictures_at_ends(mine: Audited, naming: Naming) -> Row:
    """``ranked_by``, ``worst`` and ``best``; no picture is in both."""
    # Confidence orders pictures where nothing tells how often it is right.
    by = "p_correct" if mine.chances else "max_prob"
    columns = [f"{network}.{by}" for network in mine.chances or mine.networks]
    ranked = mine.scored.with_columns(rank=pl.mean_horizontal(columns))
    worst = ranked.sort("rank", "name").head(SHOWN)
    rest = ranked.join(worst, on="name", how="anti")
    best = rest.sort("rank", "name", descending=[True, False]).head(SHOWN)
    places = {row["name"]: row for row in mine.listing.iter_rows(named=True)}
    return {
        "ranked_by": by,
        **{
            end: [
                _picture(row, places[row["name"]], mine, naming)
                for row in rows.iter_rows(named=True)
            ]
            for end, rows in (("worst", worst), ("best", best))
        },
    }


def _picture(row: Row, place: Row, mine: Audited, naming: Naming) -> Row:
    return {
        "name": row["name"],
        "rank": row["rank"],
        "p_correct": {n: row[f"{n}.p_correct"] for n in mine.chances},
        "max_prob": {n: row[f"{n}.max_prob"] for n in mine.networks},
        "prediction": {n: naming.predicted(row[f"{n}.prediction"]) for n in mine.networks},
        "thumbnail": _thumbnail(place),
    }


def _thumbnail(place: Row) -> str | None:
    """A JPEG data URI of a listed picture; None where its file is gone or another by now."""
    path, offset = Path(place["path"]), place["offset"]
    try:
        data = read_bytes(path, offset, place["size"])
        # A thumbnail of another picture than was scored would be false.
        if hashlib.sha256(data).hexdigest() != place["sha256"]:
            return None
        picture = Image.fromarray(read_any(data, where(path, offset)).picture)
    # The card is made from tables: a picture that has gone since stops nothing.
    except UserError:
        return None
    picture.thumbnail((THUMBNAIL, THUMBNAIL))
    small = base64.b64encode(encode_jpeg(np.asarray(picture))).decode()
    return f"data:image/jpeg;base64,{small}"
