"""Two audited sets side by side: which is harder, and for which network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from causal_iqa.audit.card.audited import Audited
from causal_iqa.audit.card.naming import Naming
from causal_iqa.audit.intervals import ALPHA

Row = dict[str, Any]


def compare(
    mine: Audited,
    other: Audited,
    estimates: Sequence[Row],
    qualities: Sequence[tuple[str, str]],
    naming: Naming,
) -> Row:
    """The set less another one.

    against; n, n_against: scored pictures, near duplicates beyond the first left out, and
    left_out, left_out_against: how many these are; n_shared: contents (SHA-256) in both;
    networks: task_model, title, estimate, against, difference, lo, hi, level, and ``p_correct``:
    null, or mean, against, difference, lo, hi; quality: scorer, variant, title and the same five;
    sentence. lo and hi of a network are those of the difference of accuracies: from the lower end
    of one set's interval less the upper of the other's to the reverse. They hold with ``level``,
    1 - 2 alpha, at the least, where each interval holds with 1 - alpha (``intervals``; Boole's
    inequality). The other lo and hi: Welch's 95 % interval of the difference of means, pictures as
    units.
    """
    # Copies of a picture are no units of their own.
    one, two = (part.scored.filter(pl.col("duplicate_of").is_null()) for part in (mine, other))
    theirs = {
        row["task_model"]: row for row in other.estimates.filter("is_default").iter_rows(named=True)
    }
    networks = []
    for row in estimates:
        if row["is_default"]:
            network = row["task_model"]
            both = network in mine.chances and network in other.chances
            networks.append(
                {
                    "task_model": network,
                    "title": row["title"],
                    **_accuracies(row, theirs[network]),
                    "p_correct": _difference(one, two, f"{network}.p_correct") if both else None,
                }
            )
    return {
        "against": other.name,
        "n": one.height,
        "n_against": two.height,
        "left_out": mine.scored.height - one.height,
        "left_out_against": other.scored.height - two.height,
        "n_shared": one.join(two, on="sha256", how="semi")["sha256"].n_unique(),
        "networks": networks,
        "quality": [
            {
                "scorer": source,
                "variant": variant,
                "title": naming.quality(source, variant),
                **_difference(one, two, f"{source}.{variant}"),
            }
            for source, variant in qualities
        ],
        "sentence": _harder(mine.name, other.name, networks),
    }


def _accuracies(mine: Row, theirs: Row) -> Row:
    """Two sets' estimates for one network, their difference and its interval, or null."""
    known = mine["estimate"] is not None and theirs["estimate"] is not None
    bounded = mine["lo"] is not None and theirs["lo"] is not None
    return {
        "estimate": mine["estimate"],
        "against": theirs["estimate"],
        "difference": mine["estimate"] - theirs["estimate"] if known else None,
        # The two errors are not independent: both estimates come from one calibration.
        "lo": mine["lo"] - theirs["hi"] if bounded else None,
        "hi": mine["hi"] - theirs["lo"] if bounded else None,
        "level": 1 - 2 * ALPHA,
    }


def _difference(one: pl.DataFrame, two: pl.DataFrame, column: str) -> Row:
    """Means of a column, their difference and its interval; null where there is none.

    Pictures that a metric is not defined for do not count.
    """
    from scipy.stats import ttest_ind

    a, b = (part[column].drop_nulls().cast(pl.Float64).to_numpy() for part in (one, two))
    if not min(len(a), len(b)):
        return dict.fromkeys(("mean", "against", "difference", "lo", "hi"))
    low, high = None, None
    # Welch's interval needs a variance in each set, and one that is not 0.
    if min(len(a), len(b)) > 1 and max(np.ptp(a), np.ptp(b)) > 0:
        # Welch's, since two sets need not spread alike.
        bounds = ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
        low, high = float(bounds.low), float(bounds.high)
    mean, against = float(a.mean()), float(b.mean())
    return {"mean": mean, "against": against, "difference": mean - against, "lo": low, "hi": high}


def _harder(name: str, other: str, networks: Sequence[Row]) -> str:
    """Which set is harder for which network, by lo and hi of ``p_correct``.

    And for which networks the interval of the accuracies' difference, a wider one, holds 0.
    """
    told: dict[str, list[str]] = {}
    for network in networks:
        told.setdefault(_verdict(network["p_correct"]), []).append(network["title"])
    words = {
        "first": f"“{name}” is harder than “{other}” for ",
        "second": f"“{other}” is harder than “{name}” for ",
        "neither": "the two cannot be told apart for ",
        "none": "without a probability of each picture in both sets nothing can be said for ",
    }
    parts = [text + ", ".join(told[key]) for key, text in words.items() if key in told]
    sentence = f"By the mean probability of being right: {'; '.join(parts)}."
    open_ = [n["title"] for n in networks if n["lo"] is not None and n["lo"] <= 0 <= n["hi"]]
    if not open_:
        return sentence
    return (
        f"{sentence} Counting the estimators' own error it may be neither for {', '.join(open_)}."
    )


def _verdict(difference: Row | None) -> str:
    if difference is None or difference["lo"] is None:
        return "none"
    if difference["hi"] < 0:
        return "first"
    return "second" if difference["lo"] > 0 else "neither"
