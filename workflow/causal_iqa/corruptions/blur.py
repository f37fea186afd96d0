"""Blur: defocus_blur, glass_blur, motion_blur, zoom_blur, gaussian_blur.

Pictures are uint8 RGB, [H, W, 3], and so are the results. Constants stand in `registry`.
Source of all: the functions of the same names in hendrycks/robustness, make_imagenet_c.py.
"""

import cv2
import numpy as np

from causal_iqa.corruptions.levels import Floats, Picture, to_levels, to_unit


def defocus_blur(picture: Picture, radius: int, softness: float) -> Picture:
    """Average over a disk of `radius` pixels whose rim is smoothed by sigma `softness`."""
    return to_levels(cv2.filter2D(to_unit(picture), -1, _disk(radius, softness)))


def _disk(radius: int, softness: float) -> Floats:
    # 8, and the two sizes of the rim, are those of the original's disk().
    reach = max(8, radius)
    across = np.arange(-reach, reach + 1)
    disk = (across[:, None] ** 2 + across**2 <= radius**2).astype(np.float32)
    disk /= disk.sum()
    rim = (3, 3) if radius <= 8 else (5, 5)
    soft: Floats = cv2.GaussianBlur(disk, ksize=rim, sigmaX=softness)
    return soft


def glass_blur(
    picture: Picture, sigma: float, reach: int, passes: int, *, rng: np.random.Generator
) -> Picture:
    """Smooth, copy each pixel from a random neighbour `passes` times, smooth again.

    Neighbours lie within -reach .. reach - 1 pixels; `sigma` is that of both smoothings.
    """
    from causal_iqa.corruptions.kernels import gaussian, shuffle

    # Cut off to whole levels before the shuffle, as in the original.
    smooth = (gaussian.smooth(to_unit(picture), sigma) * 255).astype(np.uint8)
    visits = (passes, picture.shape[0] - 2 * reach, picture.shape[1] - 2 * reach, 2)
    # One call draws what single calls would in the original's order, and is much faster.
    shuffle.copy_neighbours(smooth, reach, rng.integers(-reach, reach, size=visits))
    return to_levels(gaussian.smooth(to_unit(smooth), sigma))


def motion_blur(
    picture: Picture, radius: int, sigma: float, *, rng: np.random.Generator
) -> Picture:
    """Smear over 2 radius + 1 pixels in a direction of -45 to 45 degrees from the right."""
    from causal_iqa.corruptions.kernels import motion

    return motion.motion(picture, radius, sigma, rng.uniform(-45, 45))


def zoom_blur(picture: Picture, stop: float, step: float) -> Picture:
    """Mean of the picture and of its middle magnified by 1, 1 + step, ... up to `stop`."""
    from causal_iqa.corruptions.kernels import zoom

    unit = to_unit(picture).astype(np.float32)  # float32 as in the original, and so its sums
    total = np.zeros_like(unit)
    factors = np.arange(1, stop, step)  # its rounding decides, as in the original, on the last
    for factor in factors.tolist():
        zoom.add_zoomed(total, unit, factor)
    return to_levels((unit + total) / (len(factors) + 1))


def gaussian_blur(picture: Picture, sigma: float) -> Picture:
    """Smooth with a Gaussian of `sigma` pixels."""
    from causal_iqa.corruptions.kernels import gaussian

    return to_levels(gaussian.smooth(to_unit(picture), sigma))
