"""A table as the pages show it: titles for names, a number to sort by beside each text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from causal_iqa.analyses.registry import words_of
from causal_iqa.core.contract import read_table
from causal_iqa.core.kinds import TABLE_KINDS
from causal_iqa.report.cells import COLUMNS, Cell, Column, Row, marked_rows
from causal_iqa.report.rendering import numbered_reasons
from causal_iqa.report.scorer_words import (
    FAMILY_TITLES,
    ScorerWords,
    corruption_words,
    variant_words,
)
from causal_iqa.report.table_words import TableWords

LONG = 60
"""Rows above which a table is folded."""
SCORERS = ("task_model", "quality_source", "scorer")
"""Columns that hold the name of a scorer."""


class PageCell(NamedTuple):
    """A cell: an estimate, what stands beside it, its p; ``sort``: a number, or '' for the text."""

    text: str
    beside: str = ""
    p: str = ""
    sort: str = ""


class PageRow(NamedTuple):
    """A row. detail: shown where details are asked for. few: why it is greyed, '' if it is not."""

    cells: Sequence[PageCell]
    detail: bool = False
    few: str = ""


class PageTable(NamedTuple):
    """A table for ``templates/table.html.j2``.

    id: its anchor. details: what the switch of the hidden rows, columns and p-values is called, ''
    where there are none. csv: path of the file with every column, from the page.
    """

    id: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[PageRow]
    notes: Sequence[str] = ()
    details: str = ""
    csv: str = ""

    @property
    def folded(self) -> bool:
        """Whether it is too long to stand open."""
        return len(self.rows) > LONG


def page_table(
    anchor: str,
    caption: str,
    columns: Sequence[Column],
    rows: Iterable[Row],
    *,
    notes: Sequence[str] = (),
    csv: str = "",
    few: Callable[[Row], str] = lambda row: "",
    detail: Callable[[Row], bool] = lambda row: False,
) -> PageTable:
    """A table of rows for the page.

    few: why a row is too few to tell anything, '' where it is not. detail: whether a row is one
    for those who ask for details. A column in which no row has anything is left out.
    """
    made = [
        PageRow([_cell(column, row) for column in columns], detail(row), few(row)) for row in rows
    ]
    kept = [
        place
        for place in range(len(columns))
        if not made or any(row.cells[place].text for row in made)
    ]
    shown = [columns[place] for place in kept]
    made = [row._replace(cells=[row.cells[place] for place in kept]) for row in made]
    return PageTable(anchor, caption, shown, made, notes, _details(shown, made), csv)


def _cell(column: Column, row: Row) -> PageCell:
    value = column.value(row)
    # Six digits put rows in order and are a number to read; the file has all of them.
    sort = f"{value:.6g}" if column.numeric and isinstance(value, int | float) else ""
    shown = column.cell(row)
    return PageCell(*shown, sort=sort) if isinstance(shown, Cell) else PageCell(shown, sort=sort)


def _details(columns: Sequence[Column], rows: Sequence[PageRow]) -> str:
    """What is hidden at first, in words."""
    found = ["p-values"] if any(cell.p for row in rows for cell in row.cells) else []
    if any(row.detail for row in rows):
        found.append("scikit-learn's solver")
    elif any(column.detail for column in columns):
        found += [column.header.lower() for column in columns if column.detail]
    return " and ".join(found)


def titled(row: Row, scorers: Mapping[str, ScorerWords]) -> dict[str, Any]:
    """The row with titles in place of the names of scorers, variants and corruptions."""
    named = dict(row)
    source = scorers.get(row.get("quality_source") or row.get("scorer") or "")
    for column in SCORERS:
        if (scorer := scorers.get(row.get(column) or "")) is not None:
            named[column] = scorer.title
    if source is not None and row.get("quality_variant"):
        named["quality_variant"] = variant_words(source.kind, row["quality_variant"])
    if row.get("corruption"):
        named["corruption"] = corruption_words(row["corruption"])
    return named


def pair_table(
    frame: pl.DataFrame,
    anchor: str,
    caption: str,
    scorers: Mapping[str, ScorerWords],
    csv: str = "",
) -> PageTable:
    """Rows of a pooled table (``findings.read_pair_table``); scikit-learn's fits are details."""
    reasons = numbered_reasons(frame)
    note = Column("Note", *(lambda row: reasons.get(row["reason"], ""),) * 2, numeric=False)
    rows = (titled(row, scorers) for row in marked_rows(frame))
    return page_table(
        anchor,
        caption,
        (*COLUMNS, note),
        rows,
        notes=[f"{number} not estimable: {reason}" for reason, number in reasons.items()],
        csv=csv,
        detail=lambda row: bool(row["solver"] == "sklearn"),
    )


def family_tables(pairs: pl.DataFrame, scorers: Mapping[str, ScorerWords]) -> list[PageTable]:
    """The pooled table of each family that has rows; pairs: ``findings.read_pairs``."""
    return [
        pair_table(
            members, f"table-{family}", FAMILY_TITLES[family], scorers, f"tables/{family}.csv"
        )
        for family in TABLE_KINDS
        if (members := pairs.filter(pl.col("family") == family)).height
    ]


def words_table(csv: Path, scorers: Mapping[str, ScorerWords]) -> PageTable:
    """A table of an analysis, by the name of its CSV."""
    words: TableWords = words_of(csv.stem)
    rows = read_table(csv, words.schema).iter_rows(named=True)
    return page_table(
        f"table-{csv.stem}",
        words.title,
        words.columns,
        (titled(row, scorers) for row in rows),
        notes=words.notes,
        csv=f"tables/{csv.name}",
    )
