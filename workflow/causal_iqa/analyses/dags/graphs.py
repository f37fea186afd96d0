"""Causal graphs as YAML files: typed, checked, and each edge and claim with its grounds.

A folder of YAML files is a set of graphs; ``resources/dags`` holds the paper's. A user's own graph
is one more file. ``workflow/schemas/dag.schema.json`` is made from these models.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias

import networkx as nx
import pydantic
from pydantic import BaseModel, ConfigDict, Field

from causal_iqa.core.config_faults import explain
from causal_iqa.core.errors import UserError, nearest
from causal_iqa.core.yaml_files import read_yaml

NAME = r"^[A-Za-z][A-Za-z0-9_]*$"
Place: TypeAlias = tuple[pydantic.FiniteFloat, pydantic.FiniteFloat]


class Section(BaseModel):
    """A part of a file; a key that is not named here is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Grounded(Section):
    """Something that the paper says, or that was inferred from what it says."""

    stated: str | None = Field(None, description="the paper's sentence, ... for what is left out")
    where: str | None = Field(None, description="where the sentence stands, as 4.2 or Appendix B")
    inferred: str | None = Field(None, description="why, where the paper does not say so itself")

    @pydantic.model_validator(mode="after")
    def _one_ground(self) -> Grounded:
        if (self.stated is None) == (self.inferred is None):
            raise ValueError("needs either stated (a sentence) or inferred (a reason)")
        if self.stated is not None and self.where is None:
            raise ValueError("stated needs where: the place of the sentence")
        return self


class Node(Section):
    """A variable."""

    name: str = Field(pattern=NAME, description="as edges and claims call it")
    kind: Literal["observed", "latent", "selection"] = Field(
        description="selection: a variable whose value decides what is in the data"
    )
    words: str = Field(min_length=1, description="what it is, in plain words")
    at: Place | None = Field(
        None,
        description="where figures put it: steps to the right, steps up; for all nodes or for none",
    )
    label: str | None = Field(None, description="as figures write it; null: the name")
    deterministic: str | None = Field(
        None, description="why it is a function of its parents without noise; null: it is not"
    )


class Edge(Grounded):
    """A direct causal influence."""

    model_config = ConfigDict(validate_by_name=True)

    source: str = Field(alias="from", description="the cause's name")
    target: str = Field(alias="to", description="the effect's name")


class GraphClaim(Grounded):
    """A claim about two variables of the graph."""

    says: Literal["independent", "dependent", "no_effect"] = Field(
        description="no_effect: the average causal effect of the first on the second is 0"
    )
    of: tuple[str, str] = Field(description="the two variables")
    given: tuple[str, ...] = Field((), description="what is conditioned on")
    note: str = Field("", description="what a reader of the table must know")

    @pydantic.model_validator(mode="after")
    def _sensible(self) -> GraphClaim:
        names = [*self.of, *self.given]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"{name} stands more than once in of and given")
        if self.says == "no_effect" and self.given:
            raise ValueError("no_effect takes no given")
        return self


class Dag(Section):
    """A causal graph and what the paper claims of it."""

    id: str = Field(pattern=NAME, description="the file's name without .yaml")
    figure: str = Field(description="number of the paper's figure; '' for a graph of your own")
    title: str = Field(min_length=1)
    reading: str = Field("", description="which reading of an ambiguous figure this is")
    nodes: tuple[Node, ...] = Field(min_length=1)
    edges: tuple[Edge, ...]
    claims: tuple[GraphClaim, ...] = ()

    def graph(self, *, inferred: bool = True) -> nx.DiGraph:
        """Nodes and edges by name; ``inferred=False`` leaves out the edges that are inferred."""
        graph = nx.DiGraph()
        graph.add_nodes_from(node.name for node in self.nodes)
        graph.add_edges_from(
            (edge.source, edge.target) for edge in self.edges if inferred or edge.stated
        )
        return graph

    def deterministic(self) -> frozenset[str]:
        """Names of the nodes that are functions of their parents without noise."""
        return frozenset(node.name for node in self.nodes if node.deterministic)


def read_dags(folders: Sequence[Path]) -> list[Dag]:
    """The graphs of all ``*.yaml`` in the folders, folder by folder, sorted by file name.

    Raises UserError where a folder is missing or holds none, where a file is faulty (with every
    fault), or where two files have the same name.
    """
    dags: dict[str, Dag] = {}
    for folder in folders:
        files = sorted(folder.glob("*.yaml"))
        if not files:
            raise UserError(f"{folder}: no .yaml file with a causal graph is there")
        for file in files:
            if file.stem in dags:
                raise UserError(f"{file}: a graph named {file.stem} was already read; rename one")
            dags[file.stem] = read_dag(file)
    return list(dags.values())


def read_dag(file: Path) -> Dag:
    """One graph. Raises UserError with the file and a line for each fault."""
    try:
        dag = Dag.model_validate(read_yaml(file))
    except pydantic.ValidationError as error:
        # from None: pydantic's own words would stand above ours.
        raise _faulty(file, explain(error, Dag)) from None
    if faults := [*_faults(dag, file.stem)]:
        raise _faulty(file, faults)
    return dag


def _faulty(file: Path, faults: Sequence[str]) -> UserError:
    lines = "".join(f"\n  {fault}" for fault in faults)
    return UserError(f"{file} has {len(faults)} fault(s):{lines}")


def _faults(dag: Dag, stem: str) -> Iterator[str]:
    """What is wrong with a graph whose keys and types are right."""
    if dag.id != stem:
        yield f"id: {dag.id!r} differs from the file's name {stem!r}; make them equal"
    names = [node.name for node in dag.nodes]
    for name in _twice(names):
        yield f"nodes: {name} stands more than once"
    places = [node.at for node in dag.nodes if node.at is not None]
    if places and (lacking := [node.name for node in dag.nodes if node.at is None]):
        yield f"nodes: {', '.join(lacking)} without at; give it to all nodes or to none"
    for x, y in _twice(places):
        yield f"nodes: more than one is at [{x:g}, {y:g}]"
    used = [
        *((f"edges.{k}", n) for k, e in enumerate(dag.edges) for n in (e.source, e.target)),
        *((f"claims.{k}", n) for k, c in enumerate(dag.claims) for n in (*c.of, *c.given)),
    ]
    for where, name in used:
        if name not in names:
            yield f"{where}: unknown node {name!r}; {nearest(name, names)}"
    for source, target in _twice((edge.source, edge.target) for edge in dag.edges):
        yield f"edges: {source} -> {target} stands more than once"
    try:
        cycle = [source for source, _ in nx.find_cycle(dag.graph())]
    except nx.NetworkXNoCycle:
        return
    yield f"edges: a causal graph has no cycle, this one has {' -> '.join([*cycle, cycle[0]])}"


def _twice(items: Iterable[Any]) -> list[Any]:
    """The items that occur more than once, each once, in order."""
    listed = list(items)
    return [item for item in dict.fromkeys(listed) if listed.count(item) > 1]
