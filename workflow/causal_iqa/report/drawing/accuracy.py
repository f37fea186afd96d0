"""How accuracy falls: by severity for each task model, and by corruption."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from matplotlib.figure import Figure

from causal_iqa.core.conditions import ALL_CORRUPTIONS, CLEAN
from causal_iqa.report.counts import span
from causal_iqa.report.drawing.figures import (
    drawing,
    fit,
    key_below,
    new_figure,
    new_panels,
    save,
    wrapped,
)
from causal_iqa.report.drawing.heatmap import Cell, draw_cells
from causal_iqa.report.enough import PICTURES, too_few
from causal_iqa.report.scorer_words import corruption_words, scorers_by_name
from causal_iqa.statistics.shares import wilson_interval

# Okabe-Ito's blue, vermillion, green and purple, a dark yellow and a grey, each with a marker.
_LINES = (
    ("#0072B2", "o"),
    ("#D55E00", "s"),
    ("#009E73", "^"),
    ("#B5508C", "D"),
    ("#8A6100", "v"),
    ("#5F5F5F", "P"),
)
CELL_X, CELL_Y, COLUMNS = 0.42, 0.26, 4
"""Inches of a heat map's cell; heat maps side by side."""
BESIDE = 0.4
"""Severities that the points of all networks at one severity are spread over."""


def severity_figure(accuracy: pl.DataFrame, scorers: pl.DataFrame) -> Figure:
    """A line per task model: accuracy in per cent by severity, the plain mean over corruptions.

    accuracy: ``ACCURACY``; severity 0 is clean. Bars: Wilson's interval for as many pictures, as
    if a picture were right under all corruptions or none; else it is narrower. Call inside
    ``drawing``.
    """
    named = scorers_by_name(scorers)
    figure = new_figure(7.6, 4.0)
    axes = figure.subplots()
    means = accuracy.group_by("task_model", "severity", maintain_order=True).agg(
        pl.col("accuracy").mean(), pl.col("n").min()
    )
    models = means["task_model"].unique(maintain_order=True)
    for place, model in enumerate(models):
        line = means.filter(pl.col("task_model") == model).sort("severity")
        colour, shape = _LINES[place % len(_LINES)]
        # Side by side, or the bars of several networks would hide each other.
        aside = BESIDE * ((place + 0.5) / len(models) - 0.5)
        ends = np.array([wilson_interval(*row) for row in line.select("accuracy", "n").rows()])
        share = line["accuracy"].to_numpy()
        axes.errorbar(
            line["severity"].to_numpy() + aside,
            100 * share,
            100 * np.abs(ends.T - share),
            color=colour,
            # A seventh network takes the first colour once more.
            linestyle="-" if place < len(_LINES) else "--",
            marker=shape,
            markersize=5,
            elinewidth=1.0,
            label=named[model].title,
        )
    severities = sorted(means["severity"].unique())
    axes.set_xticks(severities, ["clean" if s == 0 else str(s) for s in severities])
    # The whole scale, so that a small fall looks small.
    axes.set_ylim(0, 100)
    axes.set_xlabel("Severity")
    axes.set_ylabel("Accuracy, %, mean over corruptions")
    figure.legend(loc="outside right upper", frameon=False)
    words = (
        f"{_pictures(accuracy)}; bar: 95 % interval (Wilson) for so many pictures; that of a mean "
        "over corruptions may be narrower"
    )
    key_below(figure, [], [], words)
    return figure


def _pictures(accuracy: pl.DataFrame) -> str:
    """Of how many the accuracies are: ``20 pictures: too few to tell``."""
    counts = accuracy["n"].unique().to_list() or [0]
    return too_few(max(counts), PICTURES, "pictures") or span(counts, "pictures")


def corruption_figure(accuracy: pl.DataFrame, scorers: pl.DataFrame) -> Figure:
    """A heat map a task model: accuracy in per cent, corruptions down, severities across.

    The clean accuracy stands in the title. Call inside ``drawing``.
    """
    named = scorers_by_name(scorers)
    models = accuracy["task_model"].unique(maintain_order=True).to_list()
    present = set(accuracy["corruption"].unique())
    # In ImageNet-C's order, groups together, whatever the configuration's.
    names = [name for name in ALL_CORRUPTIONS if name in present]
    severities = sorted(set(accuracy["severity"].unique()) - {0})
    columns = max(1, min(COLUMNS, len(models)))
    rows = -(-len(models) // columns)
    figure, panels = new_panels(rows, columns, len(models), sharex=True, sharey=True)
    for axes, model in zip(panels, models, strict=True):
        mine = accuracy.filter(task_model=model)
        draw_cells(axes, _cells(mine, names, severities), 0, 100)
        clean = mine.filter(corruption=CLEAN)["accuracy"]
        tail = f"clean {100 * clean[0]:.0f} %" if len(clean) else ""
        title = wrapped(named[model].title, CELL_X * max(len(severities), 4))
        axes.set_title(f"{title}\n{tail}", loc="left")
        axes.set_xlabel("Severity")
    first = figure.axes[0]
    first.set_xticks(range(len(severities)), [f"{severity}" for severity in severities])
    first.set_yticks(range(len(names)), [corruption_words(name) for name in names])
    first.set(xlim=(-0.5, len(severities) - 0.5), ylim=(len(names) - 0.5, -0.5))
    key_below(
        figure, [], [], f"Cells: accuracy in per cent, of {_pictures(accuracy)}{_chance(accuracy)}"
    )
    return fit(figure, CELL_X * max(len(severities), 4), CELL_Y * len(names))


def _chance(accuracy: pl.DataFrame) -> str:
    """How wide a cell's interval is: that of one half is the widest."""
    n = min(accuracy["n"].to_list(), default=0)
    if not n:
        return ""
    low, high = wilson_interval(0.5, n)
    return f"; a cell's 95 % interval (Wilson) is up to {100 * (high - low):.0f} points wide"


def _cells(accuracy: pl.DataFrame, names: list[str], severities: list[int]) -> Iterator[Cell]:
    """Per cent; no value where a condition was not run."""
    run = {(c, s): a for c, s, a in accuracy.select("corruption", "severity", "accuracy").rows()}
    for y, name in enumerate(names):
        for x, severity in enumerate(severities):
            share = run.get((name, severity))
            value = None if share is None else 100 * share
            yield Cell(x, y, value, "" if value is None else f"{value:.0f}")


def write_accuracy(
    accuracy: pl.DataFrame, scorers: pl.DataFrame, out_dir: Path, style: str, dpi: int
) -> list[Path]:
    """Write ``accuracy`` and ``accuracy_by_corruption`` (.svg, .png) into ``out_dir``."""
    with drawing(style):
        return save(severity_figure(accuracy, scorers), out_dir / "accuracy", dpi) + save(
            corruption_figure(accuracy, scorers), out_dir / "accuracy_by_corruption", dpi
        )
