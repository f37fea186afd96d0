"""Histograms of a quality score: the set, its parts, and the calibration's conditions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np
import polars as pl

from causal_iqa.audit.card.audited import Audited
from causal_iqa.audit.card.naming import Naming
from causal_iqa.audit.card.parts_of_set import Group
from causal_iqa.core.conditions import CLEAN, Condition
from causal_iqa.core.kinds import Kind
from causal_iqa.data.panel import Panel
from causal_iqa.report.scorer_words import axis_label
from causal_iqa.statistics.inputs import Floats

BINS = 16
DRAWN = 10
"""Groups of a kind that have a histogram: those with the most pictures."""

Row = dict[str, Any]
Column = tuple[str, str]


def histograms_of(
    mine: Audited,
    panel: Panel,
    column: Column,
    shown: Collection[Column],
    groups: Sequence[Group],
    naming: Naming,
) -> Row:
    """An entry of the card's ``quality``: one score, with the groups that have a histogram.

    shown: the scores that the page draws: the no-reference metrics beside these.
    """
    source, variant = column
    q = panel.quality(source, variant)
    at = {condition: row for row, condition in enumerate(panel.conditions)}
    severity = np.array([condition.severity for condition in panel.conditions])
    own = _values(mine.scored, column)
    reference = _defined(q[at[Condition(CLEAN, 0)]])
    severities = {str(s): _defined(q[severity == s]) for s in sorted({*severity.tolist()} - {0})}
    # Common to all rows, or the histograms could not be laid over each other.
    edges = _edges([own, reference, *severities.values()])
    scorer = naming.scorers[source]
    return {
        "scorer": source,
        "variant": variant,
        "title": naming.quality(source, variant),
        "axis": axis_label(scorer, variant),
        "shown": scorer.kind == Kind.METRIC or column in shown,
        "median_quantile": mine.scored[f"{source}.{variant}.quantile"].median(),
        "edges": edges.tolist(),
        "set": _counts(own, edges),
        "reference": _counts(reference, edges),
        "severities": {name: _counts(values, edges) for name, values in severities.items()},
        "groups": [
            {
                "kind": group.kind,
                "name": group.name,
                "n": group.rows.height,
                "counts": _counts(_values(group.rows, column), edges),
            }
            for group in drawn(groups)
        ],
    }


def drawn(groups: Sequence[Group]) -> list[Group]:
    """The DRAWN groups of each kind with the most pictures, in the order given."""
    kept: set[int] = set()
    for kind in {group.kind for group in groups}:
        rows = [row for row, group in enumerate(groups) if group.kind == kind]
        kept |= {*sorted(rows, key=lambda row: (-groups[row].rows.height, row))[:DRAWN]}
    return [group for row, group in enumerate(groups) if row in kept]


def _values(rows: pl.DataFrame, column: Column) -> Floats:
    """Of the pictures that the score is defined for."""
    values: Floats = rows[".".join(column)].drop_nulls().cast(pl.Float64).to_numpy()
    return values


def _defined(q: Floats) -> Floats:
    """The values of any shape that are there, [n]."""
    values: Floats = q[~np.isnan(q)]
    return values


def _counts(values: Floats, edges: Floats) -> list[int]:
    """Pictures in each bin; the outermost hold all beyond."""
    # Clipped first: histogram leaves out what lies beyond its edges.
    counts: list[int] = np.histogram(np.clip(values, edges[0], edges[-1]), edges)[0].tolist()
    return counts


def _edges(parts: Iterable[Floats]) -> Floats:
    """[BINS + 1] equally spaced, over all but the outermost hundredth of any part."""
    # Of each part by itself: in one pool the set would be lost among the conditions.
    ends = np.array([np.quantile(part, (0.01, 0.99)) for part in parts if part.size])
    low, high = float(ends[:, 0].min()), float(ends[:, 1].max())
    # A score that is the same everywhere still needs bins of some width.
    if low == high:
        low, high = low - 0.5, high + 0.5
    return np.linspace(low, high, BINS + 1)
