"""Rows of dots with intervals over a scale, a row per quality score, and the rows' names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import matplotlib as mpl
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from causal_iqa.core.kinds import TABLE_KINDS
from causal_iqa.report.cells import NOT_ESTIMABLE
from causal_iqa.report.drawing.figures import fit, key_below, new_panels, wrapped, write_above
from causal_iqa.report.drawing.palette import FAMILY_COLOURS
from causal_iqa.report.scorer_words import FAMILY_TITLES, ScorerWords, score_words

KEYS = ["family", "quality_source", "quality_variant"]
INK, QUIET, FEW = "#333333", "#555555", "#9A9A9A"
"""Colours: of marks and words, of words beside, of what is taken over too few to tell."""
ROW, PANEL = 0.215, 2.0
"""Inches per row, and across a panel."""
NARROW, ACROSS = 1.0, 13.0
"""Inches: the least across a panel, and what all of a figure's panels may take if they can."""
GAP = 1.4
"""Rows left free above each family, for its title."""
BELOW = 0.7
"""Rows from the last one's middle to the axes' end."""


class Dot(NamedTuple):
    """A value in row ``y`` with its interval; lo, hi: None without one.

    words: what stands in the middle where the value is None, '' for nothing.
    """

    y: float
    value: float | None
    lo: float | None
    hi: float | None
    colour: str
    hollow: bool | None = False
    marker: str = "o"
    size: float = 5.0
    words: str = NOT_ESTIMABLE


def draw_dots(axes: Axes, dots: Iterable[Dot], middle: float) -> None:
    """The dots over their intervals; words about ``middle`` for those that have no value."""
    for dot in dots:
        if dot.value is None:
            if dot.words:
                words_on(axes, middle, dot.y, dot.words)
            continue
        if dot.lo is not None and dot.hi is not None:
            axes.plot([dot.lo, dot.hi], [dot.y] * 2, color=dot.colour, linewidth=1.6, zorder=2)
        axes.plot(
            dot.value,
            dot.y,
            dot.marker,
            color=dot.colour,
            markerfacecolor="white" if dot.hollow else dot.colour,
            markersize=dot.size,
            # A value at 0 or 1 keeps its whole mark.
            clip_on=False,
            zorder=3,
        )


def words_on(axes: Axes, x: float, y: float, words: str) -> None:
    """Small words about (x, y), on white."""
    patch: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
    axes.text(x, y, words, ha="center", va="center", size=7, color=QUIET, zorder=2, bbox=patch)


def with_family(table: pl.DataFrame, named: Mapping[str, ScorerWords]) -> pl.DataFrame:
    """The table with each quality source's family, the pooled table that it stands in."""
    of_kind = {kind: family for family, kind in TABLE_KINDS.items()}
    families = {name: of_kind.get(scorer.kind, "") for name, scorer in named.items()}
    return table.with_columns(
        family=pl.col("quality_source").replace_strict(families, return_dtype=pl.String)
    )


def place_rows(
    table: pl.DataFrame, named: Mapping[str, ScorerWords], gap: float = GAP
) -> pl.DataFrame:
    """Each quality score once: ``KEYS``, name, and its place ``y`` from the top.

    Above each family ``gap`` rows are free.
    """
    rows = table.select(KEYS).unique(maintain_order=True)
    order = rows["family"].unique(maintain_order=True).to_list()
    names = [score_words(named[source], variant) for _, source, variant in rows.iter_rows()]
    places = [row + gap * (1 + order.index(family)) for row, family in enumerate(rows["family"])]
    return rows.with_columns(
        name=pl.Series(names, dtype=pl.String), y=pl.Series(places, dtype=pl.Float64)
    )


def row_panels(
    rows: pl.DataFrame, columns: int, titles: Mapping[str, str] = FAMILY_TITLES, **grid: Any
) -> tuple[Figure, list[Axes]]:
    """Axes side by side that share the rows, whose names stand left of the first.

    rows, titles: as ``name_rows`` has them. grid: as ``Figure.subplots``.
    """
    figure, panels = new_panels(1, columns, columns, sharey=True, **grid)
    for axes in panels:
        axes.tick_params(axis="y", which="both", length=0)
        axes.grid(visible=False, axis="x")
    name_rows(figure.axes[0], rows, titles)
    figure.axes[0].set_ylim(max(rows["y"], default=0.0) + BELOW, 0)
    return figure, panels


def name_rows(axes: Axes, rows: pl.DataFrame, titles: Mapping[str, str] = FAMILY_TITLES) -> None:
    """Names as ticks, and each family's title above its rows; what has no family is bold.

    rows: columns family, name and y.
    """
    axes.set_yticks(rows["y"].to_list(), rows["name"].to_list(), size=8)
    for label, family in zip(axes.get_yticklabels(), rows["family"], strict=True):
        label.set_fontweight("normal" if family else "bold")
    first = rows.filter(pl.col("family") != "").unique("family", keep="first", maintain_order=True)
    above = 0.72 * min(rows["y"], default=0.0)
    words = [titles[family] for family in first["family"]]
    # Minor ticks, so that titles can look other than names.
    axes.set_yticks((first["y"] - above).to_list(), words, minor=True)
    for label, family in zip(axes.get_yticklabels(minor=True), first["family"], strict=True):
        label.set(weight="bold", size=8.5, color=FAMILY_COLOURS.get(family, INK))


def panel_width(panels: int, most: float = PANEL) -> float:
    """Inches across each of so many panels: narrower ones where there are many."""
    return max(NARROW, min(most, ACROSS / max(panels, 1)))


def head_panels(
    panels: Sequence[Axes], titles: Sequence[str], width: float, beneath: Sequence[str] = ()
) -> None:
    """A bold title above each of the axes, and beneath it what is said of them, if anything.

    Broken into lines by their measured width. width: inches across each of the axes.
    """
    said = [wrapped(words, width, size=8) for words in beneath or [""] * len(panels)]
    lines = max((words.count("\n") + 1 for words in said if words), default=0)
    for axes, title, words in zip(panels, titles, said, strict=True):
        # Room for the lines of 8 points that stand between title and axes.
        named = wrapped(title, width, weight="bold", size=mpl.rcParams["axes.titlesize"])
        axes.set_title(named, loc="left", weight="bold", pad=6 + 11 * lines)
        if words:
            write_above(axes, words, 4, size=8)


def fit_rows(figure: Figure, row: float = ROW, panel: float = PANEL) -> Figure:
    """The figure with rows ``row`` inches apart in panels ``panel`` inches wide."""
    return fit(figure, panel, row * figure.axes[0].get_ylim()[0])


def auc_axis(axes: Axes, width: float = PANEL) -> None:
    """0 to 1 with a line at chance; fewer ticks where the axes are few inches wide."""
    axes.axvline(0.5, color="#444444", linewidth=1, zorder=1)
    axes.set_xlim(0, 1)
    ticks = {0: "0", 0.25: ".25", 0.5: ".5", 0.75: ".75", 1: "1"}
    shown = [*ticks] if width >= 1.5 else [0, 0.5, 1]
    axes.set_xticks(shown, [ticks[tick] for tick in shown])


def weights_key(figure: Figure, note: str) -> None:
    """Below the axes, under a note: full marks are separate weights, hollow shared."""
    keys = [
        Line2D([], [], color=INK, marker="o", markersize=5, linewidth=1.6, markerfacecolor=face)
        for face in (INK, "white")
    ]
    words = ["separate weights", "quality source and task model share weights (circular)"]
    key_below(figure, keys, words, note)
