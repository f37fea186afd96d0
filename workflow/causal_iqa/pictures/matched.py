"""The matched clean picture: what ImageNet-C corrupts, before it corrupts it."""

from __future__ import annotations

import numpy as np
from PIL import Image

from causal_iqa.jpeg import decode

RESIZE = 256
CROP = 224


def matched(data: bytes, where: str) -> np.ndarray:
    """``resize_and_crop`` of an encoded picture.

    Raises UserError naming ``where`` it lies if it is unreadable.
    """
    return resize_and_crop(decode(data, where))


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
    left, top = round((size[0] - CROP) / 2), round((size[1] - CROP) / 2)
    return np.asarray(resized.crop((left, top, left + CROP, top + CROP)))
