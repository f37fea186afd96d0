"""Accuracy of each network beyond what a quality score predicts, and where quality is poor or good.

A row per quality score, a column of axes per task model (the use in the paper's Discussion).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from causal_iqa.analyses.accuracy_beyond.compute import AVERAGE
from causal_iqa.analyses.accuracy_beyond.schema import ACCURACY_BEYOND
from causal_iqa.analyses.registry import Job, Look
from causal_iqa.core.columns import SCORERS
from causal_iqa.core.contract import read_table
from causal_iqa.core.kinds import Kind
from causal_iqa.report.cells import NOT_ESTIMABLE
from causal_iqa.report.drawing.figures import drawing, key_below, save
from causal_iqa.report.drawing.palette import FAMILY_COLOURS
from causal_iqa.report.drawing.score_rows import (
    FEW,
    INK,
    Dot,
    draw_dots,
    fit_rows,
    head_panels,
    panel_width,
    place_rows,
    row_panels,
    with_family,
)
from causal_iqa.report.enough import PICTURES, counted_or_few, too_few
from causal_iqa.report.figure_words import FigureWords
from causal_iqa.report.scorer_words import ScorerWords, scorers_by_name

ROW, GAP = 0.4, 0.95
"""Inches per row of three marks, one below the other; rows free above a family."""
AVERAGE_NAME = "Average of sources without shared weights"


class Mark(NamedTuple):
    """A band's mark: rows below its row's middle, and what it is."""

    shift: float
    marker: str
    hollow: bool
    words: str


MARKS = {
    "high": Mark(-0.27, "^", True, "best third by Q"),
    "all": Mark(0.0, "o", False, "all held-out pictures"),
    "low": Mark(0.27, "v", True, "poorest third by Q"),
}
"""The middle third is in the table."""


def accuracy_beyond_figure(table: pl.DataFrame, scorers: pl.DataFrame) -> Figure:
    """The figure of a ``ACCURACY_BEYOND`` table. Call inside ``drawing``."""
    named = scorers_by_name(scorers)
    rows = _rows(table, named)
    models = [
        name
        for name, scorer in named.items()
        if scorer.kind == Kind.CLASSIFIER and name in table["task_model"]
    ]
    shown = table.filter(pl.col("band").is_in(list(MARKS)))
    limit = _limit(shown)
    figure, panels = row_panels(rows, len(models))
    for axes, model in zip(panels, models, strict=True):
        mine = shown.filter(task_model=model)
        placed = mine.join(rows, on=["quality_source", "quality_variant"], maintain_order="left")
        axes.axvline(0, color="#444444", linewidth=1, zorder=1)
        draw_dots(axes, map(_dot, placed.iter_rows(named=True)), 0)
        axes.set_xlim(-limit, limit)
        # The outermost labels of two panels would run into each other.
        axes.locator_params(axis="x", nbins=6, prune="both")
    width = panel_width(len(models))
    accuracies = [_accuracy_words(shown.filter(task_model=model)) for model in models]
    head_panels(panels, [named[model].title for model in models], width, accuracies)
    drawn = shown.drop_nulls("beyond")
    few = (drawn["n_pictures"] < PICTURES).any()
    key_below(
        figure,
        [
            Line2D(
                [],
                [],
                color=INK,
                marker=m.marker,
                markersize=5,
                markerfacecolor="white" if m.hollow else INK,
            )
            for m in MARKS.values()
        ],
        [mark.words for mark in MARKS.values()],
        "Accuracy less that expected from Q, percentage points; P(correct | Q) is pooled over the "
        "networks; bar: 95 % interval, pictures as units. Over all pictures (disc) all networks "
        "lose the same number, so their ranks stay as they are"
        + f". Grey: fewer than {PICTURES} held-out pictures, too few to tell"
        * few,
    )
    return fit_rows(figure, ROW, width)


def _rows(table: pl.DataFrame, named: dict[str, ScorerWords]) -> pl.DataFrame:
    """Of ``place_rows``; the average, which has no family, stands last."""
    sources = table.filter(pl.col("quality_source") != AVERAGE)
    rows = place_rows(with_family(sources, named), named, GAP)
    if AVERAGE not in table["quality_source"]:
        return rows
    last = ("", AVERAGE, "score", AVERAGE_NAME, max(rows["y"], default=0.0) + 1 + GAP / 2)
    return rows.extend(pl.DataFrame([last], schema=rows.schema, orient="row"))


def _dot(row: dict[str, Any]) -> Dot:
    """In percentage points."""
    mark = MARKS[row["band"]]
    value, lo, hi = (
        None if row[name] is None else 100 * row[name]
        for name in ("beyond", "beyond_lo", "beyond_hi")
    )
    words = "own weights" if row["circular"] else NOT_ESTIMABLE
    return Dot(
        row["y"] + mark.shift,
        value,
        lo,
        hi,
        FEW if row["n_pictures"] < PICTURES else FAMILY_COLOURS.get(row["family"], INK),
        mark.hollow,
        mark.marker,
        4.5,
        words if row["band"] == "all" else "",
    )


def _limit(shown: pl.DataFrame) -> float:
    """Half of the axes' width in percentage points: the farthest end, rounded up to tens."""
    ends = shown.select(pl.max_horizontal(pl.col("beyond", "beyond_lo", "beyond_hi").abs().max()))
    return 10.0 * (int(10 * (ends.item() or 0.0)) + 1)


def _accuracy_words(mine: pl.DataFrame) -> str:
    """A network's accuracy, of how many pictures, and its rank, which no quality score changes."""
    # A score that shares no weights ranks the most networks: its rank is the one among all.
    found = mine.filter(band="all").drop_nulls("accuracy").sort("n_task_models", descending=True)
    if found.is_empty():
        return ""
    row = found.row(0, named=True)
    accuracy = f"accuracy {100 * row['accuracy']:.1f} %"
    few = too_few(row["n_pictures"], PICTURES, "pictures")
    if few:
        return f"{accuracy},\n{few}"
    rank = f",\nrank {row['raw_rank']} of {row['n_task_models']}" * (row["n_task_models"] > 1)
    return f"{accuracy} of {row['n_pictures']} pictures{rank}"


def write_accuracy_beyond_figure(
    table: pl.DataFrame, scorers: pl.DataFrame, stem: Path, style: str, dpi: int
) -> list[Path]:
    """Write the figure as ``stem``.svg and ``stem``.png; returns their paths."""
    with drawing(style):
        return save(accuracy_beyond_figure(table, scorers), stem, dpi)


def draw(job: Job, look: Look) -> None:
    """Accuracy of each network beyond quality."""
    write_accuracy_beyond_figure(
        read_table(job.results.table("accuracy_beyond"), ACCURACY_BEYOND),
        read_table(job.results.scorers, SCORERS),
        job.results.figures / "accuracy_beyond",
        *look,
    )


def on_page(job: Job) -> list[FigureWords]:
    """Accuracy of each network beyond quality."""
    table = read_table(job.results.table("accuracy_beyond"), ACCURACY_BEYOND)
    counts = table.filter(band="all").drop_nulls("accuracy")["n_pictures"].unique()
    held_out = [counted_or_few(max(counts), PICTURES, "held-out pictures")] if len(counts) else []
    return [
        FigureWords(
            "accuracy_beyond",
            "accuracy-beyond",
            "Accuracy less the accuracy expected from each quality score, by network",
            "Accuracy of each network less the accuracy expected from a quality score, over all "
            "held-out pictures and in the poorest and the best third by that score."
            + "".join(f" Of {words}." for words in held_out),
        )
    ]
