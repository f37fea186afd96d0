"""The truth test at a glance: how far each estimator of accuracy is off, network by network."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from causal_iqa.analyses.estimators.schema import TRUTH
from causal_iqa.analyses.registry import Job, Look
from causal_iqa.audit.estimators.registry import ESTIMATORS
from causal_iqa.core.columns import SCORERS
from causal_iqa.core.contract import read_table
from causal_iqa.report.drawing.figures import drawing, new_figure, save
from causal_iqa.report.drawing.palette import FAMILY_COLOURS
from causal_iqa.report.labels import Scorer, scorers_by_name

ROW, PANEL, GAP, NUMBERS, RIGHT, TOP, BOTTOM = 0.26, 1.7, 0.16, 0.92, 0.1, 0.62, 0.95
"""Inches."""
LETTER = 0.06
"""Inches that a letter of a row's name takes."""
INK = "#333333"
OWN, STRONG, WEAK, NR = (
    "P(correct | Q), own confidence",
    "P(correct | Q), another network's",
    "P(correct | Q), zero-shot encoder",
    "P(correct | Q), no-reference metric",
)
COLOURS = {
    OWN: FAMILY_COLOURS["strong"],
    STRONG: FAMILY_COLOURS["strong"],
    WEAK: FAMILY_COLOURS["weak"],
    NR: FAMILY_COLOURS["nr_iqa"],
}


class Line(NamedTuple):
    """A line of the figure: its name and what the truth test says of it."""

    name: str
    mae: float | None
    mae_group: float | None
    coverage: float | None
    width: float | None


def estimators_figure(table: pl.DataFrame, scorers: pl.DataFrame) -> Figure:
    """The figure of a ``TRUTH`` table. Call inside ``drawing``.

    Of the logistic regressions of a family the one with the smallest error stands for all.
    """
    named = scorers_by_name(scorers)
    models = table["task_model"].unique(maintain_order=True).to_list()
    lines = {model: lines_of(table.filter(task_model=model), model, named) for model in models}
    names = list(dict.fromkeys(line.name for mine in lines.values() for line in mine))
    left = 0.2 + LETTER * max(map(len, names))
    step = PANEL + NUMBERS + GAP
    width, height = left + len(models) * step + RIGHT, TOP + len(names) * ROW + BOTTOM
    figure = new_figure(width, height)
    errors = [e for mine in lines.values() for line in mine for e in (line.mae, line.mae_group)]
    limit = 100 * 1.08 * max([0.05, *(error for error in errors if error is not None)])
    for place, model in enumerate(models):
        x = left + place * step
        box = (x / width, BOTTOM / height, PANEL / width, len(names) * ROW / height)
        axes = figure.add_axes(box)
        _panel(axes, {line.name: line for line in lines[model]}, names, limit)
        axes.set_title(named[model].title, loc="left", weight="bold", pad=20)
        axes.set_yticks(range(len(names)), names if place == 0 else [""] * len(names))
    _key(figure, left)
    return figure


def lines_of(mine: pl.DataFrame, model: str, named: dict[str, Scorer]) -> list[Line]:
    """The lines of one network: each method of the literature, and the best of each family."""
    lines = []
    for name, entry in ESTIMATORS.items():
        row = mine.filter(estimator=name).row(0, named=True)
        lines.append(_line(f"{entry.title}", row))
    fitted = mine.filter(estimator="logistic").drop_nulls("mae").sort("mae", maintain_order=True)
    for family in COLOURS:
        members = [
            row
            for row in fitted.iter_rows(named=True)
            if _family(row["quality_source"], model, named) == family
        ]
        if members:
            lines.append(_line(family, members[0]))
    return lines


def _family(source: str, model: str, named: dict[str, Scorer]) -> str:
    if source == model:
        return OWN
    return {"classifier": STRONG, "zero_shot": WEAK, "metric": NR}[named[source].kind]


def _line(name: str, row: dict[str, Any]) -> Line:
    return Line(name, row["mae"], row["mae_group"], row["coverage"], row["mean_width"])


def _panel(axes: Axes, lines: dict[str, Line], names: list[str], limit: float) -> None:
    """Errors of one network in percentage points, coverage and width beside them."""
    across = axes.get_yaxis_transform()
    small: dict[str, Any] = {"transform": across, "size": 7.5, "ha": "right", "va": "center"}
    for x, head in ((1.28, "covered"), (1.53, "width")):
        axes.text(x, -0.95, head, color="#555555", **small)
    for y, name in enumerate(names):
        line = lines.get(name)
        if line is None or line.mae is None:
            box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
            style = {**small, "ha": "left", "color": "#555555", "bbox": box}
            axes.text(0.02, y, "cannot be had", **style)
            continue
        colour = COLOURS.get(name, INK)
        if line.mae_group is not None:
            axes.plot(
                100 * line.mae_group, y, "o", markersize=6, color=colour, markerfacecolor="white"
            )
        axes.plot(100 * line.mae, y, "o", markersize=4.5, color=colour, zorder=3)
        if line.coverage is not None and line.width is not None:
            axes.text(1.28, y, f"{100 * line.coverage:.0f} %", **small)
            axes.text(1.53, y, f"{100 * line.width:.0f}", **small)
    axes.set_xlim(0, limit)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)


def _key(figure: Figure, left: float) -> None:
    """What the marks mean, below the axes; left edge at ``left`` inches."""
    width, height = figure.get_size_inches()
    handles = [
        Line2D([], [], marker="o", linestyle="", markersize=4.5, color=INK),
        Line2D([], [], marker="o", linestyle="", markersize=6, color=INK, markerfacecolor="white"),
    ]
    figure.legend(
        handles,
        ["corruption held out", "its whole group held out"],
        loc="lower left",
        bbox_to_anchor=(left / width, 0.06 / height),
        ncols=2,
        frameon=False,
        fontsize=8,
        borderaxespad=0,
    )
    text = (
        "Mean absolute error of the estimated accuracy, percentage points; other pictures than "
        "were fitted to.\ncovered, width: of the 90 % interval (share of conditions; percentage "
        "points)"
    )
    figure.text(left / width, (BOTTOM - 0.5) / height, text, size=8.5, va="center")


def write_estimators_figure(
    table: pl.DataFrame, scorers: pl.DataFrame, stem: Path, style: str, dpi: int
) -> list[Path]:
    """Write the figure as ``stem``.svg and ``stem``.png; returns their paths."""
    with drawing(style):
        return save(estimators_figure(table, scorers), stem, dpi)


def draw(job: Job, look: Look) -> None:
    """How far each estimator is off."""
    write_estimators_figure(
        read_table(job.results.table("estimators"), TRUTH),
        read_table(job.results.scorers, SCORERS),
        job.results.figures / "estimators",
        *look,
    )
