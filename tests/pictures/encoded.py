"""One photograph in every format."""

import io

import numpy as np
from PIL import Image

HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64)


def encode(image: Image.Image, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def photograph(height: int = 48, width: int = 60) -> np.ndarray:
    """RGB uint8 [height, width, 3], smooth, and alike in no two corners."""
    small = np.random.default_rng(1).integers(0, 256, (5, 5, 3), dtype=np.uint8)
    image = Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(image)


PHOTOGRAPH = photograph()
IMAGE = Image.fromarray(PHOTOGRAPH)


LOSSLESS = {
    "png": encode(IMAGE, "PNG"),
    "bmp": encode(IMAGE, "BMP"),
    "tiff": encode(IMAGE, "TIFF"),
    "tiff lzw": encode(IMAGE, "TIFF", compression="tiff_lzw"),
    "webp": encode(IMAGE, "WEBP", lossless=True),
    "ppm": encode(IMAGE, "PPM"),
    "jp2": encode(IMAGE, "JPEG2000"),
}
LOSSY = {
    "jpeg": encode(IMAGE, "JPEG", quality=95),
    "progressive": encode(IMAGE, "JPEG", quality=95, progressive=True),
    "webp": encode(IMAGE, "WEBP", quality=95),
    "avif": encode(IMAGE, "AVIF", quality=95),
}
