"""What a scoring job reads and where it writes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple


class World(NamedTuple):
    """What a scoring job reads and where it writes."""

    tar: Path
    out: Path
    manifest: Path
    classes: Path


MakeWorld = Callable[..., World]
