"""Mildly corrupted mixtures: densities of Q (the paper's Fig. 21), AUC by p_c (Fig. 22)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from causal_iqa.analyses.content.figure import shares_weights
from causal_iqa.analyses.mixtures.schema import MIXTURE_AUC, MIXTURE_DENSITY
from causal_iqa.analyses.registry import Job, Look
from causal_iqa.core.columns import SCORERS
from causal_iqa.core.contract import read_table
from causal_iqa.report.drawing.figures import drawing, new_figure, save
from causal_iqa.report.figure_words import FigureWords
from causal_iqa.report.labels import Scorer, direction, scorers_by_name, variant_words

DENSITIES = {
    "mixture_density": ("metric", "zero_shot"),
    "mixture_density_strong": ("classifier",),
}
"""The density figures and the kinds of quality sources in each."""
COLUMNS = {"metric": 4, "zero_shot": 4, "classifier": 3}
"""Panels side by side, by the first kind of a figure."""
SHADES = "viridis_r"
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<")


class Family(NamedTuple):
    """A column of the AUC figure. variants: those drawn, all where it is empty."""

    title: str
    kind: str
    variants: tuple[str, ...] = ()


FAMILIES = (
    Family("No-reference metrics", "metric"),
    Family("Zero-shot dual encoder", "zero_shot"),
    Family("Task networks' max probability", "classifier", ("max_prob",)),
)


def density_figure(density: pl.DataFrame, scorers: pl.DataFrame, kinds: tuple[str, ...]) -> Figure:
    """A panel a quality score, a line a p_c, coloured by p_c. Call inside ``drawing``.

    density: ``MIXTURE_DENSITY``; drawn: the sources of those kinds.
    """
    named = scorers_by_name(scorers)
    pairs = [
        (named[source], variant)
        for source, variant in density.select("quality_source", "quality_variant")
        .unique(maintain_order=True)
        .iter_rows()
        if named[source].kind in kinds
    ]
    shares = [100 * p_c for p_c in density["p_c"].unique()]
    shades = ScalarMappable(Normalize(min(shares), max(shares)), SHADES)
    panel, tall, gap_x, gap_y, left, right, top, bottom = 2.1, 1.5, 0.3, 0.95, 0.35, 1.0, 0.4, 0.65
    columns = max(1, min(COLUMNS[kinds[0]], len(pairs)))
    rows = max(1, -(-len(pairs) // columns))
    width = left + columns * panel + (columns - 1) * gap_x + right
    height = top + rows * tall + (rows - 1) * gap_y + bottom
    figure = new_figure(width, height)
    for place, (source, variant) in enumerate(pairs):
        row, column = divmod(place, columns)
        x, y = left + column * (panel + gap_x), height - top - tall - row * (tall + gap_y)
        axes = figure.add_axes((x / width, y / height, panel / width, tall / height))
        curves = density.filter(
            (pl.col("quality_source") == source.name) & (pl.col("quality_variant") == variant)
        )
        _density_panel(axes, curves, source, variant, shades)
        if column == 0:
            axes.set_ylabel("Density")
    bar_height = min(2.5, height - top - bottom)
    box = ((width - right + 0.2) / width, (height - top - bar_height) / height)
    colour_axes = figure.add_axes((*box, 0.13 / width, bar_height / height))
    bar = figure.colorbar(shades, cax=colour_axes, label="Corrupted pictures p_c, %")
    bar.locator = MaxNLocator(5, integer=True)
    return figure


def _density_panel(
    axes: Axes, curves: pl.DataFrame, source: Scorer, variant: str, shades: ScalarMappable
) -> None:
    constant = curves["density"].null_count()
    for (p_c,), curve in curves.drop_nulls("density").group_by("p_c", maintain_order=True):
        shade = shades.to_rgba(np.array([100 * float(str(p_c))]))[0]
        axes.plot(curve["quality"], curve["density"], color=shade, linewidth=0.8)
    if constant:
        note = f"{constant} of {curves['p_c'].n_unique()} constant: no density"
        axes.text(0.5, 0.5, note, transform=axes.transAxes, ha="center", va="center", size=7.5)
    axes.set_title(source.title, loc="left", weight="bold")
    unit = " (nats)" if variant.startswith("entropy") else ""
    axes.set_xlabel(f"{variant_words(source.kind, variant)}{unit}\n{direction(source, variant)}")
    axes.set_ylim(bottom=0)
    axes.set_yticks([])
    axes.locator_params(axis="x", nbins=4)
    axes.ticklabel_format(axis="x", useOffset=False, scilimits=(-4, 5))


def auc_figure(table: pl.DataFrame, scorers: pl.DataFrame) -> Figure:
    """Rows are task models, columns families of quality sources; AUC against p_c in per cent.

    table: ``MIXTURE_AUC``. Line: mean over seeds; band: one standard deviation (n - 1)
    over seeds to either side; dashed: the pair shares weights. Call inside ``drawing``.
    """
    named = scorers_by_name(scorers)
    means = _over_seeds(table)
    families = [f for f in FAMILIES if not _of_family(means, named, f).is_empty()]
    models = table["task_model"].unique(maintain_order=True).to_list()
    panel, tall, gap_x, gap_y, left, right, top = 2.7, 1.8, 0.25, 0.3, 0.75, 0.15, 0.4
    lines = [_of_family(means, named, f).select(_PAIR).unique().height for f in families]
    bottom = 0.9 + 0.165 * (max(lines, default=0) + 1)
    width = left + len(families) * (panel + gap_x) - gap_x + right
    height = top + len(models) * (tall + gap_y) - gap_y + bottom
    figure = new_figure(width, height)
    limits = _limits(means)
    for row, model in enumerate(models):
        for column, family in enumerate(families):
            x = left + column * (panel + gap_x)
            y = height - top - tall - row * (tall + gap_y)
            axes = figure.add_axes((x / width, y / height, panel / width, tall / height))
            shown = _of_family(means, named, family)
            keys = _auc_panel(axes, shown, named, model)
            axes.set_xlim(0, 1.02 * max(100 * p_c for p_c in means["p_c"]))
            axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
            axes.set_ylim(*limits)
            if column == 0:
                axes.set_ylabel(f"{named[model].title}\nAUC")
            else:
                axes.tick_params(labelleft=False)
            if row == 0:
                axes.set_title(family.title, loc="left", weight="bold")
            if row == len(models) - 1:
                axes.set_xlabel("Corrupted pictures p_c, %")
                _legend(figure, keys, named, x / width, (bottom - 0.5) / height)
            else:
                axes.tick_params(labelbottom=False)
    text = "line: mean over seeds; band: one standard deviation; dashed: Q and M share weights"
    figure.text(left / width, 0.12 / height, text, size=8.5, va="center")
    return figure


_PAIR = ["quality_source", "quality_variant"]


def _over_seeds(table: pl.DataFrame) -> pl.DataFrame:
    """Mean, ``lo`` and ``hi`` (one sd over seeds away; the mean where there is no sd)."""
    spread = pl.col("auc").std().fill_null(0.0)
    return table.group_by("task_model", *_PAIR, "p_c", maintain_order=True).agg(
        mean=pl.col("auc").mean(),
        lo=pl.col("auc").mean() - spread,
        hi=pl.col("auc").mean() + spread,
    )


def _of_family(means: pl.DataFrame, named: dict[str, Scorer], family: Family) -> pl.DataFrame:
    members = [name for name, scorer in named.items() if scorer.kind == family.kind]
    mine = means.filter(pl.col("quality_source").is_in(members))
    return (
        mine.filter(pl.col("quality_variant").is_in(family.variants)) if family.variants else mine
    )


def _limits(means: pl.DataFrame) -> tuple[float, float]:
    """From the lowest to the highest band, 0.5 among them, within [0, 1]."""
    ends = [0.5, *means["lo"].drop_nulls(), *means["hi"].drop_nulls()]
    return max(-0.02, min(ends) - 0.02), min(1.02, max(ends) + 0.02)


def _auc_panel(
    axes: Axes, means: pl.DataFrame, named: dict[str, Scorer], model: str
) -> dict[tuple[str, str], Line2D]:
    """Draw a task model's lines; returns the legend's key of each source and variant."""
    axes.axhline(0.5, color="#444444", linewidth=1, zorder=1)
    keys: dict[tuple[str, str], Line2D] = {}
    colours = sns.color_palette("colorblind")
    for place, pair in enumerate(means.select(_PAIR).unique(maintain_order=True).iter_rows()):
        source, variant = pair
        line = means.filter(
            (pl.col("task_model") == model)
            & (pl.col("quality_source") == source)
            & (pl.col("quality_variant") == variant)
        ).sort("p_c")
        colour = colours[place % len(colours)]
        look: dict[str, Any] = {
            "color": colour,
            "linewidth": 1.3,
            "marker": _MARKERS[place % len(_MARKERS)],
            "markersize": 3.2,
        }
        x = 100 * line["p_c"].to_numpy()
        mean, lo, hi = (line[name].to_numpy() for name in ("mean", "lo", "hi"))
        axes.plot(x, mean, "--" if shares_weights(named, model, source) else "-", **look)
        axes.fill_between(x, lo, hi, color=colour, alpha=0.15, linewidth=0)
        keys[source, variant] = Line2D([], [], **look)
    return keys


def _legend(
    figure: Figure,
    keys: dict[tuple[str, str], Line2D],
    named: dict[str, Scorer],
    x: float,
    y: float,
) -> None:
    """Top left corner at (x, y). A source of several variants is named once, as the title."""
    sources = {source for source, _ in keys}
    alone = len(sources) == 1 and len(keys) > 1
    several = len(keys) > len(sources)
    words = []
    for source, variant in keys:
        name = variant_words(named[source].kind, variant)
        title = named[source].title
        words.append(name if alone else f"{title}, {name}" if several else title)
    figure.legend(
        list(keys.values()),
        words,
        title=named[sources.pop()].title if alone else None,
        title_fontsize=8,
        alignment="left",
        loc="upper left",
        bbox_to_anchor=(x, y),
        borderaxespad=0,
        frameon=False,
        fontsize=8,
        labelspacing=0.25,
    )


def write_mixture_figures(
    table: pl.DataFrame,
    density: pl.DataFrame,
    scorers: pl.DataFrame,
    out_dir: Path,
    style: str,
    dpi: int,
) -> list[Path]:
    """Write ``mixture_auc`` and the two of ``DENSITIES`` (.svg, .png) into ``out_dir``."""
    with drawing(style):
        written = save(auc_figure(table, scorers), out_dir / "mixture_auc", dpi)
        for name, kinds in DENSITIES.items():
            written += save(density_figure(density, scorers, kinds), out_dir / name, dpi)
    return written


def draw(job: Job, look: Look) -> None:
    """AUC by share of corrupted pictures, and the densities of Q."""
    table = read_table(job.results.table("mixtures"), MIXTURE_AUC)
    density = read_table(job.results.mixture_density, MIXTURE_DENSITY)
    facts = read_table(job.results.scorers, SCORERS)
    write_mixture_figures(table, density, facts, job.results.figures, *look)


def on_page(job: Job) -> list[FigureWords]:
    """Densities of Q, and AUC by share of corrupted pictures."""
    return [
        FigureWords(
            "mixture_density",
            "fig21",
            "Densities of the metrics and the zero-shot scores, a line a share of corrupted "
            "pictures",
            "Figure 21. Kernel density of Q in each variant, colour by the share of corrupted "
            "pictures: metrics and zero-shot scores.",
            "21",
            "quality by share of corrupted pictures",
        ),
        FigureWords(
            "mixture_density_strong",
            "fig21-strong",
            "Densities of the networks' confidence, a line a share of corrupted pictures",
            "Figure 21, the networks' confidence.",
        ),
        FigureWords(
            "mixture_auc",
            "fig22",
            "AUC by share of corrupted pictures",
            "Figure 22. AUC of P(M=1|Q) by the share of corrupted pictures, mean over the seeds.",
            "22",
            "AUC by share of corrupted pictures",
        ),
    ]
