"""Magnifying the middle of an image, bit for bit as `scipy.ndimage.zoom(order=1)`."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from numba import njit

from causal_iqa.corruptions.levels import Floats

Axis = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats, Floats]


def add_zoomed(total: Floats, image: Floats, factor: float) -> None:
    """Add the magnified middle of `image` to `total`, in place.

    Parameters
    ----------
    total : [H, W, channels], float32 or float64; each sum is rounded to this type.
    image : same shape and type.
    factor : magnification, 1 or more.

    Source: `clipped_zoom` in make_imagenet_c.py; there both sides follow the height, here each
    follows itself, which is the same for square pictures.
    """
    _add(total, image, _axis(image.shape[0], factor), _axis(image.shape[1], factor))


@lru_cache(maxsize=256)
def _axis(length: int, factor: float) -> Axis:
    """Left and right source pixel of every output pixel, and their weights."""
    cropped = int(np.ceil(length / factor))
    start = (length - cropped) // 2
    zoomed = round(cropped * factor)  # as scipy rounds the size of what it makes
    step = (cropped - 1) / (zoomed - 1)  # first and last pixels fall together: no grid_mode
    trimmed = (zoomed - length) // 2
    at = np.arange(trimmed, trimmed + length) * step
    left = np.floor(at).astype(np.int64)
    near = 1 - (at - left)
    far = 1 - near  # as scipy: the last weight is what is left of 1
    # scipy counts a coordinate that rounding has put past the last pixel as outside: 0 there.
    inside = at <= cropped - 1
    right = np.minimum(left + 1, cropped - 1)
    return (start + left, start + right, near * inside, far * inside)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _add(total, image, rows, columns):  # type: ignore[no-untyped-def]
    top, bottom, top_weight, bottom_weight = rows
    left, right, left_weight, right_weight = columns
    height, width, channels = total.shape
    zoomed = np.empty(1, image.dtype)  # scipy rounds to the image's type before the sum does
    for y in range(height):
        upper, lower = image[top[y]], image[bottom[y]]
        for x in range(width):
            for c in range(channels):
                value = upper[left[x], c] * top_weight[y] * left_weight[x]
                value += upper[right[x], c] * top_weight[y] * right_weight[x]
                value += lower[left[x], c] * bottom_weight[y] * left_weight[x]
                value += lower[right[x], c] * bottom_weight[y] * right_weight[x]
                zoomed[0] = value
                total[y, x, c] += zoomed[0]
