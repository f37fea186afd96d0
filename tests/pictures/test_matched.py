"""The matched clean picture equals torchvision's Resize(256), CenterCrop(224)."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from samples import make_photograph

from causal_iqa.errors import UserError
from causal_iqa.pictures.matched import matched


@pytest.mark.parametrize(
    "size", [(300, 260), (250, 400), (224, 224), (500, 375), (333, 500), (257, 1001), (40, 31)]
)
def test_equals_torchvision(tmp_path: Path, size: tuple[int, int]) -> None:
    transforms = pytest.importorskip("torchvision.transforms")
    path = make_photograph(tmp_path / "picture.png", 3, size)
    theirs = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224)])
    assert np.array_equal(
        matched(path.read_bytes(), str(path)), np.asarray(theirs(Image.open(path)))
    )


def test_grey_and_palette_pictures_become_rgb(tmp_path: Path) -> None:
    for mode in ("L", "P", "RGBA"):
        path = tmp_path / f"{mode}.png"
        Image.new(mode, (300, 300)).save(path)
        assert matched(path.read_bytes(), str(path)).shape == (224, 224, 3)


def test_truncated_picture_is_named(tmp_path: Path) -> None:
    path = make_photograph(tmp_path / "picture.jpg", 3)
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(UserError, match=r"picture\.jpg is not a readable picture"):
        matched(path.read_bytes(), str(path))
