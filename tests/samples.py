"""The checkout that is tested, and pictures made for it."""

from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"


def make_photograph(path: Path, seed: int, size: tuple[int, int] = (300, 260)) -> Path:
    """A smooth random picture with edges, of the given width and height."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (9, 9, 3), dtype=np.uint8))
    path.parent.mkdir(parents=True, exist_ok=True)
    small.resize(size, Image.Resampling.BICUBIC).save(path)
    return path
