"""Fixtures that more than one part's tests use."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def nips17() -> Path:
    """400 labelled photographs beside the checkout; tests that need them skip where absent."""
    folder = SHARED / "data" / "nips17"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    return folder


def make_photograph(path: Path, seed: int, size: tuple[int, int] = (300, 260)) -> Path:
    """A smooth random picture with edges, of the given width and height."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (9, 9, 3), dtype=np.uint8))
    path.parent.mkdir(parents=True, exist_ok=True)
    small.resize(size, Image.Resampling.BICUBIC).save(path)
    return path


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    """A folder per class (two wnids), three pictures each, of different shapes."""
    root = tmp_path / "photographs"
    for number, wnid in enumerate(("n01440764", "n02814533")):
        for k, size in enumerate(((300, 260), (250, 400), (224, 224))):
            make_photograph(root / wnid / f"p{number}{k}.png", 10 * number + k, size)
    return root
