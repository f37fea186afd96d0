"""Reading an image at displaced places, as `scipy.ndimage.map_coordinates(order=1)`."""

import numpy as np
import numpy.typing as npt
from numba import njit

from causal_iqa.corruptions.levels import Picture


def displace(
    image: npt.NDArray[np.float32], right: npt.NDArray[np.float32], down: npt.NDArray[np.float32]
) -> Picture:
    """Sample the image bilinearly at (y + down, x + right), mirrored at the edges.

    Parameters
    ----------
    image : [H, W, 3] float32 in [0, 1].
    right, down : [H, W] float32, pixels.

    Returns
    -------
    [H, W, 3] uint8, fractions cut off.

    Source: the last lines of `elastic_transform` in make_imagenet_c.py.
    """
    displaced: Picture = _displace(image, right, down)
    return displaced


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _displace(image, right, down):  # type: ignore[no-untyped-def]
    height, width, channels = image.shape
    out = np.empty(image.shape, np.uint8)
    for y in range(height):
        for x in range(width):
            # float64: NumPy makes it of the original's whole pixels and float32 field.
            at_y, at_x = y + np.float64(down[y, x]), x + np.float64(right[y, x])
            top, left = int(np.floor(at_y)), int(np.floor(at_x))
            near_y, near_x = 1.0 - (at_y - top), 1.0 - (at_x - left)
            far_y, far_x = 1.0 - near_y, 1.0 - near_x  # as scipy: the last is what is left of 1
            y0, y1 = _mirrored(top, height), _mirrored(top + 1, height)
            x0, x1 = _mirrored(left, width), _mirrored(left + 1, width)
            for c in range(channels):
                value = image[y0, x0, c] * near_y * near_x
                value += image[y0, x1, c] * near_y * far_x
                value += image[y1, x0, c] * far_y * near_x
                value += image[y1, x1, c] * far_y * far_x
                # map_coordinates rounds to the type of its picture, float32, before the cut.
                unit = min(max(np.float32(value), np.float32(0)), np.float32(1))
                out[y, x, c] = np.uint8(unit * np.float32(255))
    return out


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _mirrored(index, length):  # type: ignore[no-untyped-def]
    """An index outside 0 .. length - 1 mirrored back inside, edge pixels repeated."""
    index %= 2 * length
    return min(index, 2 * length - 1 - index)
