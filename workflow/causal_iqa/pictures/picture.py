"""A labelled picture where it lies: a file, or a stretch of bytes in an archive."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Picture(NamedTuple):
    """A picture before anything was read of it.

    label: class index; path: its file, or the archive that holds it at ``offset`` (None: a file of
    its own), ``size`` bytes long (0 for a file of its own). folder: the folder or shard that its
    image_id takes where another picture has the same one, '.' at the top of all; '' where the id
    was given.
    """

    image_id: str
    label: int
    path: Path
    offset: int | None = None
    size: int = 0
    folder: str = ""
