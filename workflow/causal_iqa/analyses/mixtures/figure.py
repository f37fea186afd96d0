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
from causal_iqa.core.kinds import Kind
from causal_iqa.report.counts import span
from causal_iqa.report.drawing.figures import drawing, fit, key_below, new_panels, save
from causal_iqa.report.drawing.score_rows import FEW, head_panels
from causal_iqa.report.enough import PICTURES, counted_or_few, too_few
from causal_iqa.report.figure_words import FigureWords
from causal_iqa.report.scorer_words import (
    ScorerWords,
    axis_name,
    direction,
    scorers_by_name,
    variant_words,
)

DENSITIES = {
    "mixture_density": (Kind.METRIC, Kind.ZERO_SHOT),
    "mixture_density_strong": (Kind.CLASSIFIER,),
}
"""The density figures and the kinds of quality sources in each."""
COLUMNS = {Kind.METRIC: 4, Kind.ZERO_SHOT: 4, Kind.CLASSIFIER: 3}
"""Panels side by side, by the first kind of a figure."""
DENSITY = 2.1
"""Inches across a panel of densities."""
SHADES = "viridis_r"
AUC = 2.7
"""Inches across a panel of AUCs."""
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<")


class Family(NamedTuple):
    """A column of the AUC figure. variants: those drawn, all where it is empty."""

    title: str
    kind: str
    variants: tuple[str, ...] = ()


FAMILIES = (
    Family("No-reference metrics", Kind.METRIC),
    Family("Zero-shot dual encoder", Kind.ZERO_SHOT),
    Family("Task networks' max probability", Kind.CLASSIFIER, ("max_prob",)),
)


def density_figure(density: pl.DataFrame, scorers: pl.DataFrame, kinds: tuple[Kind, ...]) -> Figure:
    """A panel per quality score, a line per p_c, coloured by p_c. Call inside ``drawing``.

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
    drawn = density.filter(pl.col("quality_source").is_in([source.name for source, _ in pairs]))
    shares = [100 * p_c for p_c in density["p_c"].unique()]
    shades = ScalarMappable(Normalize(min(shares), max(shares)), SHADES)
    columns = max(1, min(COLUMNS[kinds[0]], len(pairs)))
    rows = max(1, -(-len(pairs) // columns))
    figure, panels = new_panels(rows, columns, len(pairs))
    for place, (axes, (source, variant)) in enumerate(zip(panels, pairs, strict=True)):
        curves = density.filter(quality_source=source.name, quality_variant=variant)
        _density_panel(axes, curves, source, variant, shades)
        if place % columns == 0:
            axes.set_ylabel("Density")
    if (drawn["n_pictures"] >= PICTURES).any():
        bar = figure.colorbar(
            shades,
            ax=figure.axes,
            label="Corrupted pictures p_c, %",
            aspect=18,
            anchor=(0, 1),
            shrink=1 / rows,
            pad=0.02,
        )
        bar.locator = MaxNLocator(5, integer=True)
    key_below(figure, [], [], "The area under each curve is 1.")
    return fit(figure, DENSITY, 1.5)


def _density_panel(
    axes: Axes, curves: pl.DataFrame, source: ScorerWords, variant: str, shades: ScalarMappable
) -> None:
    constant = curves["density"].null_count()
    drawn = curves.drop_nulls("density")
    n = _pictures(curves)
    few = n < PICTURES
    for p_c in drawn["p_c"].unique(maintain_order=True):
        curve = drawn.filter(p_c=p_c)
        shade = FEW if few else shades.to_rgba(np.array([100 * p_c]))[0]
        axes.plot(curve["quality"], curve["density"], color=shade, linewidth=0.8)
    if constant:
        note = f"{constant} of {curves['p_c'].n_unique()} constant: no density"
        axes.text(0.5, 0.5, note, transform=axes.transAxes, ha="center", va="center", size=7.5)
    counted = counted_or_few(n, PICTURES, "pictures")
    head_panels([axes], [source.title], DENSITY, [counted])
    # The source is the title already.
    what = "Score" if variant == "score" else axis_name(source, variant)
    axes.set_xlabel(f"{what}\n{direction(source, variant)}")
    axes.set_ylim(bottom=0)
    axes.set_yticks([])
    axes.locator_params(axis="x", nbins=4)
    axes.ticklabel_format(axis="x", useOffset=False, scilimits=(-4, 5))


def auc_figure(table: pl.DataFrame, scorers: pl.DataFrame) -> Figure:
    """Rows are task models, columns families of quality sources; AUC against p_c in per cent.

    table: ``MIXTURE_AUC``. Line: mean over draws (seeds); band: from the lowest to the highest;
    dashed: the pair shares weights; grey: too few held-out pictures. Call inside ``drawing``.
    """
    named = scorers_by_name(scorers)
    means = _over_draws(table)
    families = [f for f in FAMILIES if not _of_family(means, named, f).is_empty()]
    models = table["task_model"].unique(maintain_order=True).to_list()
    figure, panels = new_panels(
        len(models), len(families), len(models) * len(families), sharex=True, sharey=True
    )
    cells = iter(panels)
    for model in models:
        for family in families:
            axes = next(cells)
            keys = _auc_panel(axes, _of_family(means, named, family), named, model)
            if family is families[0]:
                axes.set_ylabel(f"{named[model].title}\nAUC")
            if model == models[0]:
                held_out = _pictures(_of_family(means, named, family))
                words = counted_or_few(held_out, PICTURES, "held-out pictures")
                head_panels([axes], [family.title], AUC, [words])
            if model == models[-1]:
                axes.set_xlabel("Corrupted pictures p_c, %")
                _legend(axes, keys, named)
    first = figure.axes[0]
    first.set_xlim(0, 1.02 * max(100 * p_c for p_c in means["p_c"]))
    first.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    first.set_ylim(*_limits(means))
    key_below(figure, [], [], f"{_draws(table)} Dashed: Q and M share weights.")
    return fit(figure, AUC, 1.8)


_PAIR = ["quality_source", "quality_variant"]


def _draws(table: pl.DataFrame) -> str:
    """What a line and its band are, and what they leave out."""
    n = table["seed"].n_unique()
    # A mixture of which one class of M is held out has no AUC.
    of = f"those of {n} draws that have an AUC" if table["auc"].null_count() else f"{n} draws"
    line = "Line: one draw" if n == 1 else f"Line: mean of {of}; band: the lowest to the highest"
    return (
        f"{line}. All draws share their held-out pictures, so this says nothing of how much "
        "other pictures would change it."
    )


def _over_draws(table: pl.DataFrame) -> pl.DataFrame:
    """Mean over the draws (seeds), the lowest and the highest."""
    return table.group_by("task_model", *_PAIR, "p_c", maintain_order=True).agg(
        pl.col("n_pictures").max(),
        mean=pl.col("auc").mean(),
        lo=pl.col("auc").min(),
        hi=pl.col("auc").max(),
    )


def _of_family(means: pl.DataFrame, named: dict[str, ScorerWords], family: Family) -> pl.DataFrame:
    members = [name for name, scorer in named.items() if scorer.kind == family.kind]
    mine = means.filter(pl.col("quality_source").is_in(members))
    return (
        mine.filter(pl.col("quality_variant").is_in(family.variants)) if family.variants else mine
    )


def _limits(means: pl.DataFrame) -> tuple[float, float]:
    """From the lowest to the highest band, 0.5 among them, within [0, 1]."""
    # With chance in the picture a small change does not look like a large one.
    ends = [0.5, *means["lo"].drop_nulls(), *means["hi"].drop_nulls()]
    return max(-0.02, min(ends) - 0.02), min(1.02, max(ends) + 0.02)


def _auc_panel(
    axes: Axes, means: pl.DataFrame, named: dict[str, ScorerWords], model: str
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
        few = _pictures(line) < PICTURES
        colour = FEW if few else colours[place % len(colours)]
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


def _legend(axes: Axes, keys: dict[tuple[str, str], Line2D], named: dict[str, ScorerWords]) -> None:
    """Below the axes' label. A source of several variants is named once, as the title."""
    sources = {source for source, _ in keys}
    alone = len(sources) == 1 and len(keys) > 1
    several = len(keys) > len(sources)
    words = []
    for source, variant in keys:
        name = variant_words(named[source].kind, variant)
        title = named[source].title
        words.append(name if alone else f"{title}, {name}" if several else title)
    axes.legend(
        list(keys.values()),
        words,
        title=named[sources.pop()].title if alone else None,
        title_fontsize=8,
        alignment="left",
        loc="upper left",
        bbox_to_anchor=(0, 0),
        borderaxespad=4.2,
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
    """Densities of Q, and AUC by share of corrupted pictures, and of how many pictures."""
    density = read_table(job.results.mixture_density, MIXTURE_DENSITY)
    table = read_table(job.results.table("mixtures"), MIXTURE_AUC)
    pictures = _said(density, "pictures")
    return [
        FigureWords(
            "mixture_density",
            "fig21",
            "Densities of the metrics and the zero-shot scores, a line per share of corrupted "
            "pictures",
            f"Figure 21. Kernel density of Q in one draw of each variant{pictures}, a line per "
            "share of corrupted pictures: metrics and zero-shot scores.",
            "21",
            "quality by share of corrupted pictures",
        ),
        FigureWords(
            "mixture_density_strong",
            "fig21-strong",
            "Densities of the networks' confidence, a line per share of corrupted pictures",
            f"Figure 21, the networks' confidence{pictures}.",
        ),
        FigureWords(
            "mixture_auc",
            "fig22",
            "AUC by share of corrupted pictures",
            "Figure 22. AUC of P(M=1|Q) by the share of corrupted pictures"
            f"{_said(table, 'held-out pictures')}. {_draws(table)}",
            "22",
            "AUC by share of corrupted pictures",
        ),
    ]


def _pictures(table: pl.DataFrame) -> int:
    """Of how many it is, at most."""
    return max(table["n_pictures"].unique().to_list(), default=0)


def _said(table: pl.DataFrame, units: str) -> str:
    """``, of 40 pictures``, or why they are too few."""
    if table.is_empty():
        return ""
    counts = table["n_pictures"].unique().to_list()
    few = too_few(max(counts), PICTURES, units)
    return f" ({few})" if few else f", of {span(counts, units)}"
