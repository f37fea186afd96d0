"""What corruptions there are: functions and the constants of the five severities.

A further corruption is one more entry here, under its name in `conditions.GROUPS`. Constants:
hendrycks/robustness at 8190fe3, ImageNet-C/create_c/make_imagenet_c.py.
"""

from collections.abc import Callable
from dataclasses import dataclass

from causal_iqa.corruptions import blur, digital, noise, weather
from causal_iqa.corruptions.levels import Picture


@dataclass(frozen=True)
class Corruption:
    """One corruption.

    Attributes
    ----------
    name : as in ImageNet-C.
    constants : for severity 1 to 5, what `function` takes after the picture.
    function : (picture, *constants, **inputs) -> picture.
    inputs : what else it takes, by keyword: 'rng', 'frost_pictures'.
    """

    name: str
    constants: tuple[tuple[float, ...], ...]
    function: Callable[..., Picture]
    inputs: tuple[str, ...] = ()


RNG = ("rng",)

_ENTRIES = (
    Corruption(
        "gaussian_noise",
        ((0.08,), (0.12,), (0.18,), (0.26,), (0.38,)),
        noise.gaussian_noise,
        RNG,
    ),
    Corruption("shot_noise", ((60,), (25,), (12,), (5,), (3,)), noise.shot_noise, RNG),
    Corruption(
        "impulse_noise",
        ((0.03,), (0.06,), (0.09,), (0.17,), (0.27,)),
        noise.impulse_noise,
        RNG,
    ),
    Corruption(
        "defocus_blur",
        ((3, 0.1), (4, 0.5), (6, 0.5), (8, 0.5), (10, 0.5)),
        blur.defocus_blur,
    ),
    Corruption(
        "glass_blur",
        ((0.7, 1, 2), (0.9, 2, 1), (1, 2, 3), (1.1, 3, 2), (1.5, 4, 2)),
        blur.glass_blur,
        RNG,
    ),
    Corruption(
        "motion_blur",
        ((10, 3), (15, 5), (15, 8), (15, 12), (20, 15)),
        blur.motion_blur,
        RNG,
    ),
    Corruption(
        "zoom_blur",
        ((1.11, 0.01), (1.16, 0.01), (1.21, 0.02), (1.26, 0.02), (1.31, 0.03)),
        blur.zoom_blur,
    ),
    Corruption(
        "snow",
        (
            (0.1, 0.3, 3, 0.5, 10, 4, 0.8),
            (0.2, 0.3, 2, 0.5, 12, 4, 0.7),
            (0.55, 0.3, 4, 0.9, 12, 8, 0.7),
            (0.55, 0.3, 4.5, 0.85, 12, 8, 0.65),
            (0.55, 0.3, 2.5, 0.85, 12, 12, 0.55),
        ),
        weather.snow,
        RNG,
    ),
    Corruption(
        "frost",
        ((1, 0.4), (0.8, 0.6), (0.7, 0.7), (0.65, 0.7), (0.6, 0.75)),
        weather.frost,
        ("rng", "frost_pictures"),
    ),
    Corruption("fog", ((1.5, 2), (2, 2), (2.5, 1.7), (2.5, 1.5), (3, 1.4)), weather.fog, RNG),
    Corruption("brightness", ((0.1,), (0.2,), (0.3,), (0.4,), (0.5,)), weather.brightness),
    Corruption("contrast", ((0.4,), (0.3,), (0.2,), (0.1,), (0.05,)), digital.contrast),
    Corruption(
        "elastic_transform",
        # Shares of 244, not 224: a slip in the original that the published pictures carry.
        (
            (244 * 2, 244 * 0.7, 244 * 0.1),
            (244 * 2, 244 * 0.08, 244 * 0.2),
            (244 * 0.05, 244 * 0.01, 244 * 0.02),
            (244 * 0.07, 244 * 0.01, 244 * 0.02),
            (244 * 0.12, 244 * 0.01, 244 * 0.02),
        ),
        digital.elastic_transform,
        RNG,
    ),
    Corruption("pixelate", ((0.6,), (0.5,), (0.4,), (0.3,), (0.25,)), digital.pixelate),
    Corruption("jpeg_compression", ((25,), (18,), (15,), (10,), (7,)), digital.jpeg_compression),
    Corruption(
        "speckle_noise",
        ((0.15,), (0.2,), (0.35,), (0.45,), (0.6,)),
        noise.speckle_noise,
        RNG,
    ),
    Corruption("gaussian_blur", ((1,), (2,), (3,), (4,), (6,)), blur.gaussian_blur),
    Corruption(
        "spatter",
        (
            (0.65, 0.3, 4, 0.69, 0.6, 0),
            (0.65, 0.3, 3, 0.68, 0.6, 0),
            (0.65, 0.3, 2, 0.68, 0.5, 0),
            (0.65, 0.3, 1, 0.65, 1.5, 1),
            (0.67, 0.4, 1, 0.65, 1.5, 1),
        ),
        weather.spatter,
        RNG,
    ),
    Corruption("saturate", ((0.3, 0), (0.1, 0), (2, 0), (5, 0.1), (20, 0.2)), digital.saturate),
)

CORRUPTIONS: dict[str, Corruption] = {entry.name: entry for entry in _ENTRIES}
