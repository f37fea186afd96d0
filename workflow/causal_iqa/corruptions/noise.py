"""Noise: gaussian_noise, shot_noise, impulse_noise, speckle_noise.

Pictures are uint8 RGB, [H, W, 3], and so are the results. Constants stand in `registry`.
Source of all: the functions of the same names in hendrycks/robustness, make_imagenet_c.py.
"""

import numpy as np

from causal_iqa.corruptions.levels import Picture, to_levels, to_unit


def gaussian_noise(picture: Picture, scale: float, *, rng: np.random.Generator) -> Picture:
    """Add normal noise of standard deviation `scale` (levels in [0, 1]) to every channel."""
    noise = rng.normal(size=picture.shape, scale=scale)
    noise += to_unit(picture)
    return to_levels(noise)


def shot_noise(picture: Picture, photons: float, *, rng: np.random.Generator) -> Picture:
    """Count light: Poisson counts with `photons` expected at full white."""
    return to_levels(rng.poisson(to_unit(picture) * photons) / photons)


def impulse_noise(picture: Picture, amount: float, *, rng: np.random.Generator) -> Picture:
    """Set a share `amount` of all channel values to 0 or 255, half of them to each.

    Source of the draws: `skimage.util.random_noise(mode="s&p")`, called by make_imagenet_c.py.
    """
    # <=, and both draws over the whole picture, are skimage's: equal generators, equal noise.
    hit = rng.random(picture.shape) <= amount
    white = rng.random(picture.shape) <= 0.5
    noisy = to_levels(to_unit(picture))
    np.copyto(noisy, np.where(white, np.uint8(255), np.uint8(0)), where=hit)
    return noisy


def speckle_noise(picture: Picture, scale: float, *, rng: np.random.Generator) -> Picture:
    """Multiply every channel by 1 + normal noise of standard deviation `scale`."""
    unit = to_unit(picture)
    return to_levels(unit + unit * rng.normal(size=picture.shape, scale=scale))
