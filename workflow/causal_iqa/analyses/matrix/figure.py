"""Every quality score against every task model at a glance: AUC and SRCC (the full matrix)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
from matplotlib.figure import Figure

from causal_iqa.analyses.registry import Job, Look
from causal_iqa.core.columns import SCORERS
from causal_iqa.core.contract import read_table
from causal_iqa.report.cells import signed
from causal_iqa.report.counts import held_out_words
from causal_iqa.report.drawing.figures import drawing, key_below, save
from causal_iqa.report.drawing.heatmap import DIVERGING, Cell, draw_cells
from causal_iqa.report.drawing.score_rows import (
    KEYS,
    fit_rows,
    head_panels,
    place_rows,
    row_panels,
)
from causal_iqa.report.figure_words import FigureWords
from causal_iqa.report.findings import read_pairs
from causal_iqa.report.scorer_words import (
    ScorerWords,
    against_own_scale,
    lower_is_better,
    pair_mark,
    scorers_by_name,
)

CELL_X, CELL_Y = 0.72, 0.24
"""Inches of a cell."""
LEAST = 1.7
"""Inches across a panel, of however few cells."""
REVERSED = "\N{RIGHTWARDS ARROW OVER LEFTWARDS ARROW}"
ARROWS = {True: " \N{DOWNWARDS ARROW}", False: " \N{UPWARDS ARROW}", None: ""}
"""Which way a score is better by its own scale; keys: whether lower is."""


def write_matrix(
    pairs: pl.DataFrame, scorers: pl.DataFrame, stem: Path, style: str, dpi: int
) -> list[Path]:
    """Draw ``stem``.svg and .png; pairs: ``findings.read_pairs``, scorers: ``SCORERS``."""
    with drawing(style):
        return save(matrix_figure(pairs, scorers_by_name(scorers)), stem, dpi)


def matrix_figure(pairs: pl.DataFrame, scorers: dict[str, ScorerWords]) -> Figure:
    """Rows: quality scores by family; columns: task models; a number in each cell.

    White is no prediction: an AUC of 0.5, an SRCC of 0, whose signs are kept.
    """
    converged = pairs.filter(solver="converged")
    task_models = converged["task_model"].unique(maintain_order=True).to_list()
    rows = place_rows(converged, scorers, gap=1.3)
    placed = converged.join(rows, on=KEYS, maintain_order="left")
    arrows = [
        ARROWS[lower_is_better(variant, scorers[source].lower_better)]
        for source, variant in rows.select("quality_source", "quality_variant").iter_rows()
    ]
    figure, panels = row_panels(rows.with_columns(name=pl.col("name") + pl.Series(arrows)), 2)
    width = max(LEAST, CELL_X * len(task_models))
    conditions = max(converged["n_groups"].to_list(), default=0)
    titles = ("AUC of P(M=1|Q)", f"SRCC of mean Q and accuracy, {conditions} conditions")
    at = {name: x for x, name in enumerate(task_models)}
    for axes, cell, low in zip(panels, (_auc_cell, _srcc_cell), (0, -1), strict=True):
        cells = [cell(at[row["task_model"]], row, scorers) for row in placed.iter_rows(named=True)]
        # The whole scale, so that a small value looks small.
        draw_cells(axes, cells, low, 1, DIVERGING)
        axes.set_xlim(-0.5, len(task_models) - 0.5)
        names = [scorers[name].title for name in task_models]
        axes.xaxis.tick_top()
        axes.set_xticks(range(len(names)), names, rotation=30, ha="left", rotation_mode="anchor")
    head_panels(panels, titles, width)
    key_below(
        figure,
        [],
        [],
        f"AUC: {held_out_words(pairs)}. White: no prediction (AUC 0.5, SRCC 0); brown: AUC "
        "below it, SRCC negative; teal: above, positive. ↓, ↑: by the score's own scale lower, "
        f"higher is better; {REVERSED}: SRCC is against that, with its whole 95 % interval "
        "(corruptions as units). † shares weights with the task model, ‡ is the task model "
        "(circular). –: not estimable.",
    )
    return fit_rows(figure, CELL_Y, width)


def _auc_cell(x: float, row: dict[str, Any], scorers: dict[str, ScorerWords]) -> Cell:
    return _cell(x, row, row["auc"], ".2f")


def _srcc_cell(x: float, row: dict[str, Any], scorers: dict[str, ScorerWords]) -> Cell:
    lower = lower_is_better(row["quality_variant"], scorers[row["quality_source"]].lower_better)
    against = against_own_scale(lower, row["srcc_corr_lo"], row["srcc_corr_hi"])
    return _cell(x, row, row["srcc"], "+.2f", REVERSED * against)


def _cell(x: float, row: dict[str, Any], value: float | None, form: str, beside: str = "") -> Cell:
    mark = pair_mark(row["task_model"], row["quality_source"], row["circular"])
    text = "–" if value is None else f"{signed(value, form)}{mark}{beside}"
    return Cell(x, row["y"], value, text)


def draw(job: Job, look: Look) -> None:
    """The full matrix."""
    facts = read_table(job.results.scorers, SCORERS)
    write_matrix(read_pairs(job.results), facts, job.results.figures / "matrix", *look)


def on_page(job: Job) -> list[FigureWords]:
    """The full matrix."""
    pairs = read_pairs(job.results)
    return [
        FigureWords(
            "matrix",
            "matrix",
            "AUC and SRCC of every quality score for every task model",
            f"The full matrix. Left: AUC of P(M=1|Q) on {held_out_words(pairs)}; right: SRCC over "
            f"{max(pairs['n_groups'].to_list(), default=0)} corrupted conditions, with its sign.",
        )
    ]
