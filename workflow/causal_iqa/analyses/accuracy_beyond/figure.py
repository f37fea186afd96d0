"""Accuracy of each network beyond what a quality score predicts, and where quality is poor or good.

A row a quality score, a column of axes a task model (the use in the paper's Discussion).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from causal_iqa.analyses.accuracy_beyond.compute import AVERAGE
from causal_iqa.analyses.accuracy_beyond.schema import ACCURACY_BEYOND
from causal_iqa.analyses.registry import Job, Look
from causal_iqa.core.columns import SCORERS
from causal_iqa.core.contract import read_table
from causal_iqa.core.kinds import TABLE_KINDS
from causal_iqa.report.cells import NOT_ESTIMABLE
from causal_iqa.report.drawing.figures import drawing, new_figure, save
from causal_iqa.report.drawing.overview import GROUP_GAP, LETTER, place_rows
from causal_iqa.report.drawing.palette import FAMILY_COLOURS
from causal_iqa.report.drawing.score_rows import write_row_names
from causal_iqa.report.figure_words import FigureWords
from causal_iqa.report.labels import FAMILY_TITLES, Scorer, scorers_by_name, variant_words

ROW = 0.4
"""Inches a row: three marks, one below the other."""
PANEL, GAP, RIGHT, TOP, BOTTOM = 1.9, 0.18, 0.15, 0.5, 0.95
INK = "#333333"
AVERAGE_NAME = "Average of sources without shared weights"
MARKS: dict[str, tuple[float, dict[str, Any]]] = {
    "high": (-0.27, {"marker": "^", "markerfacecolor": "white"}),
    "all": (0.0, {"marker": "o"}),
    "low": (0.27, {"marker": "v", "markerfacecolor": "white"}),
}
"""Of a band: rows below its row's middle, and its marker. The middle third is in the table."""
WORDS = {
    "high": "best third by Q",
    "all": "all held-out pictures",
    "low": "poorest third by Q",
}
_KEYS = ["family", "quality_source", "quality_variant"]


def accuracy_beyond_figure(table: pl.DataFrame, scorers: pl.DataFrame) -> Figure:
    """The figure of a ``ACCURACY_BEYOND`` table. Call inside ``drawing``."""
    named = scorers_by_name(scorers)
    rows, names = _rows(table, named)
    models = [
        name
        for name, scorer in named.items()
        if scorer.kind == "classifier" and name in table["task_model"]
    ]
    left = 0.2 + LETTER * max(map(len, [*names, AVERAGE_NAME, *FAMILY_TITLES.values()]))
    depth = max(rows["y"], default=0.0) + 0.9
    width = left + len(models) * (PANEL + GAP) - GAP + RIGHT
    height = TOP + depth * ROW + BOTTOM
    figure = new_figure(width, height)
    limit = _limit(table)
    for place, model in enumerate(models):
        x = left + place * (PANEL + GAP)
        box = (x / width, BOTTOM / height, PANEL / width, depth * ROW / height)
        axes = figure.add_axes(box)
        mine = table.filter(task_model=model)
        keys = ["quality_source", "quality_variant"]
        _panel(axes, mine.join(rows, on=keys, maintain_order="left"), limit)
        axes.set_ylim(depth, 0)
        axes.set_yticks(rows["y"].to_list(), [""] * rows.height)
        axes.set_title(named[model].title, loc="left", weight="bold", pad=17)
        words = _accuracy_words(mine)
        axes.text(0, 1 + 0.07 / (depth * ROW), words, transform=axes.transAxes, size=8)
        if place == 0:
            _write_names(axes, rows, names)
    _key(figure, left)
    return figure


def _rows(table: pl.DataFrame, named: dict[str, Scorer]) -> tuple[pl.DataFrame, list[str]]:
    """Each quality score once with family ('' for the average) and ``y``, and the rows' names."""
    families = {kind: family for family, kind in TABLE_KINDS.items()}
    sources = table.filter(pl.col("quality_source") != AVERAGE).with_columns(
        family=pl.col("quality_source").map_elements(
            lambda source: families[named[source].kind], return_dtype=pl.String
        )
    )
    rows = place_rows(sources)
    names = [
        named[source].title
        + ("" if variant == "score" else f", {variant_words(named[source].kind, variant)}")
        for _, source, variant in rows.select(_KEYS).iter_rows()
    ]
    if AVERAGE not in table["quality_source"]:
        return rows, names
    below = max(rows["y"], default=0.0) + GROUP_GAP
    last = pl.DataFrame(
        {"family": "", "quality_source": AVERAGE, "quality_variant": "score", "y": below},
        schema=rows.schema,
    )
    return pl.concat([rows, last]), [*names, AVERAGE_NAME]


def _write_names(axes: Axes, rows: pl.DataFrame, names: list[str]) -> None:
    """The average has no family, hence no heading of its own."""
    of_family = rows.filter(pl.col("family") != "")
    write_row_names(axes, of_family, names[: of_family.height])
    if of_family.height < rows.height:
        across = axes.get_yaxis_transform()
        style: dict[str, Any] = {"ha": "right", "va": "center", "size": 8, "weight": "bold"}
        axes.text(-0.03, rows["y"][-1], AVERAGE_NAME, transform=across, **style)


def _limit(table: pl.DataFrame) -> float:
    """Half of the axes' width in percentage points: the farthest end, rounded up to tens."""
    ends = table.filter(pl.col("band").is_in(list(MARKS))).select(
        pl.max_horizontal(pl.col("beyond", "beyond_lo", "beyond_hi").abs().max())
    )
    return 10.0 * (int(10 * (ends.item() or 0.0)) + 1)


def _accuracy_words(mine: pl.DataFrame) -> str:
    """A network's accuracy and its rank among all networks, which no quality score changes."""
    found = mine.filter(band="all").drop_nulls("accuracy").sort("n_task_models", descending=True)
    if found.is_empty():
        return ""
    row = found.row(0, named=True)
    rank = f"rank {row['raw_rank']} of {row['n_task_models']}"
    return f"accuracy {100 * row['accuracy']:.1f} %, {rank}"


def _panel(axes: Axes, rows: pl.DataFrame, limit: float) -> None:
    """The marks of one task model, in percentage points."""
    axes.axvline(0, color="#444444", linewidth=1, zorder=1)
    for row in rows.iter_rows(named=True):
        if row["band"] not in MARKS:
            continue
        shift, look = MARKS[row["band"]]
        y = row["y"] + shift
        if row["beyond"] is None:
            if row["band"] == "all":
                words = "own weights" if row["circular"] else NOT_ESTIMABLE
                _words_on(axes, y, words)
            continue
        colour = FAMILY_COLOURS.get(row["family"], INK)
        if row["beyond_lo"] is not None:
            ends = [100 * row["beyond_lo"], 100 * row["beyond_hi"]]
            axes.plot(ends, [y, y], color=colour, linewidth=1.3, zorder=2)
        axes.plot(100 * row["beyond"], y, markersize=4.5, color=colour, zorder=3, **look)
    axes.set_xlim(-limit, limit)
    axes.grid(visible=False, axis="x")
    axes.tick_params(axis="y", length=0)


def _words_on(axes: Axes, y: float, words: str) -> None:
    patch: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
    style: dict[str, Any] = {"size": 7, "color": "#555555", "zorder": 2, "bbox": patch}
    axes.text(0, y, words, ha="center", va="center", **style)


def _key(figure: Figure, left: float) -> None:
    """What the marks mean, below the axes; left edge at ``left`` inches."""
    width, height = figure.get_size_inches()
    lines = [Line2D([], [], color=INK, markersize=5, **look) for _, look in MARKS.values()]
    figure.legend(
        lines,
        [WORDS[band] for band in MARKS],
        loc="lower left",
        bbox_to_anchor=(left / width, 0.08 / height),
        ncols=3,
        frameon=False,
        fontsize=8,
        borderaxespad=0,
    )
    text = (
        "Accuracy less that expected from Q, percentage points; P(correct | Q) is pooled over the "
        "networks;\nbar: 95 % interval, pictures as units. Over all pictures (disc) all networks "
        "lose the same number, so their ranks stay as they are"
    )
    figure.text(left / width, (BOTTOM - 0.47) / height, text, size=8.5, va="center")


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
    return [
        FigureWords(
            "accuracy_beyond",
            "accuracy-beyond",
            "Accuracy less the accuracy expected from each quality score, by network",
            "Accuracy of each network less the accuracy expected from a quality score, over all "
            "held-out pictures and in the poorest and the best third by that score.",
        )
    ]
