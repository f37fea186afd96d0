"""AUC where the content is fixed, by picture and by label (the paper's Fig. 20 a and b)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from causal_iqa.analyses.content.schema import CONTENT
from causal_iqa.analyses.registry import Job, Look
from causal_iqa.core.columns import SCORERS
from causal_iqa.core.contract import read_table
from causal_iqa.core.kinds import TABLE_KINDS
from causal_iqa.report.cells import NOT_ESTIMABLE
from causal_iqa.report.drawing.figures import drawing, new_figure, save
from causal_iqa.report.drawing.overview import GAP, LETTER, PANEL, RIGHT, ROW, place_rows
from causal_iqa.report.drawing.palette import FAMILY_COLOURS
from causal_iqa.report.drawing.score_rows import write_row_names, write_weights_key
from causal_iqa.report.figure_words import FigureWords
from causal_iqa.report.labels import FAMILY_TITLES, Scorer, scorers_by_name, variant_words

TOP, BOTTOM = 0.5, 0.95
BOLD_LETTER = 0.075
"""Inches that a letter of a family's name takes at most, on average."""
KEY_WIDTH = 5.3
UNITS = {"content_image": "pictures", "content_label": "labels"}
"""The tables that are drawn, and what a unit of each is."""
_KEYS = ["family", "quality_source", "quality_variant"]


def shares_weights(named: dict[str, Scorer], task_model: str, source: str) -> bool:
    """Whether M and Q come from the same weights, as ``scorers.csv`` says."""
    group = named[source].weights_group
    return task_model == source or bool(group and group == named[task_model].weights_group)


def content_figure(table: pl.DataFrame, scorers: pl.DataFrame, units: str) -> Figure:
    """A column of axes a task model, a row a quality score. Call inside ``drawing``.

    table: ``CONTENT``; dot: mean AUC over units; bar: one standard deviation over units
    to either side. units: what a unit is, as ``pictures``. Hollow: the pair shares weights.
    """
    named = scorers_by_name(scorers)
    families = {kind: family for family, kind in TABLE_KINDS.items()}
    table = table.with_columns(
        family=pl.col("quality_source").map_elements(
            lambda source: families[named[source].kind], return_dtype=pl.String
        )
    )
    rows = place_rows(table)
    names = [
        named[source].title
        + ("" if variant == "score" else f", {variant_words(named[source].kind, variant)}")
        for _, source, variant in rows.select(_KEYS).iter_rows()
    ]
    models = table["task_model"].unique(maintain_order=True).to_list()
    headings = [FAMILY_TITLES[family] for family in rows["family"].unique()]
    left = 0.2 + max(LETTER * max(map(len, names)), BOLD_LETTER * max(map(len, headings)))
    depth = max(rows["y"], default=0.0) + 0.7
    width = left + max(len(models) * (PANEL + GAP) - GAP, KEY_WIDTH) + RIGHT
    height = TOP + depth * ROW + BOTTOM
    figure = new_figure(width, height)
    for place, model in enumerate(models):
        x = left + place * (PANEL + GAP)
        box = (x / width, BOTTOM / height, PANEL / width, depth * ROW / height)
        axes = figure.add_axes(box)
        mine = table.filter(pl.col("task_model") == model).join(rows, on=_KEYS)
        _panel(axes, mine, named, depth)
        counted = _counted(mine, units)
        axes.set_title(named[model].title, loc="left", weight="bold", pad=17)
        axes.text(0, 1 + 0.07 / (depth * ROW), counted, transform=axes.transAxes, size=8)
        axes.set_yticks(rows["y"].to_list())
        axes.set_yticklabels([])
        if place == 0:
            write_row_names(axes, rows, names)
    _key(figure, left, units)
    return figure


def _counted(table: pl.DataFrame, units: str) -> str:
    """How many units and folds an axes' means are of, at most."""
    n_units, n_folds = table.select(pl.col("n_units").max(), pl.col("n_folds").max()).row(0)
    return f"{n_units} {units}, {n_folds} folds"


def _panel(axes: Axes, table: pl.DataFrame, named: dict[str, Scorer], depth: float) -> None:
    axes.axvline(0.5, color="#444444", linewidth=1, zorder=1)
    for row in table.iter_rows(named=True):
        mean, sd, y = row["mean_auc"], row["sd_auc"], row["y"]
        if mean is None:
            patch: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
            style: dict[str, Any] = {"size": 7, "color": "#555555", "zorder": 2, "bbox": patch}
            axes.text(0.5, y, NOT_ESTIMABLE, ha="center", va="center", **style)
            continue
        colour = FAMILY_COLOURS[row["family"]]
        if sd is not None:
            axes.plot([mean - sd, mean + sd], [y, y], color=colour, linewidth=1.6, zorder=2)
        circular = shares_weights(named, row["task_model"], row["quality_source"])
        face = "white" if circular else colour
        axes.plot(mean, y, "o", markersize=5, color=colour, markerfacecolor=face, zorder=3)
    axes.set_xlim(0, 1)
    axes.set_ylim(depth, 0)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", ".25", ".5", ".75", "1"])
    axes.grid(visible=False, axis="x")
    axes.tick_params(axis="y", length=0)


def _key(figure: Figure, left: float, units: str) -> None:
    """What the marks mean, below the axes; left edge at ``left`` inches."""
    write_weights_key(figure, left)
    width, height = figure.get_size_inches()
    text = (
        f"Mean AUC of P(correct | Q) within {units}, held-out folds; 0.5 is chance;\n"
        f"bar: one standard deviation over {units} to either side"
    )
    figure.text(left / width, (BOTTOM - 0.47) / height, text, size=8.5, va="center")


def write_content_figures(
    tables: dict[str, pl.DataFrame], scorers: pl.DataFrame, out_dir: Path, style: str, dpi: int
) -> list[Path]:
    """Write ``content_image`` and ``content_label`` (.svg, .png) into ``out_dir``.

    tables: ``CONTENT`` tables by name; scorers: ``SCORERS``.
    """
    written = []
    with drawing(style):
        for name, table in tables.items():
            figure = content_figure(table, scorers, UNITS[name])
            written += save(figure, out_dir / name, dpi)
    return written


def draw(job: Job, look: Look) -> None:
    """The figure of the job's table."""
    table = read_table(job.results.table(job.name), CONTENT)
    facts = read_table(job.results.scorers, SCORERS)
    write_content_figures({job.name: table}, facts, job.results.figures, *look)


ON_PAGE = {
    "content_image": FigureWords(
        "content_image",
        "fig20a",
        "Mean AUC within a picture by quality score and task model",
        "Figure 20a. AUC within a picture: mean over pictures; bars: one sd over pictures to "
        "either side.",
        "20",
        "content held fixed",
    ),
    "content_label": FigureWords(
        "content_label",
        "fig20b",
        "Mean AUC within a label by quality score and task model",
        "Figure 20b. AUC within a label: mean over labels; bars: one sd over labels to either "
        "side.",
    ),
}


def on_page(job: Job) -> list[FigureWords]:
    """The figure of the job's table."""
    return [ON_PAGE[job.name]]
