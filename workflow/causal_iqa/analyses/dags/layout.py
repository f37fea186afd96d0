"""Where the nodes of a small causal graph stand, and which of its edges must bend."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import fmean

import networkx as nx

Point = tuple[float, float]
Edge = tuple[str, str]

# Ever larger ones, to both sides in turn, so that an edge bends no more than it must.
BENDS = (0.0, 0.1, -0.1, 0.18, -0.18, 0.3, -0.3, 0.42, -0.42)
"""How far an edge may bend, in lengths of the edge, in the order in which they are tried."""


def place(graph: nx.DiGraph) -> dict[str, Point]:
    """A place (layer, height) in steps for every node of a graph whose file has none.

    A node stands one layer right of its last cause; within a layer, in the order of the causes.
    """
    places: dict[str, Point] = {}
    for x, layer in enumerate(nx.topological_generations(graph)):
        # At the mean height of its causes, which keeps edges from crossing.
        heights = {
            node: fmean([places[cause][1] for cause in graph.predecessors(node)] or [0.0])
            for node in layer
        }
        for row, node in enumerate(sorted(layer, key=lambda node: -heights[node])):
            places[node] = (float(x), (len(layer) - 1) / 2 - row)
    return places


def arc(start: Point, end: Point, bend: float) -> list[Point]:
    """Points on matplotlib's ``arc3``: a quadratic Bezier curve, 25 points."""
    (x0, y0), (x2, y2) = start, end
    x1 = (x0 + x2) / 2 + bend * (y2 - y0)
    y1 = (y0 + y2) / 2 - bend * (x2 - x0)
    steps = [k / 24 for k in range(25)]
    return [
        (
            (1 - t) ** 2 * x0 + 2 * t * (1 - t) * x1 + t**2 * x2,
            (1 - t) ** 2 * y0 + 2 * t * (1 - t) * y1 + t**2 * y2,
        )
        for t in steps
    ]


def _clearance(arc: Sequence[Point], edge: Edge, places: dict[str, Point]) -> float:
    """Distance from an arc to the nearest node that is not one of its ends."""
    others = [at for node, at in places.items() if node not in edge]
    return min((math.dist(point, at) for at in others for point in arc), default=math.inf)


def bends(
    edges: Sequence[Edge], places: dict[str, Point], clear: float, drop: float
) -> Iterator[float]:
    """For each edge the least bend that keeps it ``clear`` of other nodes, else the clearest.

    A node and the words below it are taken as one disc, whose centre is ``drop`` below the node's.
    """
    discs = {name: (x, y - drop) for name, (x, y) in places.items()}
    for edge in edges:
        start, end = (places[name] for name in edge)
        room = {bend: _clearance(arc(start, end, bend), edge, discs) for bend in BENDS}
        yield next((b for b in BENDS if room[b] >= clear), max(BENDS, key=lambda b: room[b]))
