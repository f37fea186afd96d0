"""The corruptions of ImageNet-C (Hendrycks & Dietterich, ICLR 2019) and its four extra ones."""

from collections.abc import Sequence

import numpy as np

from causal_iqa.core.errors import nearest
from causal_iqa.core.seeding import generator
from causal_iqa.corruptions.levels import Picture
from causal_iqa.corruptions.registry import CORRUPTIONS, Corruption
from causal_iqa.corruptions.weather import read_frost_pictures

__all__ = ["CORRUPTIONS", "Corruption", "corrupt", "generator", "read_frost_pictures"]

SMALLEST_SIDE = 64  # pixels; below, blur and shuffle reach across most of the picture


def corrupt(
    picture: Picture,
    corruption: str,
    severity: int,
    rng: np.random.Generator,
    frost_pictures: Sequence[Picture] | None = None,
) -> Picture:
    """Corrupt one picture as ImageNet-C does, before its JPEG coding.

    Parameters
    ----------
    picture : [H, W, 3] uint8 RGB, both sides 64 pixels or more; ImageNet-C's are 224 x 224.
        It is not changed.
    corruption : a name in `CORRUPTIONS`.
    severity : 1 to 5.
    rng : all random draws come from here; `generator(seed, image_id, corruption, severity)`.
    frost_pictures : from `read_frost_pictures`; needed for 'frost' only.

    Returns
    -------
    [H, W, 3] uint8 RGB, a new array.

    Raises
    ------
    ValueError
        unknown corruption or severity; picture of another type or shape, or too small,
        or too large for the frost pictures; frost without frost pictures.

    Source: hendrycks/robustness at 8190fe3, ImageNet-C/create_c/make_imagenet_c.py.
    """
    _check(picture, corruption, severity)
    entry = CORRUPTIONS[corruption]
    if "frost_pictures" in entry.inputs and not frost_pictures:
        raise ValueError(f"{corruption} needs frost_pictures; read_frost_pictures reads them")
    available = {"rng": rng, "frost_pictures": frost_pictures}
    inputs = {name: available[name] for name in entry.inputs}
    # The compiled loops reshape, which numba does to contiguous arrays alone.
    return entry.function(np.ascontiguousarray(picture), *entry.constants[severity - 1], **inputs)


def _check(picture: Picture, corruption: str, severity: int) -> None:
    if corruption not in CORRUPTIONS:
        raise ValueError(f"unknown corruption {corruption!r}; {nearest(corruption, CORRUPTIONS)}")
    if severity not in (1, 2, 3, 4, 5):
        raise ValueError(f"severity {severity!r}; allowed: 1, 2, 3, 4, 5")
    given = f"{getattr(picture, 'dtype', type(picture).__name__)} of shape {np.shape(picture)}"
    allowed = f"allowed: uint8 array of shape (height, width, 3), sides >= {SMALLEST_SIDE}"
    if not isinstance(picture, np.ndarray) or picture.dtype != np.uint8:
        raise ValueError(f"picture is {given}; {allowed}")
    if picture.ndim != 3 or picture.shape[2] != 3 or min(picture.shape[:2]) < SMALLEST_SIDE:
        raise ValueError(f"picture is {given}; {allowed}")
