"""What the owner of a set should do next, each sentence from a number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

import numpy as np
import polars as pl

from causal_iqa.audit.card.naming import Naming
from causal_iqa.report.enough import PICTURES

WIDE = 0.3
"""Width of an interval from which on labelling is advised."""
MANY = 0.1
"""Share of the readable pictures from which on a note is advice."""

Row = dict[str, Any]


def advise(
    facts: Row,
    estimates: Sequence[Row],
    folders: Sequence[Row],
    notes: Mapping[str, int],
    listing: pl.DataFrame,
    naming: Naming,
) -> list[str]:
    """What to do, each sentence from a number; says so where there is nothing."""
    defaults = [row for row in estimates if row["is_default"]]
    found = [
        *_estimate_advice(facts, defaults),
        *_folder_advice(folders, {row["task_model"]: row for row in defaults}, naming),
        *_file_advice(facts, listing, naming),
    ]
    for note, count in notes.items():
        if count > MANY * facts["n_readable"]:
            found.append(
                f"{count} of {facts['n_readable']} readable pictures were read with the note "
                f"“{note}”: check that the software you run the networks with reads them alike."
            )
    return found or ["Nothing stands out in the files or the estimates."]


def _estimate_advice(facts: Row, defaults: Sequence[Row]) -> list[str]:
    """None where the set's own labels give the accuracy already."""
    if all(row["observed"] is not None for row in defaults):
        return []
    n = facts["n_scored"]
    few = labels_needed(n)
    label = (
        f"label {few} pictures drawn at random from the {n}, which gives each network's accuracy "
        f"on all {n} to within 5 points (95 % interval)"
        if few < n
        else f"label all {n} pictures"
    )
    # First, since without an estimate there is no interval that could be wide.
    if facts["n_outside"] > facts["outside_limit"] * n:
        return [
            f"{facts['n_outside']} of {n} pictures have a quality score beyond all that the "
            "calibration has seen, or not defined, more than "
            f"{100 * facts['outside_limit']:.0f} %, so that there is no estimate: calibrate on "
            f"conditions nearer to these pictures, or {label}."
        ]
    widths = {row["title"]: row["hi"] - row["lo"] for row in defaults if row["lo"] is not None}
    if not widths:
        return [f"No network has an interval: {label}."]
    # The widest, which labels would narrow most.
    title = max(widths, key=lambda name: widths[name])
    if widths[title] <= WIDE:
        return []
    return [
        f"The interval is {100 * widths[title]:.0f} points wide for {title}: to know more, {label}."
    ]


def labels_needed(n: int) -> int:
    """Pictures to label of n for a 95 % interval of 5 points to either side, whatever the accuracy.

    By the normal approximation at an accuracy of 0.5, with the correction for a finite set.
    """
    of_infinitely_many = 0.25 * 1.96**2 / 0.05**2
    return ceil(of_infinitely_many / (1 + (of_infinitely_many - 1) / n))


def _folder_advice(
    folders: Sequence[Row], defaults: Mapping[str, Row], naming: Naming
) -> list[str]:
    """The hardest sub-folder, of those with pictures enough, by the networks' mean P."""
    hard = [group for group in folders if group["n"] >= PICTURES and group["p_correct"]]
    # Of one the lowest says nothing.
    if len(hard) < 2:
        return []
    lowest = min(hard, key=lambda group: float(np.mean(list(group["p_correct"].values()))))
    below = [
        network
        for network, (_, hi) in _known(lowest["interval"])
        if hi < defaults[network]["estimate"]
    ]
    name = f"“{lowest['name']}”" if lowest["name"] else "the top folder"
    parts = [
        f"{naming.title(n)} {100 * p:.0f}\N{NO-BREAK SPACE}%{_interval(lowest['interval'][n])}"
        for n, p in lowest["p_correct"].items()
    ]
    sentence = (
        f"Of the sub-folders with {PICTURES} pictures or more, {name} ({lowest['n']} pictures) has "
        f"the lowest expected accuracy: {', '.join(parts)}."
    )
    if below:
        return [f"{sentence} Look there first."]
    return [
        f"{sentence} Its intervals take in the whole set's estimates, so that it cannot be told "
        "whether it is harder."
    ]


def _known(intervals: Mapping[str, Any]) -> list[tuple[str, tuple[float, float]]]:
    return [(network, found) for network, found in intervals.items() if found is not None]


def _interval(found: tuple[float, float] | None) -> str:
    if found is None:
        return ""
    return f" [{100 * found[0]:.0f}, {100 * found[1]:.0f}]"


def _file_advice(facts: Row, listing: pl.DataFrame, naming: Naming) -> list[str]:
    found = []
    if facts["n_unreadable"]:
        reasons = listing.filter(pl.col("reason") != "")["reason"].value_counts()
        # By reason at a tie, so that the same files give the same words.
        reason, count = reasons.sort("count", "reason", descending=[True, False]).row(0)
        found.append(
            f"{facts['n_unreadable']} of {facts['n_listed']} files cannot be read and count "
            f"nowhere; the most common reason ({count}): {reason}."
        )
    unscored = facts["n_readable"] - facts["n_scored"]
    if unscored:
        found.append(
            f"Readable pictures that some network gives no score: {unscored}. They count in no "
            "estimate."
        )
    if facts["n_undefined"]:
        counts = [f"{naming.title(name)} {n}" for name, n in facts["n_undefined"].items()]
        found.append(
            f"Pictures for which a metric is not defined: {', '.join(counts)}. They count as "
            "outside the calibration, and no estimator that takes that metric is used."
        )
    if facts["n_near_duplicates"]:
        found.append(
            f"Near duplicates beyond the first of their kind: {facts['n_near_duplicates']}. Each "
            "weighs on the estimates as a picture of its own: remove what is not meant to."
        )
    return found
