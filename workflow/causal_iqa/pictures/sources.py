"""Sources of labelled pictures. Adding one is an entry in SOURCES: config -> listing."""

from __future__ import annotations

import hashlib
import importlib.util
import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from causal_iqa.contract import write_table
from causal_iqa.errors import UserError
from causal_iqa.pictures.classes import Labels, read_class_map, read_classes
from causal_iqa.schemas import CLASSES, MANIFEST

if TYPE_CHECKING:
    from causal_iqa.config import Pictures

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp")


class Picture(NamedTuple):
    """A picture before anything was read of it."""

    image_id: str
    label: int
    path: Path


def list_pictures(config: Pictures) -> list[Picture]:
    """The pictures of the configured source, sorted by image_id. No picture is opened.

    Raises UserError for a missing folder, an empty set, a doubled id, an unknown label.
    """
    labels = Labels(read_classes(config.classes), _class_map(config))
    pictures = sorted(SOURCES[config.source](config, labels))
    if not pictures:
        raise UserError(
            f"pictures.path: {config.path} holds no picture; looked for {', '.join(SUFFIXES)} in "
            "its sub-folders (a folder per class), or list them in a CSV file,label"
        )
    for image_id, _, path in pictures:
        if "/" in image_id:
            raise UserError(f"pictures: image_id {image_id!r} of {path} holds a '/'")
    for one, two in itertools.pairwise(pictures):
        if one.image_id == two.image_id:
            raise UserError(
                f"pictures: id {one.image_id!r} is both {one.path} and {two.path}; rename one, or "
                "list the pictures in a CSV image_id,file,label"
            )
    return pictures


def listing_fingerprint(pictures: list[Picture]) -> str:
    """Changes with the names, sizes and modification times of the listed files."""
    digest = hashlib.sha256()
    for image_id, label, path in pictures:
        stat = path.stat()
        digest.update(f"{image_id}\0{label}\0{path}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]


def write_manifest(config: Pictures, manifest: Path, classes: Path) -> None:
    """Write ``manifest.parquet`` (with every file's SHA-256) and ``classes.csv``.

    The manifest's provenance holds ``restrict_to``: the class indices that predictions are
    limited to, or null.
    """
    pictures = list_pictures(config)
    known = read_classes(config.classes)
    rows = [
        (image_id, label, str(path), hashlib.sha256(path.read_bytes()).hexdigest())
        for image_id, label, path in pictures
    ]
    mapped = _class_map(config)
    restrict_to = sorted(set(mapped.values())) if config.restrict and mapped else None
    write_table(known, classes, CLASSES)
    write_table(
        pl.DataFrame(rows, schema=MANIFEST, orient="row"),
        manifest,
        MANIFEST,
        {"source": config.source, "restrict_to": restrict_to},
    )


def _class_map(config: Pictures) -> dict[str, int] | None:
    if config.class_map is None:
        return None
    return read_class_map(config.class_map, read_classes(config.classes))


def _embedded(config: Pictures, labels: Labels) -> list[Picture]:
    """foolbox's ImageNet photographs, ``imagenet_NN_CLASS.jpg`` with the class index in the name.

    The package is found, not imported.
    """
    spec = importlib.util.find_spec("foolbox")
    if spec is None or spec.origin is None:
        raise UserError("Package foolbox is not installed. Run: pip install foolbox==3.3.4")
    folder = Path(spec.origin).parent / "data"
    found = ((path, re.fullmatch(r"imagenet_(\d+)_(\d+)", path.stem)) for path in folder.iterdir())
    return [
        Picture(f"foolbox_{match[1]}", labels.index(match[2], str(path)), path)
        for path, match in found
        if match
    ]


def _imagefolder(config: Pictures, labels: Labels) -> list[Picture]:
    """A folder with a folder per class, or a CSV ``file,label`` (optionally ``image_id``)."""
    path = config.path
    assert path is not None
    if path.is_dir():
        return _folder_per_class(path, labels)
    if path.is_file():
        return _listed(path, labels)
    raise UserError(f"pictures.path: {path} is neither a folder nor a CSV file")


def _folder_per_class(root: Path, labels: Labels) -> list[Picture]:
    pictures = []
    for folder in sorted(entry for entry in root.iterdir() if entry.is_dir()):
        files = [file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES]
        if files:
            label = labels.index(folder.name, str(folder))
            pictures += [Picture(file.stem, label, file) for file in files]
    return pictures


def _listed(csv: Path, labels: Labels) -> list[Picture]:
    """Paths in the CSV are relative to the CSV's own folder."""
    try:
        rows = pl.read_csv(csv, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        raise UserError(f"{csv} is no CSV table: {error}") from error
    missing = {"file", "label"} - set(rows.columns)
    if missing:
        raise UserError(f"{csv}: column {min(missing)!r} is missing; it needs file,label")
    pictures = []
    for line, row in enumerate(rows.iter_rows(named=True), start=2):
        if not row["file"] or not row["label"]:
            raise UserError(f"{csv}, line {line}: file or label is empty")
        file = csv.parent / row["file"]
        if not file.is_file():
            raise UserError(f"{csv}, line {line}: there is no file {file}")
        label = labels.index(row["label"].strip(), f"{csv}, line {line}")
        pictures.append(Picture(row.get("image_id") or file.stem, label, file))
    return pictures


SOURCES: dict[str, Callable[[Pictures, Labels], list[Picture]]] = {
    "embedded": _embedded,
    "imagefolder": _imagefolder,
}
