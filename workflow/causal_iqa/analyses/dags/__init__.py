"""The paper's causal graphs: claims against d-separation, and drawings."""

from __future__ import annotations

from pathlib import Path

from causal_iqa.analyses.registry import Analysis, Scope


def _graphs(scope: Scope) -> list[Path]:
    return sorted(scope.config.paper.dags.glob("*.yaml"))


ANALYSES = (
    Analysis(
        name="dags",
        says="claims of the causal graphs against d-separation",
        reads=lambda scope: [],
        resources=_graphs,
        makes=("tables/dag_claims.csv",),
        settings=("paper.dags",),
        draws=lambda scope: [f"dags/{file.stem}" for file in _graphs(scope)],
        section="causal",
        order=0,
    ),
)
