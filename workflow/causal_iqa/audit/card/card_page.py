"""The card as a page that needs nothing but itself, made of what ``card.json`` holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from causal_iqa.audit.card.histograms import TOP_FOLDER, by_group, by_severity
from causal_iqa.report.cells import signed
from causal_iqa.report.html_pages import filled
from causal_iqa.report.scorer_words import corruption_words

TEMPLATES = Path(__file__).parent / "templates"
Card = Mapping[str, Any]
NO_VALUE = "–"


def card_html(card: Card) -> str:
    """The page; card: as ``card.write_card`` documents it."""
    filters: dict[str, Callable[..., str]] = {
        "percent": percent,
        "points": points,
        "corruption": corruption_words,
    }
    defaults = [row for row in card["estimates"] if row["is_default"]]
    shown = [quality for quality in card["quality"] if quality["shown"]]
    return filled("card.html.j2", TEMPLATES, filters)(
        **card,
        answer=answer(defaults),
        titles={row["task_model"]: row["title"] for row in defaults},
        labelled=any(row["observed"] is not None for row in defaults),
        defaults=[_estimate(row) for row in defaults],
        others=[_estimate(row) for row in card["estimates"] if not row["is_default"]],
        figures=[by_severity(quality) for quality in shown],
        group_tables=_group_tables(card, shown),
        accuracies=_accuracies(card["comparison"]),
        changes=_changes(card["comparison"]),
    )


def percent(share: float | None) -> str:
    """A share in [0, 1] as whole per cent, ``71 %`` on one line."""
    return NO_VALUE if share is None else f"{100 * share:.0f}\N{NO-BREAK SPACE}%"


def digits(value: float | None) -> str:
    """A score with three significant digits."""
    return NO_VALUE if value is None else signed(value, ".3g")


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
    return (
        f"Of {len(given)} networks, {high['title']} is expected to get most right, "
        f"{_expected(high)}, and {low['title']} least, {_expected(low)}."
    )


def _expected(row: Card) -> str:
    if row["lo"] is None:
        return f"{percent(row['estimate'])} (without an interval)"
    return f"{percent(row['estimate'])} ({percent(row['level'])} interval {_interval(row)})"


def _interval(row: Card) -> str:
    return f"{100 * row['lo']:.0f} to {percent(row['hi'])}"


def _estimate(row: Card) -> dict[str, Any]:
    """A row of the tables of estimates, as texts."""
    return {
        "title": row["title"],
        "estimate": percent(row["estimate"]),
        "interval": "" if row["lo"] is None else _interval(row),
        "mae": points(row["mae"]),
        "coverage": percent(row["coverage"]),
        "coverage_group": percent(row["coverage_group"]),
        "observed": percent(row["observed"]),
        "estimator": row["estimator_title"],
        "quality": row["quality"],
        "reason": row["reason"],
    }


def points(value: float | None) -> str:
    """A difference of shares in percentage points, one decimal."""
    return NO_VALUE if value is None else signed(100 * value, ".1f")


def _group_tables(card: Card, shown: Sequence[Card]) -> list[dict[str, Any]]:
    """Sub-folders and predicted classes: title, headers, and rows of texts."""
    titles = {row["task_model"]: row["title"] for row in card["estimates"]}
    first = card["estimates"][0]["title"]
    tables = []
    for kind, title in (
        ("folder", "By sub-folder or group"),
        ("predicted", f"By the class that {first} predicts, the most frequent ones"),
    ):
        rows = [group for group in card["groups"] if group["kind"] == kind]
        if not rows:
            continue
        tables.append(
            {
                "id": f"groups-{kind}",
                "title": title,
                "figures": [by_group(quality, kind) for quality in shown],
                "n_drawn": sum(group["kind"] == kind for group in shown[0]["groups"]),
                "headers": [
                    *(f"{titles[network]}, mean P(M=1)" for network in rows[0]["p_correct"]),
                    *(f"{quality['title']}, rank" for quality in shown),
                ],
                "rows": [
                    {
                        "name": group["name"] or TOP_FOLDER,
                        "n": group["n"],
                        "cells": [
                            *map(percent, group["p_correct"].values()),
                            *(percent(group["quantile"][_column(q)]) for q in shown),
                        ],
                    }
                    for group in rows
                ],
            }
        )
    return tables


def _column(quality: Card) -> str:
    return f"{quality['scorer']}.{quality['variant']}"


def _accuracies(comparison: Card | None) -> list[dict[str, str]]:
    """Rows of estimated accuracies in both sets, in per cent and points."""
    rows = comparison["networks"] if comparison else []
    return [
        {
            "title": row["title"],
            "estimate": percent(row["estimate"]),
            "against": percent(row["against"]),
            "difference": points(row["difference"]),
            "interval": _bounds(row, points),
        }
        for row in rows
    ]


def _changes(comparison: Card | None) -> list[dict[str, str]]:
    """Rows of means in both sets: P(M=1) in per cent and points, then every quality score."""
    if comparison is None:
        return []
    chances = [
        _change(f"{row['title']}, mean P(M=1), %", row["p_correct"], points)
        for row in comparison["networks"]
        if row["p_correct"] is not None
    ]
    return chances + [_change(row["title"], row, digits) for row in comparison["quality"]]


def _change(title: str, row: Card, text: Callable[[float | None], str]) -> dict[str, str]:
    cells = {name: text(row[name]) for name in ("mean", "against", "difference")}
    return {"title": title, **cells, "interval": _bounds(row, text)}


def _bounds(row: Card, text: Callable[[float | None], str]) -> str:
    return "" if row["lo"] is None else f"{text(row['lo'])} to {text(row['hi'])}"
