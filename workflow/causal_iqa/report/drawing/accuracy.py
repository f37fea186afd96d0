"""How accuracy falls: by severity for each task model, and by corruption."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import seaborn as sns
from matplotlib.figure import Figure

from causal_iqa.core.conditions import ALL_CORRUPTIONS, CLEAN
from causal_iqa.report.drawing.figures import drawing, new_figure, save
from causal_iqa.report.labels import corruption_words, scorers_by_name

# Okabe-Ito's blue, vermillion, green and purple, a dark yellow and a grey, each with a marker.
_LINES = (
    ("#0072B2", "o"),
    ("#D55E00", "s"),
    ("#009E73", "^"),
    ("#B5508C", "D"),
    ("#8A6100", "v"),
    ("#5F5F5F", "P"),
)
DARK = 45
"""Below so many per cent a heat map's cell is dark enough for white figures."""


def severity_figure(accuracy: pl.DataFrame, scorers: pl.DataFrame) -> Figure:
    """A line a task model: accuracy in per cent by severity, the plain mean over corruptions.

    accuracy: ``ACCURACY``; severity 0 is clean. Call inside ``drawing``.
    """
    named = scorers_by_name(scorers)
    figure = new_figure(7.6, 3.8)
    axes = figure.add_axes((0.08, 0.14, 0.6, 0.8))
    means = accuracy.group_by("task_model", "severity", maintain_order=True).agg(
        pl.col("accuracy").mean() * 100
    )
    models = means["task_model"].unique(maintain_order=True)
    for place, model in enumerate(models):
        line = means.filter(pl.col("task_model") == model).sort("severity")
        colour, shape = _LINES[place % len(_LINES)]
        dashes = "-" if place < len(_LINES) else "--"
        axes.plot(
            line["severity"].to_numpy(),
            line["accuracy"].to_numpy(),
            dashes,
            color=colour,
            marker=shape,
            markersize=5,
            label=named[model].title,
        )
    severities = sorted(means["severity"].unique())
    axes.set_xticks(severities, ["clean" if s == 0 else str(s) for s in severities])
    axes.set_ylim(0, 100)
    axes.set_xlabel("Severity")
    axes.set_ylabel("Accuracy, %, mean over corruptions")
    figure.legend(loc="upper left", bbox_to_anchor=(0.69, 0.94), frameon=False)
    return figure


def corruption_figure(accuracy: pl.DataFrame, scorers: pl.DataFrame) -> Figure:
    """A heat map a task model: accuracy in per cent, corruptions down, severities across.

    The clean accuracy stands in the title. Call inside ``drawing``.
    """
    named = scorers_by_name(scorers)
    models = accuracy["task_model"].unique(maintain_order=True).to_list()
    present = set(accuracy["corruption"].unique())
    names = [name for name in ALL_CORRUPTIONS if name in present]
    severities = sorted(set(accuracy["severity"].unique()) - {0})
    left, gap, top, bottom, right = 1.35, 0.2, 0.6, 0.5, 0.1
    panel, depth = 0.42 * max(len(severities), 4), 0.26 * len(names)
    columns = min(4, len(models))
    rows = -(-len(models) // columns)
    width = left + columns * panel + (columns - 1) * gap + right
    height = rows * (top + depth + bottom)
    figure = new_figure(width, height)
    for place, model in enumerate(models):
        row, column = divmod(place, columns)
        x = left + column * (panel + gap)
        y = height - row * (top + depth + bottom) - top - depth
        axes = figure.add_axes((x / width, y / height, panel / width, depth / height))
        mine = accuracy.filter(pl.col("task_model") == model)
        sns.heatmap(
            _matrix(mine, names, severities),
            ax=axes,
            vmin=0,
            vmax=100,
            cmap="cividis",
            annot=True,
            fmt=".0f",
            annot_kws={"size": 7.5},
            cbar=False,
            linewidths=0.4,
            xticklabels=severities,
            yticklabels=[corruption_words(n) for n in names] if column == 0 else [],
        )
        for text in axes.texts:
            text.set_color("white" if float(text.get_text()) < DARK else "black")
        clean = mine.filter(pl.col("corruption") == CLEAN)["accuracy"]
        tail = f"clean {100 * clean[0]:.0f} %" if len(clean) else ""
        axes.set_title(f"{named[model].title}\n{tail}", loc="left")
        axes.set_xlabel("Severity")
        axes.tick_params(length=0, labelrotation=0)
    return figure


def _matrix(accuracy: pl.DataFrame, names: list[str], severities: list[int]) -> list[list[float]]:
    """Per cent, [corruption][severity]; NaN where a condition was not run."""
    cells = {
        (c, s): 100 * a
        for c, s, a in accuracy.select("corruption", "severity", "accuracy").iter_rows()
    }
    return [[cells.get((name, s), float("nan")) for s in severities] for name in names]


def write_accuracy(
    accuracy: pl.DataFrame, scorers: pl.DataFrame, out_dir: Path, style: str, dpi: int
) -> list[Path]:
    """Write ``accuracy`` and ``accuracy_by_corruption`` (.svg, .png) into ``out_dir``."""
    with drawing(style):
        return save(severity_figure(accuracy, scorers), out_dir / "accuracy", dpi) + save(
            corruption_figure(accuracy, scorers), out_dir / "accuracy_by_corruption", dpi
        )
