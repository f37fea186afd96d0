"""Every quality score against every task model at a glance: AUC and |SRCC| (the full matrix)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
from matplotlib.figure import Figure

from causal_iqa.analyses.registry import Job, Look
from causal_iqa.core.columns import SCORERS
from causal_iqa.core.contract import read_table
from causal_iqa.report.drawing.figures import drawing, key_below, save
from causal_iqa.report.drawing.heatmap import Cell, draw_cells
from causal_iqa.report.drawing.score_rows import KEYS, fit_rows, place_rows, row_panels
from causal_iqa.report.figure_words import FigureWords
from causal_iqa.report.findings import read_pairs
from causal_iqa.report.scorer_words import ScorerWords, pair_mark, scorers_by_name

CELL_X, CELL_Y = 0.72, 0.24
"""Inches of a cell."""
PANELS = (("auc", "AUC of P(M=1|Q), held-out pictures", 0.5), ("srcc", "|SRCC| over conditions", 0))
"""Column, title, and the value of no prediction, where the colours begin."""


def write_matrix(
    pairs: pl.DataFrame, scorers: pl.DataFrame, stem: Path, style: str, dpi: int
) -> list[Path]:
    """Draw ``stem``.svg and .png; pairs: ``findings.read_pairs``, scorers: ``SCORERS``."""
    with drawing(style):
        return save(matrix_figure(pairs, scorers_by_name(scorers)), stem, dpi)


def matrix_figure(pairs: pl.DataFrame, scorers: dict[str, ScorerWords]) -> Figure:
    """Rows: quality scores by family; columns: task models; a number in each cell."""
    converged = pairs.filter(solver="converged").with_columns(pl.col("srcc").abs())
    task_models = converged["task_model"].unique(maintain_order=True).to_list()
    rows = place_rows(converged, scorers, gap=1.3)
    placed = converged.join(rows, on=KEYS, maintain_order="left")
    figure, panels = row_panels(rows, len(PANELS))
    for axes, (column, title, least) in zip(panels, PANELS, strict=True):
        cells = [
            _cell(task_models.index(row["task_model"]), row["y"], row[column], row)
            for row in placed.iter_rows(named=True)
        ]
        # Above `least` even where no value is: colours divide by the difference.
        most = max([least + 0.05, *(cell.value for cell in cells if cell.value is not None)])
        draw_cells(axes, cells, least, most)
        axes.set_xlim(-0.5, len(task_models) - 0.5)
        names = [scorers[name].title for name in task_models]
        axes.xaxis.tick_top()
        axes.set_xticks(range(len(names)), names, rotation=30, ha="left", rotation_mode="anchor")
        axes.set_title(title, loc="left", weight="bold")
    key_below(
        figure,
        [],
        [],
        "Dark: no prediction (AUC 0.5 or less, |SRCC| 0). † shares weights with the task model, "
        "‡ is the task model (circular). –: not estimable.",
    )
    return fit_rows(figure, CELL_Y, CELL_X * len(task_models))


def _cell(x: float, y: float, value: float | None, row: dict[str, Any]) -> Cell:
    mark = pair_mark(row["task_model"], row["quality_source"], row["circular"])
    return Cell(x, y, value, "–" if value is None else f"{value:.2f}{mark}")


def draw(job: Job, look: Look) -> None:
    """The full matrix."""
    facts = read_table(job.results.scorers, SCORERS)
    write_matrix(read_pairs(job.results), facts, job.results.figures / "matrix", *look)


def on_page(job: Job) -> list[FigureWords]:
    """The full matrix."""
    return [
        FigureWords(
            "matrix",
            "matrix",
            "AUC and absolute SRCC of every quality score for every task model",
            "The full matrix. Left: AUC of P(M=1|Q) on held-out pictures; right: |SRCC| over the "
            "corrupted conditions.",
        )
    ]
