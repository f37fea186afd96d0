"""Digital: contrast, elastic_transform, pixelate, jpeg_compression, saturate.

Pictures are uint8 RGB, [H, W, 3], and so are the results. Constants stand in `registry`.
Source of all: the functions of the same names in hendrycks/robustness, make_imagenet_c.py.
"""

from functools import lru_cache
from io import BytesIO

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from causal_iqa.corruptions.levels import Floats, Picture, to_levels, to_unit


def contrast(picture: Picture, factor: float) -> Picture:
    """Shrink each channel's distance from its mean over the picture to `factor` of itself."""
    unit = to_unit(picture)
    means = unit.mean(axis=(0, 1), keepdims=True)
    return to_levels((unit - means) * factor + means)


def elastic_transform(
    picture: Picture, alpha: float, sigma: float, affine: float, *, rng: np.random.Generator
) -> Picture:
    """Warp by a random affine map, then move every pixel along a smooth random field.

    Parameters
    ----------
    alpha : height of the field: uniform noise in [-1, 1], smoothed, times alpha pixels.
    sigma : smoothing of the field, pixels.
    affine : the map moves three points by up to this many pixels along each axis.
    rng : draws the three points, then the field to the right, then the field downwards.
    """
    from causal_iqa.corruptions.kernels import displace

    size = picture.shape[:2]
    # float32 where the original has it: picture, warped picture and both fields.
    warped = _random_affine(picture.astype(np.float32) / np.float32(255), affine, rng)
    right = _smooth_field(rng.uniform(-1, 1, size=size), sigma) * alpha
    down = _smooth_field(rng.uniform(-1, 1, size=size), sigma) * alpha
    return displace.displace(warped, right.astype(np.float32), down.astype(np.float32))


def _random_affine(
    unit: npt.NDArray[np.float32], reach: float, rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    height, width = unit.shape[:2]
    # cv2's points are (x, y). The original has it like this; of a square it is the same.
    middle = np.array([height // 2, width // 2], np.float32)
    third = min(height, width) // 3
    corners = np.array([[1, 1], [1, -1], [-1, -1]], np.float32)
    before = middle + third * corners
    after = before + rng.uniform(-reach, reach, size=before.shape).astype(np.float32)
    matrix = cv2.getAffineTransform(before, after)
    size = (width, height)
    warped: npt.NDArray[np.float32] = cv2.warpAffine(
        unit, matrix, size, borderMode=cv2.BORDER_REFLECT_101
    )
    return warped


def _smooth_field(field: Floats, sigma: float) -> Floats:
    """Gaussian smoothing cut at 3 sigma, mirrored edges.

    As two products with dense matrices: severity 1 smooths over a thousand pixels, where a
    running filter would take twenty times as long.
    """
    down, across = (_smoothing_matrix(length, sigma) for length in field.shape)
    smooth: Floats = down @ field @ across.T
    return smooth


@lru_cache(maxsize=32)
def _smoothing_matrix(length: int, sigma: float) -> Floats:
    radius = int(3.0 * sigma + 0.5)  # as scipy rounds its truncate
    offsets = np.arange(-radius, radius + 1)
    weights = np.exp(-0.5 / (sigma * sigma) * offsets**2)
    weights /= weights.sum()
    rows = np.arange(length)[:, None]
    columns = (rows + offsets) % (2 * length)  # scipy's "reflect" repeats after 2 length
    columns = np.minimum(columns, 2 * length - 1 - columns)
    matrix = np.zeros((length, length))
    # Not matrix[...] += : mirrored weights may meet in one column, and only one would count.
    np.add.at(matrix, (rows, columns), np.broadcast_to(weights, columns.shape))
    return matrix


def pixelate(picture: Picture, factor: float) -> Picture:
    """Shrink to `factor` of the sides by averaging boxes, and enlarge again."""
    height, width = picture.shape[:2]
    small = Image.fromarray(picture).resize(
        (int(width * factor), int(height * factor)), Image.Resampling.BOX
    )
    return np.array(small.resize((width, height), Image.Resampling.BOX))


def jpeg_compression(picture: Picture, quality: int) -> Picture:
    """Encode as JPEG of this `quality` (Pillow's scale, 4:2:0) and decode."""
    file = BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality)
    return np.array(Image.open(file))


def saturate(picture: Picture, gain: float, shift: float) -> Picture:
    """Saturation (HSV) times `gain` plus `shift`, clipped to [0, 1]."""
    from causal_iqa.corruptions.kernels import hsv

    return hsv.change_hsv(picture, gain, shift, 0.0)
