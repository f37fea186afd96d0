"""Pictures of the user's own: a folder per class, a described folder, or a CSV list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath

from causal_iqa.core.archives import special_file
from causal_iqa.core.errors import UserError
from causal_iqa.pictures.classes import Labels
from causal_iqa.pictures.decode import HEAD, kind_of
from causal_iqa.pictures.finding import Entry, Skipped, aside_in_list, below, why_no_picture
from causal_iqa.pictures.lists import read_csv, read_json_lines
from causal_iqa.pictures.picture import Picture

METADATA = ("metadata.csv", "metadata.jsonl")
"""Of a folder as Hugging Face's datasets take it: ``file_name`` and ``label`` of every picture."""
SPLITS = ("train", "training", "val", "valid", "validation", "dev", "test", "testing")
"""Folders that are parts of a data set rather than classes (``pictures.split``)."""


def list_folder(path: Path, labels: Labels) -> Iterator[Picture | Skipped]:
    """The pictures of a folder or of a CSV ``file,label`` (optionally ``image_id``).

    A folder has a metadata file, or a folder per class. Raises UserError naming file and line.
    """
    if path.is_dir():
        for name in METADATA:
            if (path / name).is_file():
                return _described(path, path / name, labels)
        return _folder_per_class(path, labels)
    if path.is_file():
        with path.open("rb") as file:
            if kind := kind_of(file.read(HEAD)):
                raise UserError(
                    f"pictures.path: {path} is a {kind}; give its folder, or a CSV file"
                )
        return _listed(path, "file", labels)
    raise UserError(f"pictures.path: {path} is neither a folder nor a CSV file")


def by_class(entries: Iterable[Entry], labels: Labels, where: str) -> Iterator[Picture | Skipped]:
    """Pictures by the first folder that they lie in; one that lies in none is passed over.

    where: what the entries lie in, for errors.
    """
    for entry in entries:
        top, inside, _ = entry.name.partition("/")
        if entry.skipped or not inside:
            yield Skipped(entry.name, entry.skipped or "not in a folder of a class")
            continue
        label = labels.index(top, f"{where}/{top}")
        stem = PurePath(entry.name).stem
        yield Picture(stem, label, entry.path, entry.offset, entry.size, entry.folder)


def _folder_per_class(root: Path, labels: Labels) -> Iterator[Picture | Skipped]:
    entries = list(below(root))
    tops = {entry.name.partition("/")[0] for entry in entries if "/" in entry.name}
    # A class of the user's may be called "test".
    splits = sorted(top for top in tops if top.lower() in SPLITS and not labels.knows(top))
    if splits:
        raise UserError(
            f"pictures.path: {root} holds {', '.join(splits)}, splits of a data set, not "
            f"classes. Say which one: pictures.split: {splits[-1]}"
        )
    return by_class(entries, labels, str(root))


def _described(root: Path, metadata: Path, labels: Labels) -> Iterator[Picture | Skipped]:
    """Rows of Hugging Face's metadata file; pictures that it does not name are passed over."""
    if metadata.suffix == ".csv":
        rows = list(_listed(metadata, "file_name", labels))
    else:
        lines = ((line, _texts(row)) for line, row in read_json_lines(metadata))
        rows = list(_pictures_of(lines, metadata, "file_name", labels))
    pictures = [row for row in rows if isinstance(row, Picture)]
    yield from pictures
    named = {picture.path for picture in pictures}
    for entry in below(root):  # which passes over what the rows do
        if entry.path not in named and entry.path != metadata:
            yield Skipped(entry.name, entry.skipped or f"not named in {metadata.name}")


def _texts(row: dict[str, object]) -> dict[str, str]:
    return {name: "" if value is None else str(value) for name, value in row.items()}


def _listed(csv: Path, column: str, labels: Labels) -> Iterator[Picture | Skipped]:
    return _pictures_of(read_csv(csv, (column, "label")), csv, column, labels)


def _pictures_of(
    rows: Iterable[tuple[int, dict[str, str]]], listing: Path, column: str, labels: Labels
) -> Iterator[Picture | Skipped]:
    """Paths in a listing are relative to the listing's own folder."""
    for line, row in rows:
        where = f"{listing}, line {line}"
        for name in (column, "label"):
            if not row.get(name):
                raise UserError(f"{where}: {name} is empty or missing; it needs {column},label")
        if reason := aside_in_list(row[column]):
            yield Skipped(row[column], reason)
            continue
        file = listing.parent / row[column]
        _check_there(file, where)
        label = labels.index(row["label"], where)
        if given := row.get("image_id"):
            yield Picture(given, label, file)
        else:
            # "." is the list's own; what leads out of it is no part of an id
            folder = PurePath(row[column]).parent.as_posix().strip("./") or "."
            yield Picture(file.stem, label, file, folder=folder)


def _check_there(file: Path, where: str) -> None:
    try:
        mode = file.stat().st_mode
    except OSError as error:
        link = f", a link to {file.readlink()}" if file.is_symlink() else ""
        hint = "; part folders by /" if "\\" in file.name else ""
        raise UserError(
            f"{where}: there is no file {file}{link} ({error.strerror}){hint}"
        ) from None
    if special := special_file(mode) or ("" if file.is_file() else "a folder"):
        raise UserError(f"{where}: {file} is {special}, not a file")
    if reason := why_no_picture(file):
        raise UserError(f"{where}: it names {file}: {reason}; take the line out")
