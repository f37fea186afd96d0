"""The answer at a glance: AUC and its interval for every quality score and task model."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from causal_iqa.report.cells import NOT_ESTIMABLE
from causal_iqa.report.drawing.figures import drawing, new_figure, save
from causal_iqa.report.drawing.palette import FAMILY_COLOURS
from causal_iqa.report.drawing.score_rows import write_row_names, write_weights_key
from causal_iqa.report.labels import FAMILY_TITLES, Scorer, scorers_by_name, variant_words

ROW = 0.215
"""Inches a row."""
PANEL, GAP, RIGHT, TOP, BOTTOM = 2.0, 0.18, 0.15, 0.32, 0.8
LETTER = 0.061
"""Inches that a letter of a row's name takes at most, on average."""
GROUP_GAP = 1.4
"""Rows left free above each family, for its name."""


def overview_figure(pairs: pl.DataFrame, scorers: pl.DataFrame) -> Figure:
    """A column of axes a task model, a row a quality score. Call inside ``drawing``.

    pairs: ``reading.read_pairs``, of which the converged fits are shown; interval: 95 %, pictures
    as units. Hollow: the pair shares weights.
    """
    named = scorers_by_name(scorers)
    fits = pairs.filter(pl.col("solver") == "converged")
    rows = place_rows(fits)
    names = [
        _row_name(named[source], variant)
        for source, variant in rows.select("quality_source", "quality_variant").iter_rows()
    ]
    models = fits["task_model"].unique(maintain_order=True).to_list()
    left = 0.2 + LETTER * max(map(len, [*names, *FAMILY_TITLES.values()]))
    depth = max(rows["y"], default=0.0) + 0.7
    width = left + len(models) * (PANEL + GAP) - GAP + RIGHT
    height = TOP + depth * ROW + BOTTOM
    figure = new_figure(width, height)
    for place, model in enumerate(models):
        x = left + place * (PANEL + GAP)
        box = (x / width, BOTTOM / height, PANEL / width, depth * ROW / height)
        axes = figure.add_axes(box)
        _panel(axes, fits.filter(pl.col("task_model") == model).join(rows, on=_KEYS), depth)
        axes.set_title(named[model].title, loc="left", weight="bold")
        axes.set_yticks(rows["y"].to_list())
        axes.set_yticklabels([])
        if place == 0:
            write_row_names(axes, rows, names)
    _key(figure, left)
    return figure


def _row_name(source: Scorer, variant: str) -> str:
    if variant == "score":
        return source.title
    return f"{source.title}, {variant_words(source.kind, variant)}"


_KEYS = ["family", "quality_source", "quality_variant"]


def place_rows(fits: pl.DataFrame) -> pl.DataFrame:
    """Each quality score once, with its place ``y`` from the top, a gap above each family."""
    rows = fits.select(_KEYS).unique(maintain_order=True)
    order = rows["family"].unique(maintain_order=True).to_list()
    family = pl.col("family").replace_strict(
        {name: place + 1 for place, name in enumerate(order)} or {"": 0}, return_dtype=pl.Float64
    )
    return rows.with_row_index("row").with_columns(y=pl.col("row") + GROUP_GAP * family).drop("row")


def _panel(axes: Axes, fits: pl.DataFrame, depth: float) -> None:
    axes.axvline(0.5, color="#444444", linewidth=1, zorder=1)
    for row in fits.iter_rows(named=True):
        colour = FAMILY_COLOURS[row["family"]]
        if row["auc"] is None:
            axes.text(
                0.5,
                row["y"],
                NOT_ESTIMABLE,
                ha="center",
                va="center",
                size=7,
                color="#555555",
                zorder=2,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
            )
            continue
        if row["auc_cluster_lo"] is not None:
            ends = [row["auc_cluster_lo"], row["auc_cluster_hi"]]
            axes.plot(ends, [row["y"]] * 2, color=colour, linewidth=1.6, zorder=2)
        axes.plot(
            row["auc"],
            row["y"],
            marker="o",
            markersize=5,
            color=colour,
            zorder=3,
            markerfacecolor="white" if row["circular"] else colour,
        )
    axes.set_xlim(0, 1)
    axes.set_ylim(depth, 0)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", ".25", ".5", ".75", "1"])
    axes.grid(visible=False, axis="x")
    axes.tick_params(axis="y", length=0)


def _key(figure: Figure, left: float) -> None:
    """What the marks mean, below the axes; left edge at ``left`` inches."""
    write_weights_key(figure, left)
    width, height = figure.get_size_inches()
    figure.text(
        left / width,
        (BOTTOM - 0.4) / height,
        "AUC of P(correct | Q) on held-out pictures; 0.5 is chance; "
        "bar: 95 % interval, pictures as units",
        size=8.5,
        va="center",
    )


def write_overview(
    pairs: pl.DataFrame, scorers: pl.DataFrame, stem: Path, style: str, dpi: int
) -> list[Path]:
    """Write the overview as ``stem``.svg and ``stem``.png; returns their paths."""
    with drawing(style):
        return save(overview_figure(pairs, scorers), stem, dpi)
