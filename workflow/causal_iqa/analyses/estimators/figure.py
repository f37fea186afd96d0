"""The truth test at a glance: how far each estimator of accuracy is off, network by network."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from causal_iqa.analyses.estimators.schema import TRUTH_TEST
from causal_iqa.analyses.registry import Job, Look
from causal_iqa.audit.estimators.registry import ESTIMATORS, FAMILIES
from causal_iqa.core.columns import SCORERS
from causal_iqa.core.contract import read_table
from causal_iqa.core.kinds import Kind
from causal_iqa.report.drawing.figures import drawing, key_below, save
from causal_iqa.report.drawing.palette import FAMILY_COLOURS
from causal_iqa.report.drawing.score_rows import (
    INK,
    QUIET,
    Dot,
    draw_dots,
    fit_rows,
    head_panels,
    panel_width,
    row_panels,
)
from causal_iqa.report.enough import PICTURES, UNITS, counted_or_few
from causal_iqa.report.scorer_words import ScorerWords, scorers_by_name

ROW, PANEL, GAP = 0.25, 1.7, 1.2
"""Inches per row and across a panel; rows free above a family."""
COVERED, WIDTH = 40, 64
"""Points from the axes' right to the right ends of the columns of numbers."""
ALONE = "alone"
OWN, STRONG, WEAK, NR = (
    "own confidence",
    "another network's confidence",
    "zero-shot encoder",
    "no-reference metric",
)
COLOURS = {
    OWN: FAMILY_COLOURS["strong"],
    STRONG: FAMILY_COLOURS["strong"],
    WEAK: FAMILY_COLOURS["weak"],
    NR: FAMILY_COLOURS["nr_iqa"],
}


COUNTED = {"conditions": 0, "corruptions": UNITS, "pictures": PICTURES}
"""What errors are means over, and how many of each they need."""


class Line(NamedTuple):
    """A line of the figure: family and name, and what the truth test says of it."""

    family: str
    name: str
    mae: float | None
    mae_group: float | None
    coverage: float | None
    width: float | None


def estimators_figure(table: pl.DataFrame, scorers: pl.DataFrame) -> Figure:
    """The figure of a ``TRUTH_TEST`` table. Call inside ``drawing``.

    Of a method that takes a quality score, the one with the smallest error stands for all scores of
    a kind.
    """
    named = scorers_by_name(scorers)
    models = table["task_model"].unique(maintain_order=True).to_list()
    lines = {model: lines_of(table.filter(task_model=model), model, named) for model in models}
    every = [line for mine in lines.values() for line in mine]
    rows = _rows(every)
    titles = {name: f"{family.title}, best Q of each kind" for name, family in FAMILIES.items()}
    titles = {ALONE: "without a quality score", **titles}
    titles = {name: f"{title[0].upper()}{title[1:]}" for name, title in titles.items()}
    figure, panels = row_panels(rows, len(models), titles)
    errors = [error for line in every for error in (line.mae, line.mae_group) if error is not None]
    places = {(family, name): y for family, name, y in rows.iter_rows()}
    for axes, model in zip(panels, models, strict=True):
        axes.set_xlim(0, 100 * 1.08 * max([0.05, *errors]))
        axes.xaxis.grid(visible=mpl.rcParams["axes.grid"])
        _panel(axes, {places[line[:2]]: line for line in lines[model]})
    width = panel_width(len(models), PANEL)
    head_panels(panels, [named[model].title for model in models], width)
    looks = ({"markersize": 4.5}, {"markersize": 6, "markerfacecolor": "white"})
    key_below(
        figure,
        [Line2D([], [], marker="o", linestyle="", color=INK, **look) for look in looks],
        ["corruption held out", "its whole group held out"],
        "Mean absolute error of the estimated accuracy, percentage points; other pictures than "
        f"were fitted to; over {_counted(table)}. Covered, width: of the 90 % interval (share of "
        "conditions; percentage points).",
    )
    return fit_rows(figure, ROW, width)


def _counted(table: pl.DataFrame) -> str:
    """Over how many conditions, corruptions and pictures an error is, at most."""
    n = {name: max(table[f"n_{name}"].to_list(), default=0) for name in COUNTED}
    return "; ".join(counted_or_few(n[name], least, name) for name, least in COUNTED.items())


def lines_of(mine: pl.DataFrame, model: str, named: dict[str, ScorerWords]) -> list[Line]:
    """The lines of one network: each method alone, and each with the best Q of each kind."""
    lines = [
        _line(ALONE, entry.title, row)
        for name, entry in ESTIMATORS.items()
        for row in mine.filter(estimator=name).iter_rows(named=True)
    ]
    for family in FAMILIES:
        # By error, so that the first row of a kind is its best.
        fitted = mine.filter(estimator=family).sort("mae", nulls_last=True, maintain_order=True)
        best: dict[str, Any] = {}
        for row in fitted.iter_rows(named=True):
            best.setdefault(_kind(row["quality_source"], model, named), row)
        lines += [_line(family, kind, best[kind]) for kind in COLOURS if kind in best]
    return lines


def _kind(source: str, model: str, named: dict[str, ScorerWords]) -> str:
    if source == model:
        return OWN
    return {Kind.CLASSIFIER: STRONG, Kind.ZERO_SHOT: WEAK, Kind.METRIC: NR}[named[source].kind]


def _line(family: str, name: str, row: dict[str, Any]) -> Line:
    return Line(family, name, row["mae"], row["mae_group"], row["coverage"], row["mean_width"])


def _rows(lines: list[Line]) -> pl.DataFrame:
    """family, name and y of each line, once."""
    families = [ALONE, *FAMILIES]
    keys = sorted(dict.fromkeys(line[:2] for line in lines), key=lambda k: families.index(k[0]))
    present = [family for family in families if family in {family for family, _ in keys}]
    rows = [
        (family, name, row + GAP * (1 + present.index(family)))
        for row, (family, name) in enumerate(keys)
    ]
    return pl.DataFrame(rows, ["family", "name", "y"], orient="row")


def _panel(axes: Axes, lines: dict[float, Line]) -> None:
    """Errors of one network in percentage points, coverage and width beside them."""
    if any(line.coverage is not None for line in lines.values()):
        for points, head in ((COVERED, "covered"), (WIDTH, "width")):
            _beside(axes, 0, head, points, color=QUIET)
    for y, line in lines.items():
        colour = COLOURS.get(line.name, INK)
        group, error = (None if e is None else 100 * e for e in (line.mae_group, line.mae))
        dots = (
            Dot(y, group, None, None, colour, True, size=6, words=""),
            Dot(y, error, None, None, colour, size=4.5, words="cannot be computed"),
        )
        draw_dots(axes, dots, axes.get_xlim()[1] / 2)
        if line.coverage is not None and line.width is not None:
            _beside(axes, y, f"{100 * line.coverage:.0f} %", COVERED)
            _beside(axes, y, f"{100 * line.width:.0f}", WIDTH)


def _beside(axes: Axes, y: float, words: str, points: float, **style: Any) -> None:
    """Words in row ``y`` that end ``points`` right of the axes."""
    axes.annotate(
        words,
        (1, y),
        (points, 0),
        xycoords=axes.get_yaxis_transform(),
        textcoords="offset points",
        ha="right",
        va="center",
        size=7.5,
        **style,
    )


def write_estimators_figure(
    table: pl.DataFrame, scorers: pl.DataFrame, stem: Path, style: str, dpi: int
) -> list[Path]:
    """Write the figure as ``stem``.svg and ``stem``.png; returns their paths."""
    with drawing(style):
        return save(estimators_figure(table, scorers), stem, dpi)


def draw(job: Job, look: Look) -> None:
    """How far each estimator is off."""
    write_estimators_figure(
        read_table(job.results.table("estimators"), TRUTH_TEST),
        read_table(job.results.scorers, SCORERS),
        job.results.figures / "estimators",
        *look,
    )
