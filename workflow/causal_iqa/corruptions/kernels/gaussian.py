"""Gaussian smoothing, bit for bit as `scipy.ndimage.gaussian_filter(mode="nearest")`."""

import numpy as np
from numba import njit

from causal_iqa.corruptions.levels import Floats


def smooth(image: Floats, sigma: float) -> Floats:
    """Smooth height and width with a Gaussian cut at 4 sigma, edge pixels repeated outwards.

    Parameters
    ----------
    image : [H, W, channels], C-contiguous, float32 or float64; sums run in float64, both
        passes are stored in the image's own type.
    sigma : standard deviation in pixels.

    Returns
    -------
    An array of the same shape and type.

    Source: `skimage.filters.gaussian` with its defaults, as make_imagenet_c.py calls it.
    """
    radius = int(4.0 * sigma + 0.5)  # as scipy rounds its truncate
    smoothed: Floats = _smooth(image, _half_weights(sigma, radius))
    return smoothed


def _half_weights(sigma: float, radius: int) -> Floats:
    """The Gaussian's weights at distance 0, 1, ..., radius; the full set of 2r + 1 sums to 1."""
    distances = np.arange(-radius, radius + 1)
    weights = np.exp(-0.5 / (sigma * sigma) * distances**2)
    weights /= weights.sum()
    half: Floats = weights[radius:].copy()
    return half


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _smooth(image, weights):  # type: ignore[no-untyped-def]
    height, width, channels = image.shape
    radius = weights.size - 1
    row_length = width * channels
    rows = image.reshape(height, row_length)
    between = np.empty_like(rows)
    out = np.empty_like(rows)
    total = np.empty(row_length)
    line = np.empty(row_length + 2 * radius * channels)

    for y in range(height):  # down the columns first: scipy takes axis 0 before axis 1
        for i in range(row_length):
            total[i] = rows[y, i] * weights[0]
        for d in range(radius, 0, -1):  # scipy adds the outermost pair first
            above, below = rows[max(y - d, 0)], rows[min(y + d, height - 1)]
            for i in range(row_length):
                # float64 before they are added: scipy copies every line into doubles.
                total[i] += (np.float64(above[i]) + np.float64(below[i])) * weights[d]
        for i in range(row_length):
            between[y, i] = total[i]

    for y in range(height):
        for x in range(width + 2 * radius):
            source = min(max(x - radius, 0), width - 1)
            for c in range(channels):
                line[x * channels + c] = between[y, source * channels + c]
        middle = radius * channels
        for i in range(row_length):
            total[i] = line[middle + i] * weights[0]
        for d in range(radius, 0, -1):
            left, right = line[middle - d * channels :], line[middle + d * channels :]
            for i in range(row_length):
                total[i] += (left[i] + right[i]) * weights[d]
        for i in range(row_length):
            out[y, i] = total[i]
    return out.reshape(image.shape)
