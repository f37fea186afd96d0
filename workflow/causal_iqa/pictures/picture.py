"""A picture where it lies: a file, or a stretch of bytes in an archive."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp")


class Picture(NamedTuple):
    """A picture before anything was read of it.

    label: class index; path: its file, or the archive that holds it at ``offset`` (None: a file of
    its own), ``size`` bytes long (0 for a file of its own).
    """

    image_id: str
    label: int
    path: Path
    offset: int | None = None
    size: int = 0
