"""The scorecard: which of the desiderata D1 to D4 each quality score meets, and by how much.

A row a quality score, grouped as the pooled tables are. Axes show the judged estimates with their
95 % intervals and the threshold; a mark beside them says the verdict by its shape and its colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from causal_iqa.analyses.desiderata.compute import (
    FAILS,
    MEETS,
    UNDECIDED,
    Estimate,
    Thresholds,
    magnitude,
)
from causal_iqa.analyses.desiderata.schema import DESIDERATA
from causal_iqa.analyses.registry import Job, Look
from causal_iqa.core.columns import SCORERS
from causal_iqa.core.contract import read_table
from causal_iqa.report.cells import NOT_ESTIMABLE
from causal_iqa.report.drawing.figures import drawing, new_figure, save
from causal_iqa.report.drawing.overview import place_rows
from causal_iqa.report.drawing.palette import FAMILY_COLOURS
from causal_iqa.report.drawing.score_rows import write_row_names
from causal_iqa.report.figure_words import FigureWords
from causal_iqa.report.labels import FAMILY_TITLES, Scorer, scorers_by_name, variant_words

ROW = 0.215
"""Inches a row."""
PANEL, VERDICT, GAP, RIGHT, TOP, BOTTOM = 1.3, 0.26, 0.16, 0.05, 0.55, 0.85
WORDS = {"d2": 1.0, "d4": 2.05}
"""Inches of a column of words."""
LETTER = 0.061
"""Inches that a letter of a row's name takes at most, on average."""
INK = "#333333"
MARKS: dict[str, dict[str, Any]] = {
    MEETS: {"marker": "o", "color": "#009E73"},
    FAILS: {"marker": "X", "color": "#D55E00"},
    UNDECIDED: {"marker": "D", "color": "#5F5F5F", "markerfacecolor": "white"},
}
"""Filled disc, cross, hollow diamond: told apart without their colours."""
TITLES = {
    "d1": "D1 sensitive",
    "d2": "D2 blind",
    "d3": "D3 predictive",
    "d4": "D4 task-model agnostic",
}


class Panel(NamedTuple):
    """Axes of one estimate: its column, what it is called, where its scale starts, threshold."""

    desideratum: str
    column: str
    title: str
    start: float
    threshold: float


def desiderata_figure(
    scorecard: pl.DataFrame, scorers: pl.DataFrame, thresholds: Thresholds
) -> Figure:
    """The figure of a ``DESIDERATA`` table. Call inside ``drawing``."""
    named = scorers_by_name(scorers)
    rows = scorecard.join(place_rows(scorecard), on=_KEYS, maintain_order="left")
    names = [
        _row_name(named[source], variant)
        for source, variant in rows.select("quality_source", "quality_variant").iter_rows()
    ]
    panels = _panels(thresholds)
    left = 0.2 + LETTER * max(map(len, [*names, *(FAMILY_TITLES.values())]))
    depth = max(rows["y"], default=0.0) + 0.7
    width = left + 4 * (PANEL + GAP) + 4 * (VERDICT + GAP) + sum(WORDS.values()) + GAP + RIGHT
    height = TOP + depth * ROW + BOTTOM
    figure = new_figure(width, height)

    def axes_at(x: float, inches: float) -> Axes:
        box = (x / width, BOTTOM / height, inches / width, depth * ROW / height)
        axes = figure.add_axes(box)
        axes.set_ylim(depth, 0)
        axes.set_yticks(rows["y"].to_list(), [""] * rows.height)
        axes.tick_params(axis="y", length=0)
        return axes

    x = left
    for desideratum, title in TITLES.items():
        figure.text(x / width, 1 - 0.16 / height, title, size=10, weight="bold", va="center")
        for panel in (panel for panel in panels if panel.desideratum == desideratum):
            axes = axes_at(x, PANEL)
            _draw_panel(axes, rows, panel)
            if panel is panels[0]:
                write_row_names(axes, rows, names, 0.04)
            x += PANEL + GAP
        if desideratum in WORDS:
            _draw_words(axes_at(x, WORDS[desideratum]), rows, desideratum)
            x += WORDS[desideratum]
        _draw_verdicts(axes_at(x - GAP / 2, VERDICT), rows, desideratum)
        x += VERDICT + GAP
    _key(figure, left)
    return figure


_KEYS = ["family", "quality_source", "quality_variant"]


def _panels(thresholds: Thresholds) -> Sequence[Panel]:
    return (
        Panel("d1", "d1_abs_tau", "mean |Kendall's τ|", 0.0, thresholds.d1_min_abs_tau),
        Panel("d1", "d1_auroc_mean", "mean AUROC of clean", 0.5, thresholds.d1_min_auroc),
        Panel("d3", "d3_auc", "AUC of correctness", 0.0, thresholds.d3_min_auc),
        Panel("d3", "d3_srcc", "|SRCC| with accuracy", 0.0, thresholds.d3_min_abs_srcc),
    )


def _row_name(source: Scorer, variant: str) -> str:
    if variant == "score":
        return source.title
    return f"{source.title}, {variant_words(source.kind, variant)}"


def _draw_panel(axes: Axes, rows: pl.DataFrame, panel: Panel) -> None:
    """A point and its interval a row; the side of the threshold that is asked for is shaded."""
    axes.axvspan(panel.threshold, 1, color="#009E73", alpha=0.1, linewidth=0, zorder=0)
    axes.axvline(panel.threshold, color=INK, linewidth=1, linestyle=(0, (4, 2)), zorder=1)
    for row in rows.iter_rows(named=True):
        value, lo, hi = (row[panel.column + end] for end in ("", "_lo", "_hi"))
        colour = FAMILY_COLOURS[row["family"]]
        if value is None:
            _words_on(axes, (panel.start + 1) / 2, row["y"], NOT_ESTIMABLE, "center")
            continue
        if panel.column == "d3_srcc":
            value, lo, hi = _without_sign(value, lo, hi)
        if lo is not None:
            axes.plot([lo, hi], [row["y"]] * 2, color=colour, linewidth=1.6, zorder=2)
        axes.plot(value, row["y"], marker="o", markersize=4.5, color=colour, zorder=3)
    axes.set_xlim(panel.start, 1)
    ticks = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0) if panel.start == 0 else (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
    axes.set_xticks(ticks, [f"{tick:g}".lstrip("0") or "0" for tick in ticks])
    axes.grid(visible=False, axis="x")
    axes.set_title(panel.title, loc="left", size=8.5)


def _without_sign(
    value: float, lo: float | None, hi: float | None
) -> tuple[float, float | None, float | None]:
    found = magnitude(Estimate(value, lo, hi))
    return abs(value), found.lo, found.hi


def _words_on(axes: Axes, x: float, y: float, words: str, align: str) -> None:
    axes.text(
        x,
        y,
        words,
        ha=align,
        va="center",
        size=7.5,
        color="#555555",
        zorder=2,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
    )


def _draw_words(axes: Axes, rows: pl.DataFrame, desideratum: str) -> None:
    """What a fact says, in place of an estimate."""
    for row in rows.iter_rows(named=True):
        words = _d2_words(row) if desideratum == "d2" else _d4_words(row)
        axes.text(0, row["y"], words, ha="left", va="center", size=8, color=INK)
    _blank(axes)


def _d2_words(row: dict[str, Any]) -> str:
    return "needs reference" if row["d2_needs_reference"] else "no reference"


def _d4_words(row: dict[str, Any]) -> str:
    shares = bool(row["d4_shares_weights_with"])
    if row["d4_trained_on_labels"] is None:
        return "shares weights" if shares else "not known"
    if row["d4_trained_on_labels"]:
        return "trained on labels, shares weights" if shares else "trained on labels"
    return "shares weights" if shares else "no labels, no shared weights"


def _draw_verdicts(axes: Axes, rows: pl.DataFrame, desideratum: str) -> None:
    for row in rows.iter_rows(named=True):
        look = MARKS[row[f"{desideratum}_verdict"]]
        axes.plot(0.5, row["y"], markersize=7, linestyle="none", **look)
    _blank(axes)


def _blank(axes: Axes) -> None:
    """Unit width, no frame, no ticks across; the rows' grid lines stay."""
    axes.set_xlim(0, 1)
    axes.set_xticks([])
    axes.spines[:].set_visible(False)
    axes.grid(visible=False)


def _key(figure: Figure, left: float) -> None:
    """What the marks mean, below the axes; left edge at ``left`` inches."""
    width, height = figure.get_size_inches()
    figure.legend(
        [Line2D([], [], linestyle="none", markersize=7, **look) for look in MARKS.values()],
        [
            f"{MEETS}: all intervals clear their thresholds",
            f"{FAILS}: one lies wholly below",
            UNDECIDED,
        ],
        loc="lower left",
        bbox_to_anchor=(left / width, 0.08 / height),
        ncols=3,
        frameon=False,
        fontsize=8,
        borderaxespad=0,
    )
    figure.text(
        left / width,
        (BOTTOM - 0.42) / height,
        "bar: 95 % interval, pictures as units (|SRCC|: corruptions); dashed: threshold. "
        "D3 is shown for the task model of the median AUC among those with other weights",
        size=8.5,
        va="center",
    )


def write_desiderata_figure(
    scorecard: pl.DataFrame,
    scorers: pl.DataFrame,
    thresholds: Thresholds,
    stem: Path,
    style: str,
    dpi: int,
) -> list[Path]:
    """Write the scorecard as ``stem``.svg and ``stem``.png; returns their paths."""
    with drawing(style):
        return save(desiderata_figure(scorecard, scorers, thresholds), stem, dpi)


def draw(job: Job, look: Look) -> None:
    """The scorecard."""
    write_desiderata_figure(
        read_table(job.results.table("desiderata"), DESIDERATA),
        read_table(job.results.scorers, SCORERS),
        Thresholds(**job.settings["paper.thresholds"]),
        job.results.figures / "desiderata",
        *look,
    )


def on_page(job: Job) -> list[FigureWords]:
    """The scorecard."""
    return [
        FigureWords(
            "desiderata",
            "desiderata",
            "Scorecard of every quality score",
            "The scorecard: estimates with 95 % intervals against the thresholds of the "
            "configuration.",
        )
    ]
