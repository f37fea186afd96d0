"""Figures of the graphs: every node and edge, nothing on top of each other, the same bytes."""

import math
from itertools import combinations
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from matplotlib.patches import Circle, FancyArrowPatch, Rectangle
from samples import ROOT

from causal_iqa.analyses.dags.figure import RADIUS, dag_figure, dag_title, write_dag_figure
from causal_iqa.analyses.dags.graphs import Dag, read_dags
from causal_iqa.analyses.dags.layout import bends, place
from causal_iqa.report.drawing.figures import drawing

DAGS = {dag.id: dag for dag in read_dags([ROOT / "resources" / "dags"])}


@pytest.mark.parametrize("name", DAGS)
def test_every_node_and_edge_once_each_in_its_kind(name: str) -> None:
    dag = DAGS[name]
    with drawing("white"):
        axes = dag_figure(dag).axes[0]
    kinds = [node.kind for node in dag.nodes]
    circles = [patch for patch in axes.patches if isinstance(patch, Circle)]
    dashed = [circle for circle in circles if circle.get_linestyle() != "-"]
    squares = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    arrows = [patch for patch in axes.patches if isinstance(patch, FancyArrowPatch)]
    assert len(circles) == len(kinds) - kinds.count("selection")
    assert len(dashed) == kinds.count("latent")
    assert len(squares) == 2 * kinds.count("selection")
    quiet = [arrow for arrow in arrows if arrow.get_linestyle() != "-"]
    assert len(arrows) == len(dag.edges)
    assert len(quiet) == sum(edge.inferred is not None for edge in dag.edges)
    written = {text.get_text() for text in axes.texts}
    assert {node.label or node.name for node in dag.nodes} <= written


@pytest.mark.parametrize("name", DAGS)
def test_nothing_touches(name: str) -> None:
    """Arrows keep off nodes that are not their ends; texts off each other and off arrows."""
    with drawing("white"):
        figure = dag_figure(DAGS[name])
        axes = figure.axes[0]
        figure.canvas.draw()
    centres = [
        (text.get_position(), text)
        for text in axes.texts
        if text.get_verticalalignment() == "center"
    ]
    assert len(centres) == len(DAGS[name].nodes)
    for (one, _), (other, _) in combinations(centres, 2):
        assert math.dist(one, other) > 3 * RADIUS
    words = [t.get_window_extent() for t in axes.texts if t.get_verticalalignment() == "top"]
    for arrow in (patch for patch in axes.patches if isinstance(patch, FancyArrowPatch)):
        ends = arrow._posA_posB
        start, bow, end = arrow.get_path().vertices[:3]
        steps = np.linspace(0, 1, 100)[:, None]
        line = (1 - steps) ** 2 * start + 2 * steps * (1 - steps) * bow + steps**2 * end
        passed = [at for at, _ in centres if at not in ends]
        assert all(math.dist(point, at) > 1.3 * RADIUS for point in line for at in passed)
        trace = axes.transData.transform(line)
        assert not any(box.contains(*point) for point in trace for box in words)
    boxes = [text.get_window_extent() for text in axes.texts]
    boxes += [text.get_window_extent() for text in figure.texts]
    boxes.append(axes._left_title.get_window_extent())
    boxes += [text.get_window_extent() for text in figure.legends[0].get_texts()]
    for one, other in combinations(boxes, 2):
        assert not one.overlaps(other)
    arcs = [p for p in axes.patches if isinstance(p, FancyArrowPatch)]
    assert not any(
        axes._left_title.get_window_extent().overlaps(p.get_window_extent()) for p in arcs
    )
    page = figure.bbox
    assert all(page.x0 <= b.x0 and b.x1 <= page.x1 and page.y0 <= b.y0 for b in boxes)
    assert all(b.y1 <= page.y1 for b in boxes)


def test_causes_stand_left_of_effects_and_places_repeat() -> None:
    for dag in DAGS.values():
        given = {node.name: node.at for node in dag.nodes}
        for places in (given, place(dag.graph())):
            assert all(places[edge.source][0] < places[edge.target][0] for edge in dag.edges)
            assert len(set(places.values())) == len(dag.nodes)
        assert place(dag.graph()) == place(dag.graph())


def test_nodes_stand_where_the_file_says() -> None:
    raw = DAGS["fig02_baseline"].model_dump(by_alias=True)
    for node in raw["nodes"]:
        node["at"] = (node["at"][0], -2 * node["at"][1])
    with drawing("white"):
        axes = dag_figure(Dag.model_validate(raw)).axes[0]
    at = {text.get_text(): text.get_position() for text in axes.texts}
    assert at["Q"][1] - at["Ŷ"][1] == pytest.approx(at["Ŷ"][1] - at["Y"][1])
    assert at["Q"][1] > at["Y"][1] and at["Q"][0] == at["Y"][0]


def test_a_graph_without_places_is_drawn() -> None:
    raw = DAGS["fig10_common_corruptions"].model_dump(by_alias=True)
    for node in raw["nodes"]:
        del node["at"]
    with drawing("white"):
        axes = dag_figure(Dag.model_validate(raw)).axes[0]
    assert len({text.get_position() for text in axes.texts}) == 2 * len(raw["nodes"])


def test_an_edge_bends_round_a_node_in_its_way() -> None:
    places = {"A": (0.0, 0.0), "B": (1.0, 0.0), "C": (2.0, 0.0)}
    straight, bent = bends([("A", "B"), ("A", "C")], places, 0.25, 0.0)
    assert straight == 0 and bent != 0


def test_edges_that_need_not_cross_do_not() -> None:
    graph = nx.DiGraph()
    graph.add_nodes_from(f"V{k}" for k in range(6))
    graph.add_edges_from([("V0", "V1"), ("V0", "V5"), ("V3", "V4")])
    height = {name: y for name, (_, y) in place(graph).items()}
    above = height["V0"] > height["V3"]
    assert (height["V1"] > height["V4"]) == (height["V5"] > height["V4"]) == above


def test_wide_layers_and_lone_nodes_are_placed() -> None:
    graph = nx.DiGraph([("A", f"B{k}") for k in range(9)])
    graph.add_node("alone")
    places = place(graph)
    assert len(set(places.values())) == 11


def test_files_and_their_bytes(tmp_path: Path) -> None:
    dag = DAGS["fig07_task_as_fork"]
    assert dag_title(dag) == "Figure 7, T as fork: Weak task guidance"
    own = Dag.model_validate(
        {**dag.model_dump(by_alias=True), "id": "mine", "figure": "", "reading": ""}
    )
    assert dag_title(own) == "mine: Weak task guidance"
    first = write_dag_figure(dag, tmp_path / "a" / dag.id, "white", 80)
    second = write_dag_figure(dag, tmp_path / "b" / dag.id, "white", 80)
    assert [file.name for file in first] == ["fig07_task_as_fork.svg", "fig07_task_as_fork.png"]
    assert [f.read_bytes() for f in first] == [f.read_bytes() for f in second]
