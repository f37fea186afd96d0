"""Accuracy against mean quality, a point per condition (the paper's Figs. 3, 5, 6, 14 to 19)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from causal_iqa.core.conditions import CLEAN, GROUPS
from causal_iqa.report.cells import estimate
from causal_iqa.report.counts import span
from causal_iqa.report.drawing.figures import drawing, fit, new_panels, save, wrapped
from causal_iqa.report.drawing.palette import colour, marker
from causal_iqa.report.enough import UNITS, too_few
from causal_iqa.report.scorer_words import (
    ScorerWords,
    axis_name,
    corruption_words,
    direction,
    found_against,
    lower_is_better,
    scorers_by_name,
    variant_words,
)

PANEL = 2.9
"""Inches of a side of a panel's axes."""
COLUMNS = 3


class Coefficient(NamedTuple):
    """A coefficient with its interval; None where it, or the interval, cannot be estimated."""

    value: float | None
    lo: float | None
    hi: float | None


class ScatterPair(NamedTuple):
    """What one figure shows: points, and each variant's coefficient.

    points: columns variant, corruption, severity, quality, accuracy (per cent), n_pictures.
    krcc: with its interval over corruptions.
    """

    task: ScorerWords
    source: ScorerWords
    circular: bool
    points: pl.DataFrame
    krcc: dict[str, Coefficient]

    @property
    def n_corruptions(self) -> int:
        """Those that the interval of KRCC is over."""
        return self.points.filter(pl.col("corruption") != CLEAN)["corruption"].n_unique()


def scatter_figures(
    task_model: str,
    groups: pl.DataFrame,
    scorers: pl.DataFrame,
    pairs: pl.DataFrame,
    out_dir: Path,
    style: str,
    dpi: int,
) -> list[Path]:
    """Draw every quality source of ``pairs`` for one task model.

    groups: ``CONDITION_MEANS``; scorers: ``SCORERS``; pairs: ``findings.read_pairs``.
    Writes ``out_dir/<task_model>/<quality_source>.svg`` and ``.png``; returns their paths.
    """
    written = []
    mine = pairs.filter(pl.col("task_model") == task_model)
    for source in mine["quality_source"].unique(maintain_order=True):
        pair = read_pair(task_model, source, groups, scorers, mine)
        with drawing(style):
            written += save(scatter_figure(pair), out_dir / task_model / source, dpi)
    return written


def read_pair(
    task_model: str,
    source: str,
    groups: pl.DataFrame,
    scorers: pl.DataFrame,
    pairs: pl.DataFrame,
) -> ScatterPair:
    """Put together what the figure of one pair shows, from the files' tables."""
    named = scorers_by_name(scorers)
    keys = ["corruption", "severity"]
    # KRCC is over the means: the rows of both solvers have the same.
    rows = pairs.filter(
        (pl.col("task_model") == task_model) & (pl.col("quality_source") == source)
    ).unique("quality_variant", keep="first", maintain_order=True)
    accuracy = groups.filter((pl.col("scorer") == task_model) & (pl.col("variant") == "accuracy"))
    quality = groups.filter(
        (pl.col("scorer") == source) & pl.col("variant").is_in(rows["quality_variant"].implode())
    )
    # One accuracy a condition, but a mean quality for each variant.
    points = quality.rename({"mean": "quality"}).join(
        accuracy.select(*keys, accuracy=pl.col("mean") * 100, n_pictures="n"),
        on=keys,
        validate="m:1",
    )
    krcc = {
        row["quality_variant"]: Coefficient(row["krcc"], row["krcc_corr_lo"], row["krcc_corr_hi"])
        for row in rows.iter_rows(named=True)
    }
    circular = bool(rows["circular"].any())
    return ScatterPair(named[task_model], named[source], circular, points, krcc)


class Shown(NamedTuple):
    """One panel: a pair's quality variant under a heading ('' for none)."""

    pair: ScatterPair
    variant: str
    heading: str


def scatter_figure(pair: ScatterPair) -> Figure:
    """One figure of a pair: a panel per variant, legend at the right. Call inside ``drawing``."""
    headings = {v: "" if v == "score" else variant_words(pair.source.kind, v) for v in pair.krcc}
    if pair.task.name == pair.source.name:
        note = "the same network gives both: circular"
    else:
        note = "the two share weights: circular" if pair.circular else ""
    title = f"{pair.task.title} against {pair.source.title}"
    return sheet([Shown(pair, v, heading) for v, heading in headings.items()], title, note)


def sheet(panels: Sequence[Shown], title: str, note: str, columns: int = COLUMNS) -> Figure:
    """Panels in rows of ``columns`` between a title and a note. Call inside ``drawing``."""
    columns = min(columns, len(panels))
    figure, grid = new_panels(-(-len(panels) // columns), columns, len(panels), sharey=True)
    for place, (axes, panel) in enumerate(zip(grid, panels, strict=True)):
        _panel(axes, panel)
        if place % columns == 0:
            pictures = span(panel.pair.points["n_pictures"].unique().to_list(), "pictures")
            axes.set_ylabel(f"Accuracy, % of {pictures}")
    figure.suptitle(title, x=0.01, ha="left", weight="bold", size=10)
    figure.supxlabel(note, x=0.01, ha="left", size=8.5, color="#A33A00")
    _legend(figure, pl.concat(panel.pair.points for panel in panels))
    return fit(figure, PANEL, PANEL)


def _panel(axes: Axes, shown: Shown) -> None:
    pair, variant = shown.pair, shown.variant
    points = pair.points.filter(pl.col("variant") == variant)
    for (corruption,), group in points.group_by("corruption", maintain_order=True):
        _draw(axes, str(corruption), group.sort("severity"))
    heading = f"{shown.heading}\n" if shown.heading else ""
    few = too_few(pair.n_corruptions, UNITS, "corruptions")
    krcc = Coefficient(pair.krcc[variant].value, None, None) if few else pair.krcc[variant]
    said = f"KRCC {estimate(*krcc)}" + f", {few}" * bool(few)
    axes.set_title(wrapped(heading + said, PANEL), loc="left", pad=4)
    found = found_against(lower_is_better(variant, pair.source.lower_better), krcc.lo, krcc.hi)
    axes.set_xlabel("\n".join(filter(None, _axis_lines(pair.source, variant, found))))
    # Markers at 0 and at 100 % are whole.
    axes.set_ylim(-4, 104)
    # No offset above the axis: zero-shot probabilities differ in their third digit only.
    axes.ticklabel_format(axis="x", useOffset=False)
    axes.locator_params(axis="x", nbins=4)


def _axis_lines(source: ScorerWords, variant: str, found: str) -> list[str]:
    """The axis' name, its own direction, and what was found against that."""
    name = wrapped(axis_name(source, variant), PANEL)
    return [name, direction(source, variant) + ("," if found else ""), found]


def _draw(axes: Axes, corruption: str, group: pl.DataFrame) -> None:
    """One corruption's points, joined from severity to severity; clean is a star."""
    x, y = group["quality"].to_numpy(), group["accuracy"].to_numpy()
    if corruption == CLEAN:
        axes.scatter(
            x, y, s=150, marker="*", color="black", edgecolor="white", linewidth=0.8, zorder=4
        )
        return
    shade = colour(corruption)
    axes.plot(x, y, color=shade, linewidth=0.7, alpha=0.35, zorder=2)
    axes.scatter(
        x,
        y,
        s=[marker_area(severity) for severity in group["severity"]],
        marker=marker(corruption),
        color=[shade],
        edgecolor="white",
        linewidth=0.5,
        clip_on=False,
        zorder=3,
    )


def marker_area(severity: int) -> float:
    """Points squared of a marker: 14 at severity 1 to 70 at severity 5."""
    return 14.0 * severity


def _legend(figure: Figure, points: pl.DataFrame) -> None:
    """Clean, the corruptions under their group's name, then the sizes, right of the panels."""
    drawn = set(points["corruption"].unique())
    entries: list[tuple[Line2D, str]] = []
    if CLEAN in drawn:
        entries.append((_key("*", "black", 150), "clean"))
    for group, members in GROUPS.items():
        shown = [name for name in members if name in drawn]
        if shown:
            entries.append((_key("", "none", 1), group.capitalize()))
        entries += [(_key(marker(m), colour(m), 42), corruption_words(m)) for m in shown]
    entries.append((_key("", "none", 1), "Severity"))
    severities: Sequence[int] = sorted(set(points["severity"].unique()) - {0})
    entries += [(_key("o", "#888888", marker_area(s)), str(s)) for s in severities]
    legend = figure.legend(
        [key for key, _ in entries],
        [text for _, text in entries],
        loc="outside right upper",
        frameon=False,
        fontsize=7.5,
        labelspacing=0.12,
        handletextpad=0.3,
    )
    for (key, _), text in zip(entries, legend.get_texts(), strict=True):
        if key.get_marker() in ("", "None"):
            text.set_fontweight("bold")


def _key(shape: str, face: str | tuple[float, float, float], area: float) -> Line2D:
    return Line2D(
        [],
        [],
        linestyle="none",
        marker=shape,
        markersize=area**0.5,
        markerfacecolor=face,
        markeredgecolor="white",
        markeredgewidth=0.5,
    )
