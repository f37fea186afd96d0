"""What the reader of a card must be warned of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causal_iqa.audit.card.advice import WIDE
from causal_iqa.report.cautions import SMALL, Caution
from causal_iqa.report.enough import PICTURES

Card = Mapping[str, Any]


def card_cautions(card: Card) -> list[Caution]:
    """The warnings that apply, in the order in which they matter; card: ``card.write_card``."""
    return [found for of in (_set, _calibration, _wide, _outside, _classes) if (found := of(card))]


def _set(card: Card) -> Caution | None:
    n = card["set"]["n_scored"]
    if n >= PICTURES:
        return None
    text = "Of so few pictures an estimate may be right by chance, and parts of them say nothing."
    return Caution("few-pictures", f"Few pictures: {n}", text, [])


def _calibration(card: Card) -> Caution | None:
    n = card["calibration"]["n_pictures"]
    if n >= SMALL:
        return None
    text = (
        f"The estimators were fitted and tried on {n} labelled pictures. Each trial, under one "
        f"condition, had {card['calibration']['n_judged']}: errors of a few points cannot be told "
        "from chance, and the intervals are as wide as that asks for."
    )
    return Caution("small-calibration", f"Few labelled pictures: {n}", text, [])


def _wide(card: Card) -> Caution | None:
    items = [
        f"{row['title']}: {100 * (row['hi'] - row['lo']):.0f} points"
        for row in card["estimates"]
        if row["is_default"] and row["lo"] is not None and row["hi"] - row["lo"] > WIDE
    ]
    text = f"An interval of more than {100 * WIDE:.0f} points says little of the accuracy."
    return Caution("wide", "Wide intervals", text, items) if items else None


def _outside(card: Card) -> Caution | None:
    n, outside = card["set"]["n_scored"], card["set"]["n_outside"]
    if not outside:
        return None
    text = (
        "These pictures have a quality score beyond all that the calibration has seen, or one that "
        "is not defined. The interval supposes that the set is like the calibration's conditions."
    )
    title = f"Beyond the calibration: {outside} of {n} pictures"
    return Caution("outside", title, text, [])


def _classes(card: Card) -> Caution | None:
    if any(row["observed"] is not None for row in card["estimates"]):
        return None
    text = (
        "Without labels nobody can tell whether these pictures show one of the classes that the "
        "networks choose among. On a picture that shows none of them no answer is right, and the "
        "estimates, which come from pictures of these classes, are too high."
    )
    return Caution("classes", "Pictures of other classes", text, [])
