"""Parts of an audited set: its sub-folders, and the classes that a network predicts in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import polars as pl

from causal_iqa.audit.card.audited import Audited
from causal_iqa.audit.card.naming import Naming

LARGEST = 10
"""Predicted classes that are groups."""


class Group(NamedTuple):
    """Some of a set's scored pictures; kind: 'folder' or 'predicted'."""

    kind: str
    name: str
    rows: pl.DataFrame


def groups_of(mine: Audited, naming: Naming) -> list[Group]:
    """Sub-folders (or the CSV's groups) by name, then predicted classes, the largest first.

    No sub-folder where all pictures are in one; of the classes that the first network predicts,
    the LARGEST most frequent.
    """
    return [*_folders(mine), *_predicted(mine, naming)]


def _folders(mine: Audited) -> list[Group]:
    if mine.scored["group"].n_unique() < 2:
        return []
    parts = mine.scored.sort("group").group_by("group", maintain_order=True)
    return [Group("folder", str(name), rows) for (name,), rows in parts]


def _predicted(mine: Audited, naming: Naming) -> list[Group]:
    # One network's, since several would part the set several ways.
    parts = mine.scored.partition_by(f"{mine.networks[0]}.prediction", as_dict=True)
    # By class at a tie, so that the same files give the same card.
    largest = sorted(parts.items(), key=lambda part: (-part[1].height, part[0]))[:LARGEST]
    return [Group("predicted", naming.predicted(index), rows) for (index,), rows in largest]


def group_facts(
    group: Group, mine: Audited, qualities: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    """An entry of the card's ``groups``."""
    return {
        "kind": group.kind,
        "name": group.name,
        "n": group.rows.height,
        "p_correct": {n: group.rows[f"{n}.p_correct"].mean() for n in mine.chances},
        "quantile": {
            # Ranks among the clean pictures: scores have units of their own.
            f"{source}.{variant}": group.rows[f"{source}.{variant}.quantile"].median()
            for source, variant in qualities
        },
    }
