"""What all figures share: style, and writing them so that the same figure gives the same bytes."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Bbox

from causal_iqa.core.contract import atomic
from causal_iqa.statistics.inputs import Floats

# SVG keeps text as text: half the bytes, and it can be searched. Verdana has DejaVu's widths.
_SETTINGS: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "sans-serif"],
    "font.size": 9.0,
    "axes.titlesize": 9.5,
    "axes.labelsize": 9.0,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "svg.fonttype": "none",
    # Without a salt the ids in an SVG differ from run to run.
    "svg.hashsalt": "causal-iqa",
    # A dollar in a name is a dollar.
    "text.parse_math": False,
    **{f"figure.constrained_layout.{side}_pad": 0.08 for side in "wh"},
    **{f"figure.constrained_layout.{side}space": 0.0 for side in "wh"},
}

NOTE = 6.2
"""Inches of a line below the axes; a figure is at least as wide."""


@contextlib.contextmanager
def drawing(style: str) -> Iterator[None]:
    """Matplotlib's settings while a figure is drawn and saved. ``style``: a seaborn style.

    Starts from matplotlib's defaults, so a user's matplotlibrc changes nothing.
    """
    with mpl.rc_context():
        # Within the context, which gives the caller's settings back.
        mpl.rcdefaults()
        mpl.rcParams.update({**sns.axes_style(style), **_SETTINGS})
        yield


def new_figure(width: float, height: float) -> Figure:
    """An empty white figure of ``width`` x ``height`` inches, outside pyplot's global state.

    Its layout is constrained: room is made for all that stands about the axes.
    """
    figure = Figure(figsize=(width, height), facecolor="white", layout="constrained")
    # Text is measured by a renderer, and Agg's needs no display.
    FigureCanvasAgg(figure)
    return figure


def new_panels(rows: int, columns: int, n: int, **grid: Any) -> tuple[Figure, list[Axes]]:
    """A figure for ``fit``, and the first ``n`` axes of its grid. grid: as ``Figure.subplots``.

    Where there is nothing to draw, the figure still has one panel, without axes.
    """
    figure = new_figure(2.0 * columns + 6, 2.0 * rows + 4)
    panels = [*figure.subplots(max(rows, 1), max(columns, 1), squeeze=False, **grid).flat]
    if n == 0:
        panels[0].set_axis_off()
    for axes in panels[max(n, 1) :]:
        axes.remove()
    return figure, panels[:n]


def fit(figure: Figure, width: float, height: float) -> Figure:
    """The figure, as large as it takes for its first panel to be ``width`` x ``height`` inches.

    What stands about the panels needs the same room at any size. All that is written fits into the
    figure, for which panels may become larger.
    """
    grid = {axes: at for axes in figure.axes if (at := axes.get_subplotspec())}
    across = [axes for axes, at in grid.items() if at.rowspan.start == 0]
    down = [axes for axes, at in grid.items() if at.colspan.start == 0]
    least = np.zeros(2)
    # Three times: at a new size ticks may change, with them the room that they take, and what
    # is written may reach beyond the edge.
    for turn in range(3):
        figure.draw_without_rendering()
        page = figure.get_size_inches()
        if turn:
            least = np.maximum(least, page + _beyond(figure))
        share = {axes: axes.get_position() for axes in grid}
        first = share[figure.axes[0]]
        lacking = np.array(
            [
                (width / first.width - page[0]) * sum(share[axes].width for axes in across),
                (height / first.height - page[1]) * sum(share[axes].height for axes in down),
            ]
        )
        keys = [np.divide(key.get_window_extent().size, figure.dpi) for key in figure.legends]
        size = np.max([page + lacking, least, *(size + 0.1 for size in keys)], axis=0)
        # Rounded, since the layout's last digits differ from run to run.
        figure.set_size_inches(size.round(2))
    return figure


def _beyond(figure: Figure) -> Floats:
    """Inches that what is drawn reaches beyond the right and the upper edge, and a margin."""
    ends = figure.get_tightbbox().max - figure.get_size_inches()
    beyond: Floats = np.where(ends > 0, ends + 0.05, -np.inf)
    return beyond


def wrapped(words: str, inches: float, **font: Any) -> str:
    """Words in lines of no more than ``inches``, by their measured width. Call inside ``drawing``.

    Lines end at a space or after a hyphen, and within what is still too wide, as names of weights
    are, after one of ``_ . /``. font: as ``FontProperties`` takes it.
    """
    properties = FontProperties(**font)
    lines: list[str] = []
    for paragraph in words.split("\n"):
        line = ""
        for part in _parts(paragraph, inches, properties):
            if line and _inches(line + part.rstrip(), properties) > inches:
                lines.append(line.rstrip())
                line = ""
            line += part
        lines.append(line.rstrip())
    return "\n".join(lines)


def _parts(words: str, inches: float, properties: FontProperties) -> Iterator[str]:
    """What lines may be broken between."""
    for part in re.findall(r"[^ -]+-?|-| +", words):
        wide = _inches(part, properties) > inches
        yield from re.findall(r"[^_./]+[_./]*|[_./]+", part) if wide else [part]


def _inches(words: str, properties: FontProperties) -> float:
    width: float = text_to_path.get_text_width_height_descent(words, properties, ismath=False)[0]
    return width / 72


def key_below(
    figure: Figure, handles: Sequence[Artist], words: Sequence[str], note: str, columns: int = 3
) -> None:
    """What the marks mean, below all axes, under a note in lines of ``NOTE`` inches."""
    figure.legend(
        handles,
        words,
        title=wrapped(note, NOTE, size=8.5),
        title_fontsize=8.5,
        alignment="left",
        loc="outside lower left",
        ncols=columns,
        frameon=False,
        fontsize=8,
        handlelength=2.4,
    )


def write_above(axes: Axes, words: str, points: float, **style: Any) -> None:
    """Words that begin at the left end of the axes, ``points`` above them."""
    axes.annotate(
        words,
        (0, 1),
        xycoords="axes fraction",
        xytext=(0, points),
        textcoords="offset points",
        va="bottom",
        **style,
    )


def save(figure: Figure, stem: Path, dpi: int) -> list[Path]:
    """Write ``stem``.svg and ``stem``.png (``dpi`` dots an inch). No time stands in either."""
    _settle(figure)
    png, svg = (stem.with_name(f"{stem.name}.{suffix}") for suffix in ("png", "svg"))
    with atomic(png) as temporary:
        figure.savefig(temporary, format="png", dpi=dpi)
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    with atomic(svg) as temporary:
        temporary.write_text(_shortened(buffer.getvalue()), encoding="utf-8")
    return [svg, png]


def _settle(figure: Figure) -> None:
    """Lay the figure out once for all; rounded, since the last digits differ from run to run."""
    figure.draw_without_rendering()
    # Or saving would lay it out again, the PNG at another dpi than the SVG.
    figure.set_layout_engine("none")
    for axes in figure.axes:
        axes.set_position(Bbox(axes.get_position().get_points().round(6)))


def _shortened(svg: str) -> str:
    """The SVG with coordinates to a hundredth of a point: half the bytes, the same picture."""
    # Paths, places and styles only: digits within words are left as they are.
    places = re.compile(r'(?<= d=")[^"]+|translate\([^)]+\)|(?<= style=")[^"]+')
    return places.sub(lambda part: re.sub(r"\d+\.\d{3,}", _hundredth, part[0]), svg)


def _hundredth(digits: re.Match[str]) -> str:
    return f"{float(digits[0]):.2f}".rstrip("0").rstrip(".")
