"""The matched clean picture: what ImageNet-C corrupts, before it corrupts it."""

from __future__ import annotations

import numpy as np
from PIL import Image

from causal_iqa.core.jpeg import decode
from causal_iqa.pictures.decode import Unreadable, read_any

RESIZE = 256
CROP = 224
LONGEST = 64 * RESIZE
"""Pixels of the longer side once the shorter one is RESIZE: 64 : 1 is the narrowest read."""


def matched(data: bytes, where: str, *, as_published: bool = False) -> np.ndarray:
    """``matched_of`` an encoded picture, read upright and in RGB (``decode.read_any``).

    as_published: read as ImageNet's users read its files, by PIL's own conversion to RGB and
    without EXIF's turns; the two differ for a handful of its 50,000 pictures. Raises UserError
    naming ``where`` it lies if it is unreadable or too narrow.
    """
    picture = decode(data, where) if as_published else read_any(data, where).picture
    return matched_of(picture, where)


def matched_of(picture: np.ndarray, where: str) -> np.ndarray:
    """RGB uint8 [224, 224, 3] of [H, W, 3]: ``resize_and_crop``.

    Raises Unreadable, naming ``where`` it lies, for a picture too narrow to be resized.
    """
    height, width = picture.shape[:2]
    if max(height, width) * RESIZE > min(height, width) * LONGEST:
        raise Unreadable(
            where,
            f"it is {width} x {height} pixels, longer than {LONGEST // RESIZE} times its shorter "
            "side; cut it into pieces",
        )
    return resize_and_crop(picture)


def resize_and_crop(picture: np.ndarray) -> np.ndarray:
    """RGB uint8 [224, 224, 3] of [H, W, 3]: shorter side to 256, bilinear, then CenterCrop(224).

    As torchvision's transforms on a PIL picture do it, which hendrycks/robustness
    (ImageNet-C/create_c/make_imagenet_c.py) applies before every corruption.
    """
    image = Image.fromarray(picture)
    width, height = image.size
    size = (
        (RESIZE, int(RESIZE * height / width))
        if width <= height
        else (int(RESIZE * width / height), RESIZE)
    )
    resized = image.resize(size, Image.Resampling.BILINEAR)
    # round(), and int() above: halves to even and cut off, as in torchvision.
    left, top = round((size[0] - CROP) / 2), round((size[1] - CROP) / 2)
    return np.asarray(resized.crop((left, top, left + CROP, top + CROP)))
