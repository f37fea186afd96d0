"""A few pictures of the experiment, shown on its page under every condition."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

import polars as pl
from PIL import Image

from causal_iqa.core.columns import MANIFEST, Columns
from causal_iqa.core.condition_archive import Archive
from causal_iqa.core.conditions import Condition
from causal_iqa.core.contract import Results, read_table, write_table
from causal_iqa.core.provenance.wholeness import check_named
from causal_iqa.core.seeding import generator

SHOWN = 4
"""Pictures: with 76 conditions their thumbnails are half a megabyte of the page."""
SIDE = 88
"""Pixels of a thumbnail."""
# Of WebP, 0 to 100: at this side noise and blocks are still told apart.
QUALITY = 55
THUMBNAILS = Columns(
    {"image_id": pl.String, "corruption": pl.String, "severity": pl.Int32, "webp": pl.Binary}
)
"""figures/thumbnails.parquet: one row per shown picture and condition."""


def shown_pictures(results: Results) -> list[str]:
    """The ids of SHOWN pictures (all where there are fewer), drawn by chance, in their order."""
    ids = read_table(results.manifest, MANIFEST)["image_id"]
    places = generator(0, "pictures of the page").choice(
        len(ids), min(SHOWN, len(ids)), replace=False
    )
    return [str(ids[int(place)]) for place in sorted(places)]


def write_thumbnails(results: Results, conditions: Sequence[Condition]) -> None:
    """Write ``figures/thumbnails.parquet``.

    Raises UserError where an archive is of another condition or lacks a picture, ContractError
    where an archive's index is absent. Archives are not read whole for the sake of a few pictures.
    """
    check_named(results.condition(condition) for condition in conditions)
    shown = shown_pictures(results)
    rows = []
    for condition in conditions:
        with Archive(results.condition(condition)) as archive:
            rows += [
                (image_id, condition.corruption, condition.severity, _thumbnail(archive, image_id))
                for image_id in shown
            ]
    write_table(pl.DataFrame(rows, THUMBNAILS, orient="row"), results.thumbnails, THUMBNAILS)


def _thumbnail(archive: Archive, image_id: str) -> bytes:
    picture = Image.fromarray(archive.read_named(image_id))
    small = picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    small.save(buffer, format="WEBP", quality=QUALITY, method=6)
    return buffer.getvalue()


def read_thumbnails(
    results: Results, shown: Sequence[str], conditions: Sequence[Condition]
) -> list[list[str]]:
    """[picture][condition]: each thumbnail as a data URI. Raises ContractError."""
    table = read_table(results.thumbnails, THUMBNAILS)
    of = {(image_id, str(Condition(c, s))): webp for image_id, c, s, webp in table.iter_rows()}
    return [[_uri(of[image_id, str(condition)]) for condition in conditions] for image_id in shown]


def _uri(webp: bytes) -> str:
    return f"data:image/webp;base64,{base64.b64encode(webp).decode()}"
