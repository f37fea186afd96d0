"""Parts of an audited set: its sub-folders, and the classes that a network predicts in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from scipy.stats import norm

from causal_iqa.audit.card.audited import Audited
from causal_iqa.audit.card.naming import Naming
from causal_iqa.statistics.inputs import Floats

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
    group: Group,
    mine: Audited,
    qualities: Sequence[tuple[str, str]],
    estimates: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """An entry of the card's ``groups``; estimates: network -> its default one of the whole set."""
    return {
        "kind": group.kind,
        "name": group.name,
        "n": group.rows.height,
        "p_correct": {n: group.rows[f"{n}.p_correct"].mean() for n in mine.chances},
        "interval": {
            n: interval(group.rows[f"{n}.p_correct"].to_numpy(), estimates[n]) for n in mine.chances
        },
        "quantile": {
            # Ranks among the clean pictures: scores have units of their own.
            f"{source}.{variant}": group.rows[f"{source}.{variant}.quantile"].median()
            for source, variant in qualities
        },
    }


def interval(chances: Floats, whole: Mapping[str, Any]) -> tuple[float, float] | None:
    """A rough interval of a part's accuracy; None where the whole set has none.

    To either side the root of the summed squares of two lengths: from the estimate of the whole
    set to the end of its interval, as if the estimator erred in the part as in the whole, and the
    spread of the number of right answers among so many pictures of these chances, at the same
    level. How often it holds was not tried.

    Parameters
    ----------
    chances : [n] P(M=1) of the part's pictures, n >= 1
    whole : ``estimate``, ``lo``, ``hi`` and ``level`` of the whole set
    """
    if whole["lo"] is None:
        return None
    middle = float(chances.mean())
    spread = half_width(chances, whole["level"])
    below = np.hypot(whole["estimate"] - whole["lo"], spread)
    above = np.hypot(whole["hi"] - whole["estimate"], spread)
    return float(max(0.0, middle - below)), float(min(1.0, middle + above))


def half_width(chances: Floats, level: float) -> float:
    """Of the share of right answers among pictures of these chances, by the normal approximation.

    Nothing in it speaks of the estimator's own error.
    """
    deviation = np.sqrt((chances * (1 - chances)).sum()) / chances.size
    return float(norm.ppf((1 + level) / 2) * deviation)
