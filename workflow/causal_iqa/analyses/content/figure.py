"""AUC where the content is fixed, by picture and by label (the paper's Fig. 20 a and b)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
from matplotlib.figure import Figure

from causal_iqa.analyses.content.schema import CONTENT
from causal_iqa.analyses.registry import Job, Look
from causal_iqa.core.columns import SCORERS
from causal_iqa.core.contract import read_table
from causal_iqa.report.drawing.figures import drawing, save, write_above
from causal_iqa.report.drawing.palette import FAMILY_COLOURS
from causal_iqa.report.drawing.score_rows import (
    KEYS,
    Dot,
    auc_axis,
    draw_dots,
    fit_rows,
    place_rows,
    row_panels,
    weights_key,
    with_family,
)
from causal_iqa.report.figure_words import FigureWords
from causal_iqa.report.scorer_words import ScorerWords, scorers_by_name

UNITS = {"content_image": "pictures", "content_label": "labels"}
"""The tables that are drawn, and what a unit of each is."""


def shares_weights(named: dict[str, ScorerWords], task_model: str, source: str) -> bool:
    """Whether M and Q come from the same weights, as ``scorers.csv`` says."""
    group = named[source].weights_group
    return task_model == source or bool(group and group == named[task_model].weights_group)


def content_figure(table: pl.DataFrame, scorers: pl.DataFrame, units: str) -> Figure:
    """A column of axes per task model, a row per quality score. Call inside ``drawing``.

    table: ``CONTENT``; dot: mean AUC over units; bar: one standard deviation over units
    to either side. units: what a unit is, as ``pictures``. Hollow: the pair shares weights.
    """
    named = scorers_by_name(scorers)
    table = with_family(table, named)
    rows = place_rows(table, named)
    models = table["task_model"].unique(maintain_order=True).to_list()
    figure, panels = row_panels(rows, len(models))
    for axes, model in zip(panels, models, strict=True):
        mine = table.filter(task_model=model).join(rows, on=KEYS, maintain_order="left")
        auc_axis(axes)
        draw_dots(axes, [_dot(row, named) for row in mine.iter_rows(named=True)], 0.5)
        # Room for the line of 8 points that stands between title and axes.
        axes.set_title(named[model].title, loc="left", weight="bold", pad=17)
        write_above(axes, _counted(mine, units), 4, size=8)
    weights_key(
        figure,
        f"Mean AUC of P(correct | Q) within {units}, held-out folds; 0.5 is chance;\n"
        f"bar: one standard deviation over {units} to either side",
    )
    return fit_rows(figure)


def _dot(row: dict[str, Any], named: dict[str, ScorerWords]) -> Dot:
    mean, sd = row["mean_auc"], row["sd_auc"]
    lo, hi = (None, None) if mean is None or sd is None else (mean - sd, mean + sd)
    circular = shares_weights(named, row["task_model"], row["quality_source"])
    return Dot(row["y"], mean, lo, hi, FAMILY_COLOURS[row["family"]], circular)


def _counted(table: pl.DataFrame, units: str) -> str:
    """How many units and folds an axes' means are of, at most."""
    n_units, n_folds = table.select(pl.col("n_units").max(), pl.col("n_folds").max()).row(0)
    return f"{n_units} {units}, {n_folds} folds"


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
