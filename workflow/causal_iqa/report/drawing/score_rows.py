"""What the figures with a row a quality score share: the rows' names and the key of the marks."""

from __future__ import annotations

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from causal_iqa.report.drawing.palette import FAMILY_COLOURS
from causal_iqa.report.labels import FAMILY_TITLES

_KEY = "#333333"


def write_row_names(axes: Axes, rows: pl.DataFrame, names: list[str], gap: float = 0.03) -> None:
    """Row names and, above each family, its title, left of ``axes``.

    rows: columns ``family`` and ``y``; names: one a row; gap: part of the axes' width.
    """
    across = axes.get_yaxis_transform()
    for name, y in zip(names, rows["y"], strict=True):
        axes.text(-gap, y, name, transform=across, ha="right", va="center", size=8)
    for (family,), members in rows.group_by("family", maintain_order=True):
        axes.text(
            -gap,
            float(members["y"][0]) - 1.0,
            FAMILY_TITLES[str(family)],
            transform=across,
            ha="right",
            va="center",
            size=8.5,
            weight="bold",
            color=FAMILY_COLOURS[str(family)],
        )


def write_weights_key(figure: Figure, left: float) -> None:
    """Below the axes, from ``left`` inches on: full marks are separate weights, hollow shared."""
    width, height = figure.get_size_inches()
    keys = [
        Line2D([], [], color=_KEY, marker="o", markersize=5, linewidth=1.6, markerfacecolor=face)
        for face in (_KEY, "white")
    ]
    figure.legend(
        keys,
        ["separate weights", "quality source and task model share weights (circular)"],
        loc="lower left",
        bbox_to_anchor=(left / width, 0.08 / height),
        ncols=2,
        frameon=False,
        fontsize=8,
        borderaxespad=0,
    )
