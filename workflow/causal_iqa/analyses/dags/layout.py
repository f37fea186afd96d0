"""Where the nodes of a small causal graph stand, and which of its edges must bend."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations, permutations

import networkx as nx

Point = tuple[float, float]
Edge = tuple[str, str]

ROUNDS = 4
"""Passes over the layers; small graphs settle in two."""
WIDEST = 6
"""Nodes of a layer up to which all orders are tried: 720."""
BENDS = (0.0, 0.1, -0.1, 0.18, -0.18, 0.3, -0.3, 0.42, -0.42)
"""How far an edge may bend, in lengths of the edge, in the order in which they are tried."""


def place(graph: nx.DiGraph) -> dict[str, Point]:
    """A place (layer, height) for every node, in steps.

    A node stands one layer right of its last cause, and a root as far right as it can. The order
    within the layers is that which crosses and stretches the edges least; layer by layer,
    always in the same order, so the same graph gives the same places.
    """
    layers = _layers(graph)
    best = _cost(graph, layers)
    for _ in range(ROUNDS):
        for k, layer in enumerate(layers):
            orders = permutations(sorted(layer)) if len(layer) <= WIDEST else iter([layer])
            for order in orders:
                tried = [*layers[:k], list(order), *layers[k + 1 :]]
                cost = _cost(graph, tried)
                if cost < best - 1e-9:
                    best, layers = cost, tried
    return _places(layers)


def _layers(graph: nx.DiGraph) -> list[list[str]]:
    depth: dict[str, int] = {}
    for node in nx.topological_sort(graph):
        depth[node] = 1 + max((depth[cause] for cause in graph.predecessors(node)), default=-1)
    for root in [node for node in graph if not graph.in_degree(node)]:
        depth[root] = min((depth[effect] for effect in graph.successors(root)), default=1) - 1
    return [[n for n in graph if depth[n] == k] for k in range(max(depth.values()) + 1)]


def _places(layers: Sequence[Sequence[str]]) -> dict[str, Point]:
    return {
        node: (float(k), (len(layer) - 1) / 2 - row)
        for k, layer in enumerate(layers)
        for row, node in enumerate(layer)
    }


def _cost(graph: nx.DiGraph, layers: Sequence[Sequence[str]]) -> float:
    """Steps that the edges climb, and much more for each crossing of two."""
    places = _places(layers)
    edges = list(graph.edges)
    climbed = sum(abs(places[a][1] - places[b][1]) for a, b in edges)
    return climbed + 4 * sum(_cross(e, other, places) for e, other in combinations(edges, 2))


def _arc(start: Point, end: Point, bend: float) -> list[Point]:
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


def _cross(one: Edge, other: Edge, places: dict[str, Point]) -> bool:
    """Whether two straight edges without a common end cross."""
    if set(one) & set(other):
        return False
    (a, b), (c, d) = ((places[s], places[t]) for s, t in (one, other))
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def bends(
    edges: Sequence[Edge], places: dict[str, Point], clear: float, drop: float
) -> Iterator[float]:
    """For each edge the least bend that keeps it ``clear`` of other nodes, else the clearest.

    A node and the words below it are taken as one disc, whose centre is ``drop`` below the node's.
    """
    discs = {name: (x, y - drop) for name, (x, y) in places.items()}
    for edge in edges:
        start, end = (places[name] for name in edge)
        room = {bend: _clearance(_arc(start, end, bend), edge, discs) for bend in BENDS}
        yield next((b for b in BENDS if room[b] >= clear), max(BENDS, key=lambda b: room[b]))
