"""How a table is shown: title, columns, and notes on what is in it; the columns that recur."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from causal_iqa.core.columns import Columns
from causal_iqa.report.cells import Column, Row, estimate, number, signed


class TableWords(NamedTuple):
    """A table in words; ``notes`` say what is in it and what cannot be concluded.

    in_place: what stands on the page in its place: the words of a link to the file, '' for nothing.
    """

    title: str
    schema: Columns
    columns: Sequence[Column]
    notes: Sequence[str]
    in_place: str | None = None


def text_column(header: str, *names: str) -> Column:
    """Texts side by side, empty ones left out."""

    def cell(row: Row) -> str:
        return "; ".join(str(row[name]) for name in names if row[name] not in (None, ""))

    return Column(header, cell, cell, numeric=False)


def number_column(header: str, name: str) -> Column:
    """A number with three decimals."""
    return Column(header, lambda row: number(row[name]), lambda row: row[name])


def count_column(header: str, name: str) -> Column:
    """A whole number."""
    return Column(
        header, lambda row: "" if row[name] is None else signed(row[name]), lambda row: row[name]
    )


def interval_column(header: str, name: str, lo: str = "", hi: str = "") -> Column:
    """An estimate with its interval; lo, hi: the columns of its ends, ``{name}_lo`` and _hi."""
    # One table (claims) names its ends lo and hi alone.
    ends = lo or f"{name}_lo", hi or f"{name}_hi"
    return Column(
        header, lambda row: estimate(row[name], *(row[e] for e in ends)), lambda row: row[name]
    )


def yes_column(header: str, name: str) -> Column:
    """yes, no, or nothing."""
    words = {True: "yes", False: "no", None: ""}
    return Column(header, lambda row: words[row[name]], lambda row: words[row[name]], numeric=False)


SCORE = (text_column("Quality source", "quality_source"), text_column("Q", "quality_variant"))
PAIR = (text_column("Task model", "task_model"), *SCORE)
NOTE = text_column("Note", "reason")
SKIPPED = (
    "What lacks one of the classes of M in its training or held-out rows has no AUC: it is skipped "
    "and counted under Skipped."
)
