"""The local shuffle of glass blur."""

import numpy as np
import numpy.typing as npt
from numba import njit

from causal_iqa.corruptions.levels import Picture


def copy_neighbours(picture: Picture, reach: int, offsets: npt.NDArray[np.int64]) -> None:
    """Overwrite each inner pixel by a neighbour, from the bottom right to the top left, in place.

    The original reads as a swap of two pixels, but both sides are views of one array, so that the
    second assignment writes back what the first has just stored: a copy in one direction.

    Parameters
    ----------
    picture : [H, W, 3] uint8, changed in place.
    reach : width of the frame that keeps its pixels, the largest offset.
    offsets : [passes, H - 2 reach, W - 2 reach, 2], (right, down) of the pixel to copy, in the
        order of the visits, within -reach .. reach - 1.

    Source: `glass_blur` in make_imagenet_c.py.
    """
    _copy(picture, reach, offsets)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _copy(picture, reach, offsets):  # type: ignore[no-untyped-def]
    height, width, _ = picture.shape
    for k in range(offsets.shape[0]):
        for i in range(offsets.shape[1]):
            for j in range(offsets.shape[2]):
                # From size - reach to reach + 1, as the original's range(size - reach, reach, -1).
                y, x = height - reach - i, width - reach - j
                from_x, from_y = x + offsets[k, i, j, 0], y + offsets[k, i, j, 1]
                for c in range(3):
                    picture[y, x, c] = picture[from_y, from_x, c]
