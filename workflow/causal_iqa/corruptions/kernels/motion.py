"""Motion blur as ImageMagick 6 (16-bit quantum) makes it."""

import math

import cv2
import numpy as np
from numba import njit

from causal_iqa.corruptions.levels import Picture


def motion(image: Picture, radius: int, sigma: float, angle: float) -> Picture:
    """Smear along one direction: the pixel itself weighs most, those ahead of it less and less.

    Parameters
    ----------
    image : [H, W, channels] uint8.
    radius : the smear is 2 radius + 1 pixels long.
    sigma : how fast the weights exp(-i^2 / 2 sigma^2) fall, in pixels.
    angle : direction in degrees, clockwise from the right.

    Returns
    -------
    uint8 of the same shape.

    Source: MotionBlurImage in ImageMagick 6.9 magick/effect.c, called by `MotionImage` in
    make_imagenet_c.py.
    """
    steps = np.arange(2 * radius + 1)
    weights = np.exp(-(steps**2) / (2.0 * sigma * sigma))
    weights /= weights.sum()
    # ceil(x - 0.5), which rounds halves down, is ImageMagick's.
    across = np.ceil(steps * math.cos(math.radians(angle)) - 0.5).astype(np.int64)
    down = np.ceil(steps * math.sin(math.radians(angle)) - 0.5).astype(np.int64)
    reach = 2 * radius + 1
    # Beyond the edge ImageMagick repeats the edge.
    padded = cv2.copyMakeBorder(image, reach, reach, reach, reach, cv2.BORDER_REPLICATE)
    blurred: Picture = _smear(
        padded.reshape(*padded.shape[:2], -1), image.shape, reach, down, across, weights
    )
    return blurred


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _smear(padded, shape, reach, down, across, weights):  # type: ignore[no-untyped-def]
    height, width, channels = shape
    rows = padded.reshape(padded.shape[0], -1)
    row_length = width * channels
    total = np.empty(row_length)
    out = np.empty((height, row_length), np.uint8)
    for y in range(height):
        total[:] = 0.0
        for k in range(weights.size):
            source = rows[y + reach + down[k]]
            start = (reach + across[k]) * channels
            ahead = source[start : start + row_length]
            for i in range(row_length):
                # 257 makes 16 bits of 8, ImageMagick's quantum.
                total[i] += weights[k] * (np.int32(ahead[i]) * np.int32(257))
        for i in range(row_length):
            # Sums are rounded to 16 bits, then cut off to 8.
            out[y, i] = np.int32(total[i] + 0.5) // np.int32(257)
    return out.reshape(shape)
