"""``manifest.parquet`` and ``classes.csv``: which pictures, where they lie, what they show."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from causal_iqa.core.archives import read_bytes
from causal_iqa.core.columns import CLASSES, PICTURES
from causal_iqa.core.contract import write_table
from causal_iqa.pictures.classes import read_classes
from causal_iqa.pictures.sources import SOURCES, class_map_of, list_pictures

if TYPE_CHECKING:
    from causal_iqa.core.config import Pictures


def write_manifest(config: Pictures, manifest: Path, classes: Path) -> None:
    """Write both files; of every picture the SHA-256 of its bytes.

    The manifest's provenance holds ``restrict_to``: the class indices that predictions are
    limited to, or null; and ``as_published``: how the files are read (``matched.matched``).
    """
    rows = []
    for image_id, label, path, offset, size, _ in list_pictures(config):
        data = read_bytes(path, offset, size)
        digest = hashlib.sha256(data).hexdigest()
        # len(data), since the size of a file of its own is not known (0) until here.
        rows.append((image_id, label, str(path), offset, len(data), digest))
    mapped = class_map_of(config)
    restrict_to = sorted(set(mapped.values())) if config.restrict and mapped else None
    write_table(read_classes(config.classes), classes, CLASSES)
    write_table(
        pl.DataFrame(rows, schema=PICTURES, orient="row"),
        manifest,
        PICTURES,
        {
            "source": config.source,
            "as_published": SOURCES[config.source].as_published,
            "restrict_to": restrict_to,
        },
    )
