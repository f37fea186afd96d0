"""Which pooled tables an experiment has."""

from __future__ import annotations

from causal_iqa.core.columns import SCORERS
from causal_iqa.core.contract import Results, read_table
from causal_iqa.core.kinds import ALL_TABLE_KINDS


def pooled_tables(results: Results) -> list[str]:
    """The pooled tables there are: one per kind of scorer."""
    kinds = set(read_table(results.scorers, SCORERS)["kind"])
    return [table for table, kind in ALL_TABLE_KINDS.items() if kind in kinds]
