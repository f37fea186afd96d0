"""``listing.parquet``: every picture of a set read once, the unreadable with the reason."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from causal_iqa.audit.files import LISTING
from causal_iqa.audit.pictures.duplicates import fingerprints
from causal_iqa.audit.pictures.listing import Found, list_any, listed
from causal_iqa.core.archives import read_bytes, stamp, where
from causal_iqa.core.bounds import Count
from causal_iqa.core.contract import read_provenance, read_table, write_table
from causal_iqa.core.errors import UserError
from causal_iqa.core.provenance.fingerprint import code_fingerprint
from causal_iqa.pictures.decode import Unreadable, read_any
from causal_iqa.pictures.finding import said, write_skipped
from causal_iqa.pictures.matched import matched_of

Row = dict[str, Any]
NOTHING_READ: Row = {
    "sha256": "",
    "width": 0,
    "height": 0,
    "notes": "",
    "fingerprint": 0,
}

NAMELESS: Row = {**NOTHING_READ, "label": None, "path": "", "offset": None, "size": 0, "stamp": ""}


def write_listing(pictures: Path, out: Path, skipped_out: Path, threads: Count) -> None:
    """Write what ``list_any`` finds, each picture read once, and what it passes over.

    A picture whose file has not changed since ``out`` was last written is not opened again.
    Raises UserError where there is no picture, or none that can be read; an unreadable one is a
    row with the reason.
    """
    facts = {"code": code_fingerprint("audit.pictures.inventory")}
    known = _known(out, facts)
    found, skipped = listed(pictures)
    with ThreadPoolExecutor(threads) as pool:
        # Threads: decoding and hashing hold no lock.
        rows = list(pool.map(partial(_row, known=known), found))
    if all(row["reason"] for row in rows):
        raise _none_readable(pictures, rows)
    write_table(pl.DataFrame(rows, schema=LISTING), out, LISTING, facts)
    write_skipped(skipped, skipped_out)
    lost = sum(1 for row in rows if row["reason"])
    unread = f", {lost} of which cannot be read" if lost else ""
    print(
        f"{pictures}: {len(rows)} pictures{unread}; {said(skipped) or 'nothing passed over'}",
        flush=True,
    )


def check_readable(pictures: Path) -> None:
    """Raise UserError where ``list_any`` finds no picture, or none that can be read.

    Pictures are opened up to the first that can be read.
    """
    rows = []
    for found in list_any(pictures):
        rows.append(_row(found, known={}))
        if not rows[-1]["reason"]:
            return
    raise _none_readable(pictures, rows)


def _none_readable(pictures: Path, rows: Sequence[Row]) -> UserError:
    return UserError(
        f"{pictures} holds {len(rows)} pictures and none can be read; the first: "
        f"{rows[0]['name']}: {rows[0]['reason']}"
    )


def listing_stamp(pictures: Path) -> str:
    """Changes with the names, sizes and times of a set's pictures, and with what is passed over.

    Opens no picture. Raises UserError as ``list_any`` does.
    """
    digest = hashlib.sha256()
    found, skipped = listed(pictures)
    for one in found:
        digest.update(f"{one.name}\0{one.group}\0{one.label}\0{stamp(one.path)}\n".encode())
    for name, reason in sorted(skipped):
        digest.update(f"{name}\0{reason}\n".encode())
    return digest.hexdigest()[:16]


def _known(out: Path, facts: dict[str, Any]) -> dict[tuple[str, int | None, str], Row]:
    """Rows of an earlier listing made by the same code, by path, offset and stamp."""
    if read_provenance(out) != facts:
        return {}
    rows = read_table(out, LISTING).iter_rows(named=True)
    return {(row["path"], row["offset"], row["stamp"]): row for row in rows}


def _row(found: Found, known: Mapping[tuple[str, int | None, str], Row]) -> Row:
    place = (str(found.path), found.offset, stamp(found.path))
    # Bytes that are no UTF-8 come as lone surrogates, which Parquet has no place for.
    if place[0] != place[0].encode("utf-8", "replace").decode():
        fault = "its file name is not UTF-8; rename it"
        return {**NAMELESS, "name": found.name, "group": found.group, "reason": fault}
    mine = {
        "name": found.name,
        "group": found.group,
        "label": found.label,
        "path": str(found.path),
        "offset": found.offset,
        "size": found.size,
        "stamp": place[2],
    }
    # An empty stamp is that of a file that is not there.
    if place in known and place[2]:
        # Group and label are as now: a CSV may have changed where its pictures have not.
        return {**known[place], **mine}
    return {**mine, **_read(found)}


def _read(found: Found) -> Row:
    """What one look at a picture tells; ``reason`` where it cannot be read."""
    place = where(found.path, found.offset)
    try:
        data = read_bytes(found.path, found.offset, found.size)
        read = read_any(data, place)
        matched = matched_of(read.picture, place)
    except UserError as error:
        reason = error.reason if isinstance(error, Unreadable) else str(error)
        return {**NOTHING_READ, "reason": reason}
    height, width = read.picture.shape[:2]
    return {
        "sha256": hashlib.sha256(data).hexdigest(),
        "width": width,
        "height": height,
        "notes": "; ".join(read.notes),
        "fingerprint": int(fingerprints(matched)),
        "reason": "",
    }
