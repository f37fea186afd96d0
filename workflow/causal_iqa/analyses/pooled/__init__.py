"""The pooled analysis (paper 2.2 to 2.4): one job per table."""

from __future__ import annotations

from causal_iqa.analyses.registry import GRID, Analysis, Scope
from causal_iqa.core.kinds import TABLE_KINDS


def _pooled(table: str, reference: bool = False) -> Analysis:
    def reads(scope: Scope) -> list[str]:
        more = scope.reference_panels() if reference else []
        return [*scope.panels(), *more, "splits.parquet"]

    return Analysis(
        name=table,
        says=f"the pooled table {table}",
        reads=reads,
        makes=(f"tables/{table}.csv",),
        settings=(*GRID, "analysis.include_clean", "analysis.seed", "analysis.resamples"),
        threads=2,
    )


ANALYSES = (*map(_pooled, TABLE_KINDS), _pooled("fr_iqa", reference=True))
