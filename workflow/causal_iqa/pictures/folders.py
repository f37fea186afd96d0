"""Pictures of the user's own: a folder per class, a described folder, or a CSV list."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from causal_iqa.errors import UserError
from causal_iqa.pictures.classes import Labels
from causal_iqa.pictures.picture import SUFFIXES, Picture

METADATA = ("metadata.csv", "metadata.jsonl")
"""Of a folder as Hugging Face's datasets take it: ``file_name`` and ``label`` of every picture."""


def list_folder(path: Path, labels: Labels) -> list[Picture]:
    """The pictures of a folder or of a CSV ``file,label`` (optionally ``image_id``).

    A folder has a metadata file, or a folder per class. Raises UserError naming file and line.
    """
    if path.is_dir():
        for name in METADATA:
            if (path / name).is_file():
                return _described(path / name, labels)
        return _folder_per_class(path, labels)
    if path.is_file():
        return _listed(path, "file", labels)
    raise UserError(f"pictures.path: {path} is neither a folder nor a CSV file")


def _folder_per_class(root: Path, labels: Labels) -> list[Picture]:
    pictures = []
    for folder in sorted(entry for entry in root.iterdir() if entry.is_dir()):
        files = [file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES]
        if files:
            label = labels.index(folder.name, str(folder))
            pictures += [Picture(file.stem, label, file) for file in files]
    return pictures


def _described(metadata: Path, labels: Labels) -> list[Picture]:
    """Rows of Hugging Face's metadata file, as CSV or JSON lines."""
    if metadata.suffix == ".csv":
        return _listed(metadata, "file_name", labels)
    try:
        rows = pl.read_ndjson(metadata, infer_schema_length=None)
    except pl.exceptions.PolarsError as error:
        raise UserError(f"{metadata} holds no JSON lines: {error}") from error
    return _pictures_of(rows, metadata, "file_name", labels, first_line=1)


def _listed(csv: Path, column: str, labels: Labels) -> list[Picture]:
    try:
        rows = pl.read_csv(csv, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        raise UserError(f"{csv} is no CSV table: {error}") from error
    return _pictures_of(rows, csv, column, labels, first_line=2)


def _pictures_of(
    rows: pl.DataFrame, listing: Path, column: str, labels: Labels, first_line: int
) -> list[Picture]:
    """Paths in a listing are relative to the listing's own folder."""
    missing = {column, "label"} - set(rows.columns)
    if missing:
        raise UserError(f"{listing}: column {min(missing)!r} is missing; it needs {column},label")
    pictures = []
    for line, row in enumerate(rows.iter_rows(named=True), start=first_line):
        if row[column] in (None, "") or row["label"] in (None, ""):
            raise UserError(f"{listing}, line {line}: {column} or label is empty")
        file = listing.parent / row[column]
        if not file.is_file():
            raise UserError(f"{listing}, line {line}: there is no file {file}")
        label = labels.index(str(row["label"]).strip(), f"{listing}, line {line}")
        pictures.append(Picture(row.get("image_id") or file.stem, label, file))
    return pictures
