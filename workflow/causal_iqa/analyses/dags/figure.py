"""Causal graphs as figures: layers from causes to effects, a circle per variable."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, FancyArrowPatch, Patch, Rectangle

from causal_iqa.analyses.dags.graphs import Dag, Node, read_dags
from causal_iqa.analyses.dags.layout import Edge, Point, arc, bends, place
from causal_iqa.analyses.dags.schema import DAG_CLAIMS
from causal_iqa.analyses.registry import Job, Look
from causal_iqa.core.contract import read_table
from causal_iqa.report.drawing.figures import drawing, fit, key_below, new_panels, save
from causal_iqa.report.figure_words import FigureWords

RADIUS = 0.23
"""Inches; the unit of all places here."""
ACROSS, DOWN = 1.35, 0.95
"""Inches between layers, and between the nodes of a layer."""
CLEAR, WORDS = 0.4, 0.09
"""Room about a node and its words: radius of a disc, and how far it lies below the node."""
BESIDE, ABOVE, BELOW, NEAR = 0.5, 0.4, 0.6, 0.15
"""Inches about the outermost nodes' middles, words among them, and about bent edges."""
NARROWEST = 4.0
"""Inches."""
INK, QUIET = "#222222", "#777777"
_FILL = {"observed": "#E8EEF4", "latent": "white", "selection": "#F6E3D3"}


def write_dag_figure(dag: Dag, stem: Path, style: str, dpi: int) -> list[Path]:
    """Write the graph as ``stem``.svg and ``stem``.png; returns their paths."""
    with drawing(style):
        return save(dag_figure(dag), stem, dpi)


def dag_figure(dag: Dag) -> Figure:
    """The graph from left (causes) to right (effects). Call inside ``drawing``."""
    places = {name: (x * ACROSS, y * DOWN) for name, (x, y) in _steps(dag).items()}
    pairs = [(edge.source, edge.target) for edge in dag.edges]
    bent = list(bends(pairs, places, CLEAR, WORDS))
    figure, (axes,) = new_panels(1, 1, 1)
    axes.set_axis_off()
    size = _set_limits(axes, places, zip(pairs, bent, strict=True))
    _edges(axes, dag, places, bent)
    for node in dag.nodes:
        _node(axes, node, places[node.name])
    title = textwrap.fill(dag_title(dag), 52)
    axes.set_title(title, loc="left", weight="bold", size=9.5, y=1, pad=2)
    handles, words = zip(*_keys(dag), strict=True)
    key_below(figure, handles, words, "", columns=1)
    return fit(figure, *size)


def _steps(dag: Dag) -> dict[str, Point]:
    """Where the graph's file puts its nodes, else where ``place`` does."""
    given = {node.name: node.at for node in dag.nodes if node.at is not None}
    return given or place(dag.graph())


def _set_limits(
    axes: Axes, places: dict[str, Point], bent: Iterable[tuple[Edge, float]]
) -> tuple[float, float]:
    """Room for nodes, words and bent edges; returns its width and height."""
    xs, ys = zip(*places.values(), strict=True)
    on_edges = [y for (a, b), bend in bent for _, y in arc(places[a], places[b], bend)]
    low = min([min(ys) - BELOW, *(y - NEAR for y in on_edges)])
    high = max([max(ys) + ABOVE, *(y + NEAR for y in on_edges)])
    width = max(max(xs) - min(xs) + 2 * BESIDE, NARROWEST)
    middle = (max(xs) + min(xs)) / 2
    axes.set_xlim(middle - width / 2, middle + width / 2)
    axes.set_ylim(low, high)
    return width, high - low


def dag_title(dag: Dag) -> str:
    """``Figure 7, T as fork: Weak task guidance``."""
    place_in_paper = f"Figure {dag.figure}" if dag.figure else dag.id
    named = ", ".join(filter(None, [place_in_paper, dag.reading]))
    return f"{named}: {dag.title}"


def _edges(axes: Axes, dag: Dag, places: dict[str, Point], bent: Sequence[float]) -> None:
    """Arrows, curved where a straight one would run into a node; inferred ones dashed."""
    for edge, bend in zip(dag.edges, bent, strict=True):
        axes.add_patch(
            FancyArrowPatch(
                places[edge.source],
                places[edge.target],
                connectionstyle=f"arc3,rad={bend}",
                arrowstyle="-|>,head_length=5,head_width=2.6",
                # points: 72 an inch, and a little air before the head
                shrinkA=RADIUS * 72,
                shrinkB=RADIUS * 72 + 2.5,
                mutation_scale=1,
                linewidth=1.1,
                linestyle="-" if edge.stated else (0, (4, 2.5)),
                color=INK if edge.stated else QUIET,
                zorder=1,
            )
        )


def _node(axes: Axes, node: Node, at: Point) -> None:
    """The sign of a node's kind, its name within and its words below."""
    x, y = at
    look: dict[str, Any] = {
        "facecolor": _FILL[node.kind],
        "edgecolor": INK,
        "linewidth": 1.1,
        "zorder": 2,
    }
    # A square within a square: told from the circles without its colour.
    if node.kind == "selection":
        for half in (RADIUS, RADIUS * 0.84):
            square = Rectangle((x - half, y - half), 2 * half, 2 * half, **look)
            axes.add_patch(square)
    else:
        dashes = (0, (3, 2)) if node.kind == "latent" else "-"
        axes.add_patch(Circle(at, RADIUS, linestyle=dashes, **look))
    axes.text(x, y, node.label or node.name, ha="center", va="center", size=9.5, zorder=3)
    axes.text(
        x,
        y - RADIUS - 0.04,
        textwrap.fill(node.words, 12),
        ha="center",
        va="top",
        size=6.5,
        color=INK,
        linespacing=1.05,
        zorder=3,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85},
    )


def _keys(dag: Dag) -> list[tuple[Patch | Line2D, str]]:
    """What the signs in this graph mean; those that it lacks are left out."""
    kinds = {node.kind for node in dag.nodes}
    keys: list[tuple[Patch | Line2D, str]] = []
    if "latent" in kinds:
        keys.append((Patch(facecolor="white", edgecolor=INK, linestyle="--"), "latent"))
    if "selection" in kinds:
        keys.append((Patch(facecolor=_FILL["selection"], edgecolor=INK), "selection variable"))
    if any(edge.stated for edge in dag.edges):
        keys.append((Line2D([], [], color=INK, linewidth=1.1), "edge stated in the paper's text"))
    if any(edge.inferred for edge in dag.edges):
        dashed = Line2D([], [], color=QUIET, linewidth=1.1, linestyle=(0, (4, 2.5)))
        keys.append((dashed, "edge inferred, with the reason in the graph's file"))
    return keys


def draw(job: Job, look: Look) -> None:
    """A drawing per graph."""
    for dag in read_dags([Path(job.settings["paper.dags"])]):
        write_dag_figure(dag, job.results.figures / "dags" / dag.id, *look)


def on_page(job: Job) -> list[FigureWords]:
    """The drawings of the graphs that have claims, in the order of the paper's figures."""
    claims = read_table(job.results.table("dag_claims"), DAG_CLAIMS)
    shown = []
    for (dag, number, reading), rows in claims.group_by(
        "dag", "figure", "reading", maintain_order=True
    ):
        agree = int(rows["agree"].sum())
        read = f" Reading: {reading}." if reading else ""
        figure = f"Figure {number}. " if number else ""
        caption = f"{figure}{agree} of the {rows.height} claims agree with the graph.{read}"
        shown.append(
            FigureWords(
                f"dags/{dag}", str(dag), f"Causal graph {dag}", caption, str(number), "causal graph"
            )
        )
    return shown
