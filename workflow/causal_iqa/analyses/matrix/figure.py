"""Every quality score against every task model at a glance: AUC and |SRCC| (the full matrix)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from causal_iqa.analyses.registry import Job, Look
from causal_iqa.core.columns import SCORERS
from causal_iqa.core.contract import read_table
from causal_iqa.report.drawing.figures import drawing, new_figure, save
from causal_iqa.report.drawing.score_rows import write_row_names
from causal_iqa.report.figure_words import FigureWords
from causal_iqa.report.labels import (
    FAMILY_TITLES,
    Scorer,
    pair_mark,
    scorers_by_name,
    variant_words,
)
from causal_iqa.report.reading import read_pairs

CELL_X, CELL_Y = 0.72, 0.24
"""Inches of a cell."""
LETTER, GAP, TOP, BOTTOM, RIGHT = 0.075, 0.35, 1.25, 0.55, 0.75
MAP = "cividis"
PANELS = (("auc", "AUC of P(M=1|Q), held-out pictures", 0.5), ("srcc", "|SRCC| over conditions", 0))
"""Column, title, and the value of no prediction, where the colours begin."""


def write_matrix(
    pairs: pl.DataFrame, scorers: pl.DataFrame, stem: Path, style: str, dpi: int
) -> list[Path]:
    """Draw ``stem``.svg and .png; pairs: ``reading.read_pairs``, scorers: ``SCORERS``."""
    with drawing(style):
        return save(matrix_figure(pairs, scorers_by_name(scorers)), stem, dpi)


def matrix_figure(pairs: pl.DataFrame, scorers: dict[str, Scorer]) -> Figure:
    """Rows: quality scores by family; columns: task models; a number in each cell."""
    converged = pairs.filter(pl.col("solver") == "converged").with_columns(pl.col("srcc").abs())
    task_models = converged["task_model"].unique(maintain_order=True).to_list()
    rows = _rows(converged)
    names = [
        _name(scorers[row["quality_source"]], row["quality_variant"])
        for row in rows.iter_rows(named=True)
    ]
    last = float(rows["y"][-1]) + 1
    before = 0.2 + LETTER * max(map(len, [*names, *FAMILY_TITLES.values()]))
    wide = CELL_X * len(task_models)
    width = before + 2 * wide + GAP + RIGHT
    height = TOP + CELL_Y * last + BOTTOM
    figure = new_figure(width, height)
    for place, (column, title, least) in enumerate(PANELS):
        left = before + place * (wide + GAP)
        box = (left / width, BOTTOM / height, wide / width, CELL_Y * last / height)
        axes = figure.add_axes(box)
        axes.set(xlim=(0, len(task_models)), ylim=(last, 0))
        axes.axis("off")
        _cells(axes, converged, rows, task_models, column, least)
        _column_names(axes, [scorers[name].title for name in task_models], title)
        if place == 0:
            write_row_names(axes, rows.with_columns(pl.col("y") + 0.5), names)
    figure.text(
        0.1 / width,
        0.1 / height,
        "Dark: no prediction (AUC 0.5 or less, |SRCC| 0). † shares weights with the task model, "
        "‡ is the task model (circular). –: not estimable.",
        size=8,
    )
    return figure


def _rows(converged: pl.DataFrame) -> pl.DataFrame:
    """family, quality_source, quality_variant, y: a row free above each family for its title."""
    keys = ["family", "quality_source", "quality_variant"]
    rows = converged.select(keys).unique(maintain_order=True)
    first = pl.col("family").ne(pl.col("family").shift(1)).fill_null(value=True)
    return rows.with_columns(y=(pl.int_range(pl.len()) + first.cum_sum()).cast(pl.Float64))


def _cells(
    axes: Axes,
    converged: pl.DataFrame,
    rows: pl.DataFrame,
    task_models: list[str],
    column: str,
    least: float,
) -> None:
    found = converged.join(rows, on=["family", "quality_source", "quality_variant"])
    values = found[column].drop_nulls().to_list()
    top = max([*values, least + 0.05])
    shades = colormaps[MAP]
    for row in found.iter_rows(named=True):
        x, value = task_models.index(row["task_model"]), row[column]
        share = 0.0 if value is None else float(np.clip((value - least) / (top - least), 0, 1))
        face = "#E6E6E6" if value is None else shades(share)
        box = (x + 0.02, row["y"] + 0.04)
        axes.add_patch(Rectangle(box, 0.96, 0.92, facecolor=face, edgecolor="none"))
        mark = pair_mark(row["task_model"], row["quality_source"], row["circular"])
        text = "–" if value is None else f"{value:.2f}{mark}"
        ink = "black" if value is None or share > 0.5 else "white"
        axes.text(x + 0.5, row["y"] + 0.5, text, ha="center", va="center", size=8, color=ink)


def _column_names(axes: Axes, names: list[str], title: str) -> None:
    for x, name in enumerate(names):
        axes.text(x + 0.4, 0.85, name, rotation=30, ha="left", va="bottom", size=8)
    axes.text(0, -2.6, title, ha="left", va="bottom", size=9.5, weight="bold")


def _name(source: Scorer, variant: str) -> str:
    return (
        source.title
        if variant == "score"
        else (f"{source.title}, {variant_words(source.kind, variant)}")
    )


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
