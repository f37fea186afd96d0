"""Cells of a heat map, with their numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.patches import Rectangle

# Even in lightness, and read alike with a colour deficiency (Nuñez et al. 2018).
MAP = colormaps["cividis"]
"""Dark is low, bright is high."""
# ColorBrewer's, told apart with a colour deficiency; white in the middle.
DIVERGING = colormaps["BrBG"]
"""Brown is low, teal is high, and what is neither is white."""
EMPTY = "#E6E6E6"
# Not black and white, which a dark page turns round (palette.ON_DARK): cells keep their colours.
DARK, BRIGHT = "#111111", "#FAFAFA"


class Cell(NamedTuple):
    """A unit square about (x, y) and the text in it; value: None where there is none."""

    x: float
    y: float
    value: float | None
    text: str


def draw_cells(
    axes: Axes, cells: Iterable[Cell], low: float, high: float, shades: Colormap = MAP
) -> None:
    """Fill each cell by its value, from ``low`` to ``high``; write in white where that is dark."""
    for cell in cells:
        face: str | tuple[float, ...] = EMPTY
        ink = DARK
        if cell.value is not None:
            face = shades(float(np.clip((cell.value - low) / (high - low), 0, 1)))
            # Luma by Rec. 601: how bright the cell looks behind the number.
            ink = DARK if np.dot(face[:3], (0.299, 0.587, 0.114)) > 0.45 else BRIGHT
        corner = cell.x - 0.5, cell.y - 0.5
        axes.add_patch(Rectangle(corner, 1, 1, facecolor=face, edgecolor="white", linewidth=0.8))
        axes.text(cell.x, cell.y, cell.text, ha="center", va="center", size=8, color=ink)
    axes.grid(visible=False)
    axes.tick_params(which="both", length=0)
    axes.spines[:].set_visible(False)
