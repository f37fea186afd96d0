"""The answer at a glance: AUC and its interval for every quality score and task model."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from matplotlib.figure import Figure

from causal_iqa.report.cells import Row
from causal_iqa.report.drawing.figures import drawing, save
from causal_iqa.report.drawing.palette import FAMILY_COLOURS
from causal_iqa.report.drawing.score_rows import (
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
)
from causal_iqa.report.enough import held_out_words
from causal_iqa.report.scorer_words import scorers_by_name


def overview_figure(pairs: pl.DataFrame, scorers: pl.DataFrame) -> Figure:
    """A column of axes per task model, a row per quality score. Call inside ``drawing``.

    pairs: ``findings.read_pairs``, of which the converged fits are shown; interval: 95 %, pictures
    as units. Hollow: the pair shares weights.
    """
    named = scorers_by_name(scorers)
    fits = pairs.filter(solver="converged")
    rows = place_rows(fits, named)
    models = fits["task_model"].unique(maintain_order=True).to_list()
    figure, panels = row_panels(rows, len(models))
    width = panel_width(len(models))
    for axes, model in zip(panels, models, strict=True):
        mine = fits.filter(task_model=model).join(rows, on=KEYS, maintain_order="left")
        auc_axis(axes, width)
        draw_dots(axes, map(_dot, mine.iter_rows(named=True)), 0.5)
    head_panels(panels, [named[model].title for model in models], width)
    weights_key(
        figure,
        f"AUC of P(correct | Q) on {held_out_words(pairs)}; 0.5 is chance; "
        "bar: 95 % interval, pictures as units",
    )
    return fit_rows(figure, panel=width)


def _dot(row: Row) -> Dot:
    interval = row["auc"], row["auc_cluster_lo"], row["auc_cluster_hi"]
    return Dot(row["y"], *interval, FAMILY_COLOURS[row["family"]], row["circular"])


def write_overview(
    pairs: pl.DataFrame, scorers: pl.DataFrame, stem: Path, style: str, dpi: int
) -> list[Path]:
    """Write the overview as ``stem``.svg and ``stem``.png; returns their paths."""
    with drawing(style):
        return save(overview_figure(pairs, scorers), stem, dpi)
