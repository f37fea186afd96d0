"""d-separation against paths blocked by hand and against covariances of linear models."""

from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import ROOT

from causal_iqa.analyses.dags.graphs import read_dag
from causal_iqa.analyses.dags.separation import (
    active_path,
    d_separated,
    determined,
    may_affect,
    separated_without_noise,
    write_path,
)

DAGS = ROOT / "resources" / "dags"


@st.composite
def questions(draw) -> tuple[nx.DiGraph, str, str, set[str]]:
    """A graph of 2 to 6 nodes, two of them, and a set of others."""
    names = draw(st.permutations([f"V{k}" for k in range(draw(st.integers(2, 6)))]))
    graph = nx.DiGraph()
    graph.add_nodes_from(names)
    graph.add_edges_from(edge for edge in combinations(names, 2) if draw(st.booleans()))
    x, y, *others = draw(st.permutations(names))
    return graph, x, y, {name for name in others if draw(st.booleans())}


def paths(graph: nx.DiGraph, path: list[str], end: str):
    """Every way from the end of ``path`` to ``end`` along edges of either direction."""
    if path[-1] == end:
        yield path
        return
    for node in graph:
        if node not in path and (graph.has_edge(path[-1], node) or graph.has_edge(node, path[-1])):
            yield from paths(graph, [*path, node], end)


def blocked(graph: nx.DiGraph, path: list[str], z: set[str]) -> bool:
    """Pearl's definition 1.2.3, word for word."""
    for i, m, j in zip(path, path[1:], path[2:], strict=False):
        inverted_fork = graph.has_edge(i, m) and graph.has_edge(j, m)
        if not inverted_fork and m in z:
            return True
        if inverted_fork and m not in z and not (nx.descendants(graph, m) & z):
            return True
    return False


@settings(deadline=None, max_examples=300)
@given(questions())
def test_separated_where_every_path_is_blocked(question) -> None:
    graph, x, y, z = question
    every = list(paths(graph, [x], y))
    assert d_separated(graph, x, y, z) == all(blocked(graph, path, z) for path in every)
    witness = active_path(graph, x, y, z)
    if witness is None:
        assert all(blocked(graph, path, z) for path in every)
    else:
        open_lengths = [len(path) for path in every if not blocked(graph, path, z)]
        assert witness in every
        assert not blocked(graph, witness, z)
        assert len(witness) == min(open_lengths)


def partial_covariance(graph, noise, x, y, z) -> float:
    """Of a linear model with random coefficients, x and y given z; ``noise``: a variance a node."""
    nodes = list(graph)
    rng = np.random.default_rng(0)
    weights = np.zeros((len(nodes),) * 2)
    for a, b in graph.edges:
        weights[nodes.index(b), nodes.index(a)] = rng.uniform(0.5, 1.5)
    spread = np.linalg.inv(np.eye(len(nodes)) - weights)
    covariance = spread @ np.diag([noise(node) for node in nodes]) @ spread.T
    i, j, k = [nodes.index(x)], [nodes.index(y)], [nodes.index(node) for node in sorted(z)]
    explained = (
        covariance[np.ix_(i, k)]
        @ np.linalg.pinv(covariance[np.ix_(k, k)], rcond=1e-9, hermitian=True)
        @ covariance[np.ix_(k, j)]
        if k
        else 0.0
    )
    return float(np.squeeze(covariance[np.ix_(i, j)] - explained))


@settings(deadline=None, max_examples=300)
@given(questions())
def test_separated_where_linear_models_have_no_partial_covariance(question) -> None:
    graph, x, y, z = question
    value = partial_covariance(graph, lambda node: 1.0, x, y, z)
    assert d_separated(graph, x, y, z) == (abs(value) < 1e-9)


@settings(deadline=None, max_examples=300)
@given(questions(), st.sets(st.integers(0, 5)))
def test_separation_without_noise_is_sound(question, numbers) -> None:
    graph, x, y, z = question
    functions = {f"V{k}" for k in numbers} & set(graph)
    separated = separated_without_noise(graph, functions, x, y, z)
    if separated:
        value = partial_covariance(graph, lambda node: float(node not in functions), x, y, z)
        assert abs(value) < 1e-6
    assert separated or not d_separated(graph, x, y, z)


def test_what_follows_from_what_is_given() -> None:
    graph = nx.DiGraph([("X", "Z"), ("X", "Y"), ("Z", "Q"), ("H", "Q"), ("Q", "T")])
    assert determined(graph, {"Z", "Q", "T"}, {"X"}) == {"X", "Z"}
    assert determined(graph, {"Z", "Q", "T"}, {"X", "H"}) == {"X", "H", "Z", "Q", "T"}
    assert determined(graph, {"H"}, set()) == {"H"}
    assert separated_without_noise(graph, {"Z"}, "Q", "Y", {"X"})
    assert not separated_without_noise(graph, {"Z"}, "Q", "H", {"X"})
    # Y is no function of X, but Q's source Z is, so it is the given X that blocks
    assert separated_without_noise(graph, {"X"}, "Q", "Y", set())


def test_a_path_is_written_with_its_arrows() -> None:
    graph = nx.DiGraph([("Q", "T"), ("Y", "T"), ("Y", "M")])
    path = active_path(graph, "Q", "M", {"T"})
    assert write_path(graph, path, {"T"}) == "Q -> [T] <- Y -> M"
    assert active_path(graph, "Q", "M", set()) is None


def test_a_collider_is_open_where_something_that_follows_from_it_is_given() -> None:
    graph = nx.DiGraph([("Q", "T"), ("M", "T"), ("T", "U"), ("U", "V")])
    assert active_path(graph, "Q", "M", {"V"}) == ["Q", "T", "M"]
    assert active_path(graph, "Q", "M", set()) is None


def test_an_effect_needs_a_directed_path() -> None:
    graph = nx.DiGraph([("Z", "Q"), ("Z", "M")])
    assert not may_affect(graph, "Q", "M")
    graph.add_edge("Q", "W")
    graph.add_edge("W", "M")
    assert may_affect(graph, "Q", "M")
    assert not may_affect(graph, "M", "Q")


FACTS = [
    ("fig02_baseline", "", False),
    ("fig02_baseline", "X", True),
    ("fig01_shared_features", "X", False),
    ("fig01_shared_features", "X Z", True),
    ("fig04_strong_guidance", "X", False),
    ("fig04_two_networks", "X", True),
    ("fig09_separate_features", "X", True),
    ("fig08_full_reference", "X", True),
    ("fig08_no_reference", "X", True),
    ("fig10_common_corruptions", "X", True),
    ("fig10_common_corruptions", "X0", False),
    ("fig07_task_as_collider", "X", True),
    ("fig07_task_as_collider", "X T", False),
    ("fig07_task_as_collider", "X T Y", True),
    ("fig07_task_as_fork", "X", False),
    ("fig07_task_as_fork", "X T", True),
]


@pytest.mark.parametrize(("dag", "z", "separated"), FACTS)
def test_the_notes_facts_of_q_and_m(dag: str, z: str, separated: bool) -> None:
    graph = read_dag(DAGS / f"{dag}.yaml").graph()
    assert d_separated(graph, "Q", "M", z.split()) is separated


def test_no_subset_of_what_is_recorded_separates_q_and_m_in_figure_10() -> None:
    graph = read_dag(DAGS / "fig10_common_corruptions.yaml").graph()
    recorded = ("X0", "C", "S", "Y")
    subsets = [z for size in range(5) for z in combinations(recorded, size)]
    assert len(subsets) == 16
    assert not any(nx.is_d_separator(graph, {"Q"}, {"M"}, set(z)) for z in subsets)


def test_a_label_of_the_clean_picture_opens_the_full_reference_case_alone() -> None:
    for dag, separated in (("fig08_full_reference", False), ("fig10_common_corruptions", True)):
        graph = read_dag(DAGS / f"{dag}.yaml").graph()
        graph.remove_edge("X", "Y")
        graph.add_edge("X0", "Y")
        assert d_separated(graph, "Q", "M", {"X"}) is separated
