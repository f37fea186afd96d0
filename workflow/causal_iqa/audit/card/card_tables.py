"""The tables of the card."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from causal_iqa.audit.card.histograms import TOP_FOLDER, by_group
from causal_iqa.report.cells import Cell, Column, Row, signed
from causal_iqa.report.enough import PICTURES, too_few
from causal_iqa.report.page_tables import PageTable, page_table
from causal_iqa.report.table_words import text_column

Card = Mapping[str, Any]
NO_VALUE = "–"


def percent(share: float | None) -> str:
    """A share in [0, 1] as whole per cent, ``71 %`` on one line."""
    return NO_VALUE if share is None else f"{100 * share:.0f}\N{NO-BREAK SPACE}%"


def digits(value: float | None) -> str:
    """A score with three significant digits."""
    return NO_VALUE if value is None else signed(value, ".3g")


def points(value: float | None) -> str:
    """A difference of shares in percentage points, one decimal."""
    return NO_VALUE if value is None else signed(100 * value, ".1f")


def interval(row: Row) -> str:
    """``48 to 71 %``; '' where there is none."""
    return "" if row["lo"] is None else f"{100 * row['lo']:.0f} to {percent(row['hi'])}"


def _number(header: str, name: str, text: Callable[[float | None], str]) -> Column:
    return Column(header, lambda row: text(row[name]), lambda row: row[name])


def _with_interval(header: str, name: str) -> Column:
    return Column(header, lambda row: Cell(percent(row[name]), interval(row)), lambda r: r[name])


def estimates_table(anchor: str, caption: str, rows: Sequence[Row], card: Card) -> PageTable:
    """A row per network and estimator; by the labels where the set has some."""
    clean, verdicts = card["calibration"]["clean"], card["verdict"]["networks"]
    known = [
        {**row, "clean": clean[row["task_model"]], "verdict": verdicts[row["task_model"]]}
        for row in rows
    ]
    labelled = any(row["observed"] is not None for row in rows)
    columns = [
        text_column("Network", "title"),
        _with_interval("Expected right", "estimate"),
        *([_number("Right, by your labels", "observed", percent)] if labelled else []),
        _number("Calibration, clean", "clean", percent),
        *([text_column("Against clean", "verdict")] if anchor == "defaults" else []),
        text_column("Estimator", "estimator_title"),
        text_column("Its score", "quality"),
        _number("Mean error, points", "mae", points),
        _number("Held, one corruption out", "coverage", percent),
        _number("Held, its group out", "coverage_group", percent),
        text_column("Note", "reason"),
    ]
    return page_table(anchor, caption, columns, known)


def group_tables(card: Card, shown: Sequence[Card]) -> list[dict[str, Any]]:
    """Sub-folders and predicted classes: title, table and figures; or why there is none.

    shown: the entries of the card's ``quality`` that the page draws. A kind of which no group has
    pictures enough has no table (None), and ``why`` says so.
    """
    first = card["estimates"][0]["title"]
    titles = {
        "folder": "By sub-folder or group",
        "predicted": f"By the class that {first} predicts, the most frequent ones",
    }
    found = []
    for kind, title in titles.items():
        rows = [group for group in card["groups"] if group["kind"] == kind]
        if not rows:
            continue
        most = max(row["n"] for row in rows)
        why = too_few(most, PICTURES, "pictures in the largest")
        found.append(
            {
                "title": title,
                "why": why,
                "table": None if why else _group_table(kind, title, rows, card, shown),
                "figures": [] if why else [by_group(quality, kind) for quality in shown],
            }
        )
    return found


def _group_table(
    kind: str, title: str, rows: Sequence[Row], card: Card, shown: Sequence[Card]
) -> PageTable:
    titles = {row["task_model"]: row["title"] for row in card["estimates"]}
    columns = [
        Column("Name", lambda row: row["name"] or TOP_FOLDER, lambda row: row["name"], False),
        Column("Pictures", lambda row: f"{row['n']}", lambda row: row["n"]),
        *(_chance(titles[network], network) for network in rows[0]["p_correct"]),
        *(_rank(quality) for quality in shown),
    ]
    return page_table(
        f"groups-{kind}",
        title,
        columns,
        rows,
        few=lambda row: too_few(row["n"], PICTURES, "pictures"),
    )


def _chance(title: str, network: str) -> Column:
    def cell(row: Row) -> Cell:
        lo, hi = row["interval"][network] or (None, None)
        return Cell(percent(row["p_correct"][network]), interval({"lo": lo, "hi": hi}))

    return Column(f"{title}, expected right", cell, lambda row: row["p_correct"][network])


def _rank(quality: Card) -> Column:
    name = f"{quality['scorer']}.{quality['variant']}"
    return Column(
        f"{quality['title']}, rank",
        lambda row: percent(row["quantile"][name]),
        lambda row: row["quantile"][name],
    )


def comparison_tables(card: Card) -> list[PageTable]:
    """Accuracies, then means, of the set and of the one that it is compared with."""
    comparison = card["comparison"]
    if comparison is None:
        return []
    mine, other = card["set"]["name"], comparison["against"]
    level = percent(comparison["networks"][0]["level"])
    accuracies = [
        text_column("Network", "title"),
        _number(f"{mine}, expected right", "estimate", percent),
        _number(f"{other}, expected right", "against", percent),
        _number("Difference, points", "difference", points),
        Column(f"{level} interval at least", _bounds(points), lambda row: row["lo"]),
    ]
    chances = [
        {"title": f"P(right) of {row['title']}, %", "text": points, **row["p_correct"]}
        for row in comparison["networks"]
        if row["p_correct"] is not None
    ]
    scores = [{"text": digits, **row} for row in comparison["quality"]]
    means = [
        text_column("Mean of", "title"),
        _in_units(mine, "mean"),
        _in_units(other, "against"),
        _in_units("Difference", "difference"),
        Column("95 % interval", lambda row: _bounds(row["text"])(row), lambda row: row["lo"]),
    ]
    networks = comparison["networks"]
    return [
        page_table("accuracies", "Expected accuracy of both sets", accuracies, networks),
        page_table("means", "Means of both sets", means, [*chances, *scores]),
    ]


def _in_units(header: str, name: str) -> Column:
    """A number written as its row's ``text`` says."""
    return Column(header, lambda row: str(row["text"](row[name])), lambda row: row[name])


def _bounds(text: Callable[[float | None], str]) -> Callable[[Row], str]:
    return lambda row: "" if row["lo"] is None else f"{text(row['lo'])} to {text(row['hi'])}"
