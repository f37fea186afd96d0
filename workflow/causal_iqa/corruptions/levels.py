"""8-bit levels and the unit interval."""

from typing import Any

import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.floating[Any]]


def to_unit(picture: Picture) -> npt.NDArray[np.float64]:
    """Levels 0 to 255 as float64 in [0, 1]."""
    return picture / 255.0


def to_levels(unit: Floats) -> Picture:
    """Values clipped to [0, 1] as levels 0 to 255, cut off and not rounded.

    ImageNet-C ends every corruption in `np.uint8(...)`, which drops the fraction.
    """
    levels = np.clip(unit, 0, 1)
    levels *= 255
    return levels.astype(np.uint8)
