"""Why a table cannot be read, in words and with the line: libraries speak to programmers."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

MAGIC = b"PAR1"
"""The first and the last bytes of a Parquet file."""
SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def reason(path: Path, schema: Mapping[str, Any]) -> str:
    """What is wrong with a file that should be a CSV or Parquet table with these columns.

    Goes after ``PATH cannot be read: ``.
    """
    try:
        content = path.read_bytes()  # whole, but only once polars has failed
    except FileNotFoundError:
        return "there is no such file"
    except OSError as error:
        return f"{error.strerror}; look at its owner and mode"
    if not content:
        return "it is empty"
    return _of_csv(content, schema) if path.suffix == ".csv" else _of_parquet(content)


def _of_parquet(content: bytes) -> str:
    if not content.startswith(MAGIC):
        return "it is no Parquet file"
    # 12: the mark at either end, and four bytes for the footer's length.
    if len(content) < 12 or not content.endswith(MAGIC):
        return "it is cut short; copy or make it again"
    return "its bytes are damaged; copy or make it again"


def _of_csv(content: bytes, schema: Mapping[str, Any]) -> str:
    try:
        text = content.decode("utf-8-sig")  # with or without a mark in front
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return f"line {line} is no UTF-8 text; save it as a CSV file in UTF-8"
    if "\0" in text:
        return "it is no text; save it as a CSV file in UTF-8"
    rows = csv.reader(io.StringIO(text))
    header = next(rows, [])
    missing = [name for name in schema if name not in header]
    if missing:
        return f"column {missing[0]!r} is missing; {header_hint(header, list(schema))}"
    for row in rows:
        fault = _of_row(row, header, schema)
        if fault:
            return f"line {rows.line_num}: {fault}"
    return "it is no CSV table; look for a quotation mark that is not closed"


def header_hint(header: list[str], wanted: list[str]) -> str:
    """What the header needs to be, and by what it may be parted instead."""
    needed = f"its first line needs {','.join(wanted)}"
    for sign, name in SEPARATORS.items():
        if len(header) == 1 and sign in header[0]:
            return f"{needed}, parted by commas; this one is parted by {name}"
    return needed


def _of_row(row: list[str], header: list[str], schema: Mapping[str, Any]) -> str | None:
    if len(row) > len(header):
        return f"{len(row)} cells, where the first line has {len(header)}"
    for name, cell in zip(header, row, strict=False):  # polars fills up a row that is too short
        words = _needed(schema.get(name, pl.String), cell)
        if words:
            return f"{name} is {cell!r}; it needs {words}"
    return None


def _needed(dtype: Any, cell: str) -> str | None:
    """What a cell needs to be, where it is not; an empty one is looked at elsewhere."""
    if cell == "" or dtype == pl.String:
        return None
    if dtype == pl.Boolean:
        return None if cell in ("true", "false") else "true, false or nothing"
    try:
        if dtype.is_integer():
            fits = -(2**31) <= int(cell) < 2**31 or dtype != pl.Int32
            return None if fits else "a smaller number"
        float(cell)
    except ValueError:
        return "a whole number" if dtype.is_integer() else "a number"
    return None
