"""The matched clean picture equals torchvision's Resize(256), CenterCrop(224)."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from samples import make_photograph

from causal_iqa.core.config import Pictures
from causal_iqa.core.errors import UserError
from causal_iqa.pictures.matched import matched, resize_and_crop
from causal_iqa.pictures.sources import list_pictures


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


def test_ordinary_photographs_are_read_as_they_were_published(nips17: Path) -> None:
    """So ImageNet's and ImageNet-C's bytes do not depend on which of the two readers reads."""
    embedded = [picture.path for picture in list_pictures(Pictures())]
    photographs = sorted((nips17 / "images").glob("*.jpg"))
    assert len(photographs) == 400 and len(embedded) == 20
    for path in (*embedded, *photographs):
        data = path.read_bytes()
        published = matched(data, str(path), as_published=True)
        assert np.array_equal(matched(data, str(path)), published), path


def test_imagenet_s_own_files_are_not_turned(tmp_path: Path) -> None:
    picture = Image.open(make_photograph(tmp_path / "p.png", 3)).convert("RGB")
    exif = Image.Exif()
    exif[274] = 6
    picture.save(tmp_path / "turned.jpg", exif=exif, quality=95)
    data = (tmp_path / "turned.jpg").read_bytes()
    as_it_lies = resize_and_crop(np.asarray(Image.open(tmp_path / "turned.jpg")))
    assert np.array_equal(matched(data, "x", as_published=True), as_it_lies)
    assert not np.array_equal(matched(data, "x"), as_it_lies)


def test_grey_and_palette_pictures_become_rgb(tmp_path: Path) -> None:
    for mode in ("L", "P", "RGBA"):
        path = tmp_path / f"{mode}.png"
        Image.new(mode, (300, 300)).save(path)
        assert matched(path.read_bytes(), str(path)).shape == (224, 224, 3)


def test_truncated_picture_is_named(tmp_path: Path) -> None:
    path = make_photograph(tmp_path / "picture.jpg", 3)
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(UserError, match=r"picture\.jpg: it is cut short or damaged"):
        matched(path.read_bytes(), str(path))
