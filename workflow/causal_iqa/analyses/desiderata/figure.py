"""The scorecard: which of the desiderata D1 to D4 each quality score meets, and by how much.

A row per quality score, grouped as the pooled tables are. Axes show the judged estimates with their
95 % intervals and the threshold; a mark beside them says the verdict by its shape and its colour.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from causal_iqa.analyses.desiderata.compute import FAILS, MEETS, UNDECIDED, Limits
from causal_iqa.analyses.desiderata.schema import DESIDERATA
from causal_iqa.analyses.desiderata.table import few_words
from causal_iqa.analyses.registry import Job, Look
from causal_iqa.core.columns import SCORERS
from causal_iqa.core.contract import read_table
from causal_iqa.report.cells import signed
from causal_iqa.report.drawing.figures import drawing, key_below, save, write_above
from causal_iqa.report.drawing.palette import FAMILY_COLOURS
from causal_iqa.report.drawing.score_rows import (
    FEW,
    INK,
    KEYS,
    Dot,
    draw_dots,
    fit_rows,
    place_rows,
    row_panels,
    words_on,
)
from causal_iqa.report.enough import PICTURES, UNITS, counted_or_few
from causal_iqa.report.figure_words import FigureWords
from causal_iqa.report.scorer_words import (
    ScorerWords,
    against_own_scale,
    lower_is_better,
    scorers_by_name,
)

PANEL, VERDICT, WORDS = 1.3, 0.26, 0.05
"""Inches of a column: estimates, verdicts, and words, which make room for themselves."""
MARKS: dict[str, dict[str, Any]] = {
    MEETS: {"marker": "o", "color": "#009E73"},
    FAILS: {"marker": "X", "color": "#D55E00"},
    UNDECIDED: {"marker": "D", "color": "#5F5F5F", "markerfacecolor": "white"},
}
"""Filled disc, cross, hollow diamond: told apart without their colours."""
REVERSED = "reversed"
TICKS = {
    0.0: (0.0, 0.2, 0.4, 0.6, 0.8, 1.0),
    0.5: (0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
    -1.0: (-1.0, -0.5, 0.0, 0.5, 1.0),
}
"""By where the scale starts."""
TITLES = {
    "d1": "D1 sensitive",
    "d2": "D2 blind",
    "d3": "D3 predictive",
    "d4": "D4 task-model agnostic",
}


class EstimateAxes(NamedTuple):
    """A column of estimates: which, what they are called, where the scale starts, threshold."""

    column: str
    title: str
    start: float
    threshold: float


class Column(NamedTuple):
    """A column of the figure: its desideratum, its width in inches, what draws it."""

    desideratum: str
    width: float
    draw: Callable[[Axes, pl.DataFrame], None]


def desiderata_figure(scorecard: pl.DataFrame, scorers: pl.DataFrame, thresholds: Limits) -> Figure:
    """The figure of a ``DESIDERATA`` table. Call inside ``drawing``."""
    named = scorers_by_name(scorers)
    rows = place_rows(scorecard, named)
    placed = scorecard.join(rows, on=KEYS, maintain_order="left")
    columns = _columns(thresholds, named)
    widths = [column.width for column in columns]
    figure, panels = row_panels(rows, len(columns), width_ratios=widths)
    titles = dict(TITLES)
    for axes, column in zip(panels, columns, strict=True):
        column.draw(axes, placed)
        write_above(axes, titles.pop(column.desideratum, ""), 20, size=10, weight="bold")
    key_below(
        figure,
        [Line2D([], [], linestyle="none", markersize=7, **look) for look in MARKS.values()],
        [
            f"{MEETS}: all intervals clear their thresholds",
            f"{FAILS}: one lies wholly below",
            UNDECIDED,
        ],
        "bar: 95 % interval, pictures as units (SRCC: corruptions); dashed: threshold. "
        "D3 is shown for the task model of the median AUC among those with other weights; "
        f"{REVERSED}: the SRCC's sign is against the score's own scale, by which it is judged. "
        f"{_counted(scorecard)}",
    )
    return fit_rows(figure, panel=PANEL)


def _columns(thresholds: Limits, named: dict[str, ScorerWords]) -> list[Column]:
    panels = {
        "d1": (
            EstimateAxes("d1_abs_tau", "mean |Kendall's τ|", 0.0, thresholds.d1_min_abs_tau),
            EstimateAxes("d1_auroc_mean", "mean AUROC of clean", 0.5, thresholds.d1_min_auroc),
        ),
        "d3": (
            EstimateAxes("d3_auc", "AUC of correctness", 0.0, thresholds.d3_min_auc),
            EstimateAxes("d3_srcc", "SRCC with accuracy", -1.0, thresholds.d3_min_abs_srcc),
        ),
    }
    words = {"d2": _d2_words, "d4": _d4_words}
    columns = []
    for name in TITLES:
        columns += [
            Column(name, PANEL, partial(_draw_panel, panel=panel, named=named))
            for panel in panels.get(name, ())
        ]
        if name in words:
            columns.append(Column(name, WORDS, partial(_draw_words, words=words[name])))
        columns.append(Column(name, VERDICT, partial(_draw_verdicts, desideratum=name)))
    return columns


def _draw_panel(
    axes: Axes, rows: pl.DataFrame, panel: EstimateAxes, named: dict[str, ScorerWords]
) -> None:
    """A point and its interval a row; the side of the threshold that is asked for is shaded."""
    # Of a signed estimate both, since each score has the side of its own scale.
    for sign in (1, -1) if panel.start < 0 else (1,):
        least = sign * panel.threshold
        axes.axvspan(least, sign, color="#009E73", alpha=0.1, linewidth=0, zorder=0)
        axes.axvline(least, color=INK, linewidth=1, linestyle=(0, (4, 2)), zorder=1)
    dots = (_dot(row, panel.column) for row in rows.iter_rows(named=True))
    draw_dots(axes, dots, (panel.start + 1) / 2)
    if panel.column == "d3_srcc":
        _reversed(axes, rows, named)
    axes.set_xlim(panel.start, 1)
    ticks = TICKS[panel.start]
    # Written without their 0, or they would run into each other.
    axes.set_xticks(ticks, [signed(tick, "g").replace("0.", ".") for tick in ticks])
    axes.set_title(panel.title, loc="left", size=8.5)


def _dot(row: dict[str, Any], column: str) -> Dot:
    value, lo, hi = (row[column + end] for end in ("", "_lo", "_hi"))
    colour = FEW if few_words(row, column[:2]) else FAMILY_COLOURS[row["family"]]
    return Dot(row["y"], value, lo, hi, colour, size=4.5)


def _reversed(axes: Axes, rows: pl.DataFrame, named: dict[str, ScorerWords]) -> None:
    """Say which correlations go against the score's own scale, in the free half of the axes."""
    for row in rows.iter_rows(named=True):
        lower = lower_is_better(row["quality_variant"], named[row["quality_source"]].lower_better)
        if against_own_scale(lower, row["d3_srcc_lo"], row["d3_srcc_hi"]):
            words_on(axes, -0.4 if row["d3_srcc"] > 0 else 0.4, row["y"], REVERSED)


def _counted(scorecard: pl.DataFrame) -> str:
    """Over how many pictures D1 is, and over how many corruptions D3's SRCC, at most."""
    if scorecard.is_empty():
        return ""
    pictures, corruptions = (max(scorecard[n].to_list()) for n in ("n_pictures", "n_corruptions"))
    grey = " Grey: too few." if pictures < PICTURES or corruptions < UNITS else ""
    return (
        f"D1: {counted_or_few(pictures, PICTURES, 'pictures')}. "
        f"SRCC: {counted_or_few(corruptions, UNITS, 'corruptions')}.{grey}"
    )


def _draw_words(axes: Axes, rows: pl.DataFrame, words: Callable[[dict[str, Any]], str]) -> None:
    """What a fact says, in place of an estimate."""
    for row in rows.iter_rows(named=True):
        axes.text(0, row["y"], words(row), ha="left", va="center", size=8, color=INK)
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
        look = {**look, "color": FEW} if few_words(row, desideratum) else look
        axes.plot(0.5, row["y"], markersize=7, linestyle="none", **look)
    _blank(axes)


def _blank(axes: Axes) -> None:
    """Unit width, no frame, no ticks across; the rows' grid lines stay."""
    axes.set_xlim(0, 1)
    axes.set_xticks([])
    axes.spines[:].set_visible(False)
    axes.grid(visible=False)


def write_desiderata_figure(
    scorecard: pl.DataFrame,
    scorers: pl.DataFrame,
    thresholds: Limits,
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
        Limits(**job.settings["paper.thresholds"]),
        job.results.figures / "desiderata",
        *look,
    )


def on_page(job: Job) -> list[FigureWords]:
    """The scorecard."""
    table = read_table(job.results.table("desiderata"), DESIDERATA)
    return [
        FigureWords(
            "desiderata",
            "desiderata",
            "Scorecard of every quality score",
            "The scorecard: estimates with 95 % intervals against the thresholds of the "
            f"configuration. {_counted(table)}".rstrip(),
        )
    ]
