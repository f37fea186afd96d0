"""AUC where the content is fixed, by picture and by label (the paper's Fig. 20 a and b)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
from matplotlib.figure import Figure

from causal_iqa.analyses.content.schema import CONTENT
from causal_iqa.analyses.per_unit_words import LEAST
from causal_iqa.analyses.registry import Job, Look
from causal_iqa.core.columns import SCORERS
from causal_iqa.core.contract import read_table
from causal_iqa.report.counts import counted, span
from causal_iqa.report.drawing.figures import drawing, save
from causal_iqa.report.drawing.palette import FAMILY_COLOURS
from causal_iqa.report.drawing.score_rows import (
    FEW,
    KEYS,
    Dot,
    auc_axis,
    draw_dots,
    fit_rows,
    head_panels,
    panel_width,
    place_rows,
    row_panels,
    weights_key,
    with_family,
)
from causal_iqa.report.enough import counted_or_few
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
    to either side, none and grey where the units are too few. units: what a unit is, as
    ``pictures``. Hollow: the pair shares weights.
    """
    named = scorers_by_name(scorers)
    table = with_family(table, named)
    rows = place_rows(table, named)
    models = table["task_model"].unique(maintain_order=True).to_list()
    figure, panels = row_panels(rows, len(models))
    width = panel_width(len(models))
    for axes, model in zip(panels, models, strict=True):
        mine = table.filter(task_model=model).join(rows, on=KEYS, maintain_order="left")
        auc_axis(axes, width)
        draw_dots(axes, [_dot(row, named, units) for row in mine.iter_rows(named=True)], 0.5)
    counts = [_counted(table.filter(task_model=model), units) for model in models]
    head_panels(panels, [named[model].title for model in models], width, counts)
    weights_key(
        figure,
        f"Mean AUC of P(correct | Q) within {units}, held-out folds; 0.5 is chance; "
        f"{_bars(table, units)}",
    )
    return fit_rows(figure, panel=width)


def _dot(row: dict[str, Any], named: dict[str, ScorerWords], units: str) -> Dot:
    mean, sd = row["mean_auc"], row["sd_auc"]
    few = row["n_units"] < LEAST[units]
    lo, hi = (None, None) if mean is None or sd is None or few else (mean - sd, mean + sd)
    circular = shares_weights(named, row["task_model"], row["quality_source"])
    return Dot(row["y"], mean, lo, hi, FEW if few else FAMILY_COLOURS[row["family"]], circular)


def _counted(table: pl.DataFrame, units: str) -> str:
    """How many folds and units an axes' means are of, at most."""
    n_units, n_folds = table.select(pl.col("n_units").max(), pl.col("n_folds").max()).row(0)
    return f"{counted(n_folds, 'folds')} of {counted_or_few(n_units, LEAST[units], units)}"


def _bars(table: pl.DataFrame, units: str) -> str:
    """What the bars are, and what is grey; ``grey`` alone where nothing has a bar."""
    n_units = table["n_units"]
    few, enough = (n_units < LEAST[units]).any(), (n_units >= LEAST[units]).any()
    said = [f"bar: one standard deviation over {units} to either side"] * enough
    said += [f"grey, without a bar: fewer than {LEAST[units]} {units}, too few to tell"] * few
    return "; ".join(said)


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


def on_page(job: Job) -> list[FigureWords]:
    """The figure of the job's table, with how many units it is of."""
    units = UNITS[job.name]
    unit = units.removesuffix("s")
    table = read_table(job.results.table(job.name), CONTENT)
    counts = table["n_units"].unique()
    over = span(counts, units) if len(counts) else units
    letter = {"pictures": "a", "labels": "b"}[units]
    return [
        FigureWords(
            job.name,
            f"fig20{letter}",
            f"Mean AUC within a {unit} by quality score and task model",
            f"Figure 20{letter}. AUC within a {unit}: mean over {over}; {_bars(table, units)}.",
            *(("20", "content held fixed") if letter == "a" else ()),
        )
    ]
