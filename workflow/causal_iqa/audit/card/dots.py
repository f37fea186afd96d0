"""Geometry of the card's dots and intervals: expected accuracy of the set and of its folders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from causal_iqa.audit.card.histograms import TOP_FOLDER, shortened
from causal_iqa.report.enough import PICTURES

WIDTH, LEFT, RIGHT, TOP, ROW, BOTTOM = 330, 128, 14, 8, 32, 34
DRAWN = 12
"""Folders that are drawn: those with the most pictures."""
TICKS = (0, 25, 50, 75, 100)

Card = Mapping[str, Any]


class _Part(NamedTuple):
    """A row: its name, n, and accuracy with interval in [0, 1] (None where there is none)."""

    name: str
    n: int
    value: float | None
    lo: float | None
    hi: float | None


def accuracy_dots(card: Card) -> list[dict[str, Any]]:
    """A figure per network with an estimate, as SVG needs it; card: as ``card.json`` holds it.

    title, width, height, left, right, base; clean: x of the calibration's clean accuracy; rows:
    label, name, y, n, few (fewer than PICTURES), dot, lo, hi (x; None where there is none); ticks:
    x, text.
    """
    folders = [group for group in card["groups"] if group["kind"] == "folder"]
    largest = sorted(folders, key=lambda group: -group["n"])[:DRAWN]
    kept = [group for group in folders if group in largest]
    return [
        _figure(row, kept, card)
        for row in card["estimates"]
        if row["is_default"] and row["estimate"] is not None
    ]


def _figure(row: Card, folders: Sequence[Card], card: Card) -> dict[str, Any]:
    network = row["task_model"]
    whole = _Part("whole set", card["set"]["n_scored"], row["estimate"], row["lo"], row["hi"])
    parts = [whole]
    for group in folders:
        lo, hi = group["interval"].get(network) or (None, None)
        name, value = group["name"] or TOP_FOLDER, group["p_correct"].get(network)
        parts.append(_Part(name, group["n"], value, lo, hi))
    base = TOP + ROW * len(parts)
    return {
        "title": row["title"],
        "width": WIDTH,
        "height": base + BOTTOM,
        "left": LEFT,
        "right": WIDTH - RIGHT,
        "base": base,
        "clean": _x(card["calibration"]["clean"][network]),
        "rows": [_row(part, TOP + ROW * (k + 0.5)) for k, part in enumerate(parts)],
        "ticks": [{"x": _x(tick / 100), "text": f"{tick}"} for tick in TICKS],
    }


def _row(part: _Part, y: float) -> dict[str, Any]:
    return {
        "label": shortened(part.name),
        "name": part.name,
        "n": part.n,
        "y": y,
        "few": part.n < PICTURES,
        **{end: _x(getattr(part, end)) for end in ("value", "lo", "hi")},
    }


def _x(share: float | None) -> str | None:
    return None if share is None else f"{LEFT + (WIDTH - RIGHT - LEFT) * share:.1f}"
