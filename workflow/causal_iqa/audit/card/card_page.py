"""The card as a page that needs nothing but itself, made of what ``card.json`` holds."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from causal_iqa.audit.card.card_cautions import card_cautions
from causal_iqa.audit.card.card_tables import (
    comparison_tables,
    estimates_table,
    group_tables,
    interval,
    percent,
)
from causal_iqa.audit.card.dots import accuracy_dots
from causal_iqa.audit.card.histograms import by_severity
from causal_iqa.report.enough import PICTURES
from causal_iqa.report.html_pages import filled
from causal_iqa.report.scorer_words import corruption_words

TEMPLATES = Path(__file__).parent / "templates"
SURE = 0.95
"""Probability above which, and below whose complement, pictures are not told apart."""

Card = Mapping[str, Any]


def card_html(card: Card) -> str:
    """The page; card: as ``card.write_card`` documents it."""
    filters: dict[str, Callable[..., Any]] = {
        "percent": percent,
        "chance": chance,
        "corruption": corruption_words,
        "width": lambda thumbnail: _size(thumbnail)[0],
        "height": lambda thumbnail: _size(thumbnail)[1],
    }
    defaults = [row for row in card["estimates"] if row["is_default"]]
    others = [row for row in card["estimates"] if not row["is_default"]]
    shown = [quality for quality in card["quality"] if quality["shown"]]
    return filled("card.html.j2", TEMPLATES, filters)(
        **card,
        answer=answer(defaults),
        cautions=card_cautions(card),
        titles={row["task_model"]: row["title"] for row in defaults},
        dots=accuracy_dots(card),
        few_below=f"fewer than {PICTURES} pictures",
        defaults=estimates_table("defaults", "Expected accuracy", defaults, card),
        others=estimates_table("others", "Other estimators", others, card),
        figures=[by_severity(quality) for quality in shown],
        parts=group_tables(card, shown),
        comparisons=comparison_tables(card),
    )


def answer(defaults: Sequence[Card]) -> str:
    """What the set's owner wants to know, in a sentence or two; defaults: a row per network."""
    given = [row for row in defaults if row["estimate"] is not None]
    if not given:
        reasons = ", ".join(dict.fromkeys(row["reason"] for row in defaults))
        return f"There is no estimate of the accuracy on these pictures: {reasons}."
    high = max(given, key=lambda row: float(row["estimate"]))
    if len(given) == 1:
        lacking = len(defaults) - 1
        tail = f" {lacking} other networks have no estimate." if lacking else ""
        return f"{high['title']} is expected to get {_expected(high)} right.{tail}"
    low = min(given, key=lambda row: float(row["estimate"]))
    if _apart(low, high):
        return (
            f"Of {len(given)} networks, {high['title']} is expected to get most right, "
            f"{_expected(high)}, and {low['title']} least, {_expected(low)}."
        )
    return (
        f"Of {len(given)} networks, {low['title']} is expected to get {_expected(low)} right and "
        f"{high['title']} {_expected(high)}, the others between; the intervals overlap, so which "
        "gets most right cannot be told."
    )


def _apart(low: Card, high: Card) -> bool:
    """Whether both have an interval, and these do not overlap."""
    return low["hi"] is not None and high["lo"] is not None and bool(low["hi"] < high["lo"])


def _expected(row: Card) -> str:
    if row["lo"] is None:
        return f"{percent(row['estimate'])} (without an interval)"
    return f"{percent(row['estimate'])} ({percent(row['level'])} interval {interval(row)})"


def chance(p: float) -> str:
    """The probability that a network is right on one picture, no finer than it is known."""
    # Beyond these a calibration of some hundred pictures cannot tell one from another.
    if p > SURE:
        return f"over {percent(SURE)}"
    return f"under {percent(1 - SURE)}" if p < 1 - SURE else percent(p)


def _size(thumbnail: str) -> tuple[int, int]:
    """Width and height of a data URI's picture, in pixels."""
    with Image.open(io.BytesIO(base64.b64decode(thumbnail.partition(",")[2]))) as picture:
        return picture.size
