"""What a causal graph implies: d-separation through networkx, and an open path as its witness.

References: Pearl, Causality, 2nd ed., 1.2.3; for deterministic nodes Geiger, Verma and Pearl 1990,
Networks 20:507.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise

import networkx as nx


def d_separated(graph: nx.DiGraph, x: str, y: str, given: Collection[str]) -> bool:
    """Whether ``given`` blocks every path between x and y, so that they are independent."""
    separated: bool = nx.is_d_separator(graph, {x}, {y}, set(given))
    return separated


def active_path(graph: nx.DiGraph, x: str, y: str, given: Collection[str]) -> list[str] | None:
    """A shortest path between x and y that ``given`` leaves open; None where it leaves none."""
    if d_separated(graph, x, y, given):
        return None
    openers = _ancestors(graph, given)
    # Paths come by length, so that the first open one is the shortest witness.
    for path in nx.shortest_simple_paths(graph.to_undirected(), x, y):
        if _is_open(graph, path, set(given), openers):
            return [str(node) for node in path]
    raise AssertionError(f"{x} and {y} are dependent, yet no path between them is open")


def _ancestors(graph: nx.DiGraph, nodes: Iterable[str]) -> set[str]:
    """The nodes and all that has a directed path to one of them."""
    return {above for node in nodes for above in {node, *nx.ancestors(graph, node)}}


def _is_open(graph: nx.DiGraph, path: Sequence[str], given: set[str], openers: set[str]) -> bool:
    """Colliders must be in ``openers``, which reach what is given; all others not be given."""
    return all(
        middle in openers if _collides(graph, left, middle, right) else middle not in given
        for left, middle, right in zip(path, path[1:], path[2:], strict=False)
    )


def _collides(graph: nx.DiGraph, left: str, middle: str, right: str) -> bool:
    return {left, right} <= set(graph.predecessors(middle))


def write_path(graph: nx.DiGraph, path: Sequence[str], given: Collection[str]) -> str:
    """``Q -> [T] <- Y -> M``: a path in words, what is given in brackets."""
    parts = [path[0]]
    for left, right in pairwise(path):
        parts.append("->" if graph.has_edge(left, right) else "<-")
        parts.append(f"[{right}]" if right in given else right)
    return " ".join(parts)


def determined(
    graph: nx.DiGraph, deterministic: Collection[str], given: Collection[str]
) -> set[str]:
    """``given`` and every node whose value it fixes.

    A node without noise is fixed once all its parents are; one without parents is constant.
    """
    fixed = set(given)
    # Causes first: whether a node is fixed is settled by its parents.
    for node in nx.topological_sort(graph):
        if node in deterministic and fixed.issuperset(graph.predecessors(node)):
            fixed.add(node)
    return fixed


def separated_without_noise(
    graph: nx.DiGraph, deterministic: Collection[str], x: str, y: str, given: Collection[str]
) -> bool:
    """``d_separated`` where the nodes ``deterministic`` are functions of their parents.

    Conditioning on a value conditions on all that follows from it; a constant depends on nothing.
    """
    fixed = determined(graph, deterministic, given)
    # In this order: networkx refuses x or y among what is given.
    return x in fixed or y in fixed or d_separated(graph, x, y, fixed)


def may_affect(graph: nx.DiGraph, cause: str, effect: str) -> bool:
    """Whether a directed path leads from cause to effect; without one the effect is 0."""
    reachable: bool = nx.has_path(graph, cause, effect)
    return reachable
