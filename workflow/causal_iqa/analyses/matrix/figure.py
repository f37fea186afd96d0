"""Every quality score against every task model at a glance: AUC and SRCC (the full matrix)."""

from __future__ import annotations

import polars as pl
from matplotlib.figure import Figure

from causal_iqa.analyses.registry import Job, Look
from causal_iqa.core.columns import SCORERS
from causal_iqa.core.conditions import CLEAN
from causal_iqa.core.contract import read_table
from causal_iqa.data.schema import CONDITION_MEANS
from causal_iqa.report.cells import signed
from causal_iqa.report.drawing.figures import drawing, key_below, save
from causal_iqa.report.drawing.heatmap import DIVERGING, Cell, draw_cells
from causal_iqa.report.drawing.score_rows import (
    KEYS,
    fit_rows,
    head_panels,
    place_rows,
    row_panels,
)
from causal_iqa.report.enough import UNITS, counted_or_few, held_out_words
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


def matrix_figure(pairs: pl.DataFrame, scorers: dict[str, ScorerWords], corruptions: int) -> Figure:
    """Rows: quality scores by family; columns: task models; a number in each cell.

    pairs: ``findings.read_pairs``. corruptions: how many the intervals of SRCC are over. White is
    no prediction: an AUC of 0.5, an SRCC of 0, whose signs are kept. Call inside ``drawing``.
    """
    converged = pairs.filter(solver="converged")
    task_models = converged["task_model"].unique(maintain_order=True).to_list()
    rows = place_rows(converged, scorers, gap=1.3)
    lower = {
        (source, variant): lower_is_better(variant, scorers[source].lower_better)
        for _, source, variant in rows.select(KEYS).iter_rows()
    }
    arrows = pl.Series([ARROWS[which] for which in lower.values()], dtype=pl.String)
    figure, panels = row_panels(rows.with_columns(name=pl.col("name") + arrows), 2)
    areas, correlations = [], []
    for row in converged.join(rows, on=KEYS, maintain_order="left").iter_rows(named=True):
        at = task_models.index(row["task_model"]), row["y"]
        mark = pair_mark(row["task_model"], row["quality_source"], row["circular"])
        against = corruptions >= UNITS and against_own_scale(
            lower[row["quality_source"], row["quality_variant"]],
            *(row["srcc_corr_lo"], row["srcc_corr_hi"]),
        )
        areas.append(_cell(*at, row["auc"], ".2f", mark))
        correlations.append(_cell(*at, row["srcc"], "+.2f", mark + REVERSED * against))
    for axes, cells, low in zip(panels, (areas, correlations), (0, -1), strict=True):
        # The whole scale, so that a small value looks small.
        draw_cells(axes, cells, low, 1, DIVERGING)
        axes.set_xlim(-0.5, len(task_models) - 0.5)
        names = [scorers[name].title for name in task_models]
        axes.xaxis.tick_top()
        axes.set_xticks(range(len(names)), names, rotation=30, ha="left", rotation_mode="anchor")
    width = max(LEAST, CELL_X * len(task_models))
    head_panels(panels, ("AUC of P(M=1|Q)", "SRCC of mean Q and accuracy"), width)
    key_below(
        figure,
        [],
        [],
        f"AUC: {held_out_words(pairs)}. SRCC: {_counted(pairs, corruptions)}. White: no prediction "
        "(AUC 0.5, SRCC 0); brown: AUC below it, SRCC negative; teal: above, positive. ↓, ↑: by "
        f"the score's own scale lower, higher is better; {REVERSED}: SRCC is against that, with "
        "its whole 95 % interval (corruptions as units). † shares weights with the task model, "
        "‡ is the task model (circular). –: not estimable.",
    )
    return fit_rows(figure, CELL_Y, width)


def _cell(x: float, y: float, value: float | None, form: str, beside: str) -> Cell:
    return Cell(x, y, value, "–" if value is None else f"{signed(value, form)}{beside}")


def _counted(pairs: pl.DataFrame, corruptions: int) -> str:
    """Over how many conditions SRCC is, and its interval over how many corruptions."""
    conditions = max(pairs["n_groups"].to_list(), default=0)
    return f"{conditions} conditions of {counted_or_few(corruptions, UNITS, 'corruptions')}"


def _corruptions(job: Job) -> int:
    means = read_table(job.results.groups, CONDITION_MEANS)
    return means.filter(pl.col("corruption") != CLEAN)["corruption"].n_unique()


def draw(job: Job, look: Look) -> None:
    """The full matrix."""
    scorers = scorers_by_name(read_table(job.results.scorers, SCORERS))
    pairs = read_pairs(job.results)
    with drawing(look.style):
        figure = matrix_figure(pairs, scorers, _corruptions(job))
        save(figure, job.results.figures / "matrix", look.dpi)


def on_page(job: Job) -> list[FigureWords]:
    """The full matrix."""
    pairs = read_pairs(job.results)
    return [
        FigureWords(
            "matrix",
            "matrix",
            "AUC and SRCC of every quality score for every task model",
            f"The full matrix. Left: AUC of P(M=1|Q) on {held_out_words(pairs)}; right: SRCC over "
            f"{_counted(pairs, _corruptions(job))}, with its sign.",
        )
    ]
