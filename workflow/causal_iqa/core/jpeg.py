"""Pictures as bytes: read any of them as RGB, write them as ImageNet-C does."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, UnidentifiedImageError

from causal_iqa.core.errors import UserError

JPEG_QUALITY = 85
"""As ImageNet-C saves: ``Image.save(..., quality=85, optimize=True)``, 4:2:0."""

FORMATS = ("JPEG", "PNG")
"""What ImageNet and ImageNet-C hold; PIL would otherwise try some that start other programs."""


def encode_jpeg(picture: np.ndarray) -> bytes:
    """JPEG bytes of an RGB uint8 [H, W, 3] picture, as ImageNet-C's make_imagenet_c.py saves."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format="JPEG", quality=JPEG_QUALITY, optimize=True)
    return buffer.getvalue()


def decode(data: bytes, where: str) -> np.ndarray:
    """RGB uint8 [H, W, 3] of a picture from a data set's archive, as its users read it.

    That is by PIL's own conversion, and as it lies; ``pictures.decode`` reads what people have.
    Raises UserError naming ``where``.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            return np.asarray(picture if picture.mode == "RGB" else picture.convert("RGB"))
    except UnidentifiedImageError as error:
        raise UserError(f"{where} is not a readable picture: not {' or '.join(FORMATS)}") from error
    except Exception as error:  # a plugin of PIL raises whatever a broken file makes it stumble on
        raise UserError(f"{where} is not a readable picture: {error}") from error
