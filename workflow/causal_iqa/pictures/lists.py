"""Lists of pictures as people have them: CSV with any usual separator and encoding, JSON lines."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from causal_iqa.core.archives import read_bytes
from causal_iqa.core.errors import UserError

SEPARATORS = (",", ";", "\t", "|")
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}

Row = tuple[int, dict[str, str]]
"""Number of a line, from 1, and its values by column, without blanks around them."""


def read_csv(path: Path, needed: Sequence[str], optional: str = "") -> list[Row]:
    """The rows of a CSV with the columns ``needed``; its first line shows the separator.

    Names of columns are taken in small letters.

    optional: in words, what else it may have. UTF-8, or UTF-16 with its mark. A value that a row
    lacks is ''; lines without any value do not count. Raises UserError that names the line.
    """
    wants = f"It needs {','.join(needed)}{optional}"
    text = _text(path)
    first = text.partition("\n")[0]
    # Of equals max() takes the first: a line with no separator at all counts as CSV.
    separator = max(SEPARATORS, key=first.count)
    try:
        # newline="": csv finds line ends by itself, and keeps those within quotes.
        reader = csv.reader(
            io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True
        )
        lines = [(reader.line_num, [value.strip() for value in values]) for values in reader]
    except csv.Error as error:
        raise UserError(
            f"{path} is no CSV table: look for a quotation mark that is not closed. {wants}"
        ) from error
    if not lines:
        raise UserError(f"{path} is no CSV table: it is empty. {wants}")
    names = [name.lower() for name in lines[0][1]]
    for name in needed:
        if name not in names:
            raise UserError(
                f"{path}: column {name!r} is missing; it has {', '.join(names)}. {wants}"
            )
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise UserError(f"{path}: column {twice!r} stands twice; rename one")
    return [_row(path, line, names, values) for line, values in lines[1:] if any(values)]


def _row(path: Path, line: int, names: list[str], values: list[str]) -> Row:
    if len(values) > len(names):
        raise UserError(
            f"{path}, line {line} has {len(values)} values for the {len(names)} columns "
            f"{', '.join(names)}; put quotes around a value that holds the separator"
        )
    return line, dict(zip(names, values + [""] * (len(names) - len(values)), strict=True))


def _text(path: Path) -> str:
    data = read_bytes(path, None, 0)
    encoding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UserError(
            f"{path}, line {line} is neither UTF-8 nor UTF-16 with its mark; save the file as UTF-8"
        ) from error
    # UTF-16 without its mark passes for UTF-8 where it is ASCII.
    if "\0" in text:
        raise UserError(f"{path} is no table: it holds bytes of 0. Save it as CSV, in UTF-8")
    return text


def read_json_lines(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    """Number of a line, from 1, and the object on it. Raises UserError that names the line."""
    # Not splitlines(): JSON's texts may hold U+2028 and other ends of lines as they are.
    for line, text in enumerate(_text(path).split("\n"), start=1):
        if text.strip():
            yield line, read_json_object(text, f"{path}, line {line}")


def read_json_object(text: str, where: str) -> dict[str, object]:
    """A JSON object. Raises UserError naming ``where`` it stood."""
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise UserError(f"{where} is no JSON; look at its letter {error.pos + 1}") from error
    if not isinstance(found, dict):
        raise UserError(f"{where} is no JSON object with names and values")
    return found
