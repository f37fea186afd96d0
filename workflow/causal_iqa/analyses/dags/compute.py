"""The paper's claims about its causal graphs beside what the graphs imply: ``dag_claims.csv``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import networkx as nx
import polars as pl

from causal_iqa.analyses.dags.graphs import Dag, GraphClaim, read_dags
from causal_iqa.analyses.dags.schema import DAG_CLAIMS
from causal_iqa.analyses.dags.separation import (
    active_path,
    d_separated,
    may_affect,
    separated_without_noise,
    write_path,
)
from causal_iqa.analyses.registry import Job
from causal_iqa.core.contract import write_table

EFFECT_NOTE = (
    "Holds in every graph without a directed path from Q to M, the shared-feature graph of "
    "Figure 1 included, so it says nothing about whether Q predicts M."
)
_QUALITY, _PERFORMANCE = "Q", "M"


def write_graph_claims(folders: Sequence[Path], table: Path) -> None:
    """Write the claims of all graphs in the folders as one CSV. Raises as ``read_dags``."""
    write_table(claims_table(read_dags(folders)), table, DAG_CLAIMS)


def claims_table(dags: Sequence[Dag]) -> pl.DataFrame:
    """A row per claim, graph by graph; columns of ``DAG_CLAIMS``."""
    rows = [_row(dag, claim) for dag in dags for claim in dag.claims]
    effects = [_effect_row(dag) for dag in dags if _lacks_effect(dag)]
    order = {dag.id: place for place, dag in enumerate(dags)}
    # Stable, so that the claim that is added stands after the graph's own.
    both = sorted([*rows, *effects], key=lambda row: order[row["dag"]])
    return pl.DataFrame(both, schema=DAG_CLAIMS)


def _lacks_effect(dag: Dag) -> bool:
    """Whether a graph has Q and M, but no claim of its own about the effect of Q on M."""
    claimed = any(c.says == "no_effect" and c.of == (_QUALITY, _PERFORMANCE) for c in dag.claims)
    return not claimed and {_QUALITY, _PERFORMANCE} <= {node.name for node in dag.nodes}


def _effect_row(dag: Dag) -> dict[str, Any]:
    """The effect of Q on M where the paper is silent, so that the table has it for every graph."""
    claim = GraphClaim(
        says="no_effect",
        of=(_QUALITY, _PERFORMANCE),
        inferred="The paper computes it for Figure 2 only; here for comparison.",
    )
    return {**_row(dag, claim), "said": "not said"}


def _row(dag: Dag, claim: GraphClaim) -> dict[str, Any]:
    implied = _implied(dag.graph(), claim)
    path = _open_path(dag.graph(), claim)
    return {
        "dag": dag.id,
        "figure": dag.figure,
        "reading": dag.reading,
        "claim": _in_words(claim),
        "said": "stated" if claim.stated else "inferred",
        "paper": claim.says,
        "implied": implied,
        "agree": implied == claim.says,
        "path": path,
        # Of edges that the text states alone: what hangs on a guess about a drawing must show.
        "agree_stated_edges": _implied(dag.graph(inferred=False), claim) == claim.says,
        "without_noise": _without_noise(dag, claim),
        "where": claim.where or "",
        "sentence": claim.stated or claim.inferred,
        "note": " ".join(_notes(claim)),
    }


def _notes(claim: GraphClaim) -> Iterator[str]:
    if claim.note:
        yield claim.note
    if claim.says == "no_effect":
        yield EFFECT_NOTE


def _in_words(claim: GraphClaim) -> str:
    """``Q _||_ M | X``; ``Q dep M``; ``ACE(Q -> M) = 0``."""
    x, y = claim.of
    if claim.says == "no_effect":
        return f"ACE({x} -> {y}) = 0"
    sign = "_||_" if claim.says == "independent" else "dep"
    given = f" | {', '.join(claim.given)}" if claim.given else ""
    return f"{x} {sign} {y}{given}"


def _implied(graph: nx.DiGraph, claim: GraphClaim) -> str:
    """In the words of a claim; ``effect`` where the graph allows one."""
    x, y = claim.of
    if claim.says == "no_effect":
        return "effect" if may_affect(graph, x, y) else "no_effect"
    return _word(d_separated(graph, x, y, claim.given))


def _word(separated: bool) -> str:
    return "independent" if separated else "dependent"


def _open_path(graph: nx.DiGraph, claim: GraphClaim) -> str:
    """A path that makes the two dependent, or through which one affects the other; else ''."""
    x, y = claim.of
    if claim.says != "no_effect":
        path = active_path(graph, x, y, claim.given)
    else:
        path = nx.shortest_path(graph, x, y) if may_affect(graph, x, y) else None
    return write_path(graph, path, claim.given) if path else ""


def _without_noise(dag: Dag, claim: GraphClaim) -> str:
    if claim.says == "no_effect":
        return ""
    return _word(separated_without_noise(dag.graph(), dag.deterministic(), *claim.of, claim.given))


def run(job: Job) -> None:
    """``dag_claims.csv``."""
    write_graph_claims([Path(job.settings["paper.dags"])], job.results.table("dag_claims"))
