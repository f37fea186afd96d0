"""What a condition is made from. It stands in the provenance of the condition's index."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from causal_iqa.core.conditions import Condition
from causal_iqa.core.contract import read_provenance
from causal_iqa.core.provenance.fingerprint import code_fingerprint

PIXELS = "corruptions.variants"
"""The module whose code decides a condition's bytes; the rest of the stage is book-keeping."""
LIBRARIES = ("numpy", "opencv-python-headless", "pillow", "scipy", "numba")


def class_folders(manifest: pl.DataFrame, classes: pl.DataFrame) -> list[str]:
    """The folder of each picture inside an archive: its wnid, or its class index."""
    names = [
        wnid or str(index) for index, wnid in zip(classes["index"], classes["wnid"], strict=True)
    ]
    return ["unlabelled" if label is None else names[label] for label in manifest["label"]]


def is_as_published(manifest: Path) -> bool:
    """How the pictures of a manifest are read (``matched.matched``)."""
    return bool(read_provenance(manifest).get("as_published"))


def made_from(
    conditions: Iterable[Condition],
    seed: int,
    manifest: pl.DataFrame,
    classes: pl.DataFrame,
    as_published: bool,
) -> dict[Condition, dict[str, Any]]:
    """What decides which pictures each condition holds, and their bytes, but library versions.

    manifest: ``PICTURES``; classes: ``CLASSES``; as_published: how they are read.
    """
    folders = class_folders(manifest, classes)
    rows = zip(manifest["image_id"], manifest["sha256"], folders, strict=True)
    # No name of a file holds a NUL, so no two rows are written alike.
    pictures = hashlib.sha256("\n".join("\0".join(row) for row in rows).encode()).hexdigest()
    shared = {
        "seed": seed,
        "pictures": pictures,
        "as_published": as_published,
        "code": code_fingerprint(PIXELS),
    }
    return {condition: {"condition": str(condition), **shared} for condition in conditions}


def library_versions() -> dict[str, str]:
    """Of the libraries that a corruption's pixels pass through."""
    return {library: version(library) for library in LIBRARIES}
