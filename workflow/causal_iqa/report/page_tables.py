"""The pair tables as the page shows them: titles for names, a sort value beside each text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from causal_iqa.core.kinds import TABLE_KINDS
from causal_iqa.report.cells import COLUMNS, cell_lines, marked_rows
from causal_iqa.report.scorer_words import FAMILY_TITLES, ScorerWords, variant_words


def html_tables(pairs: pl.DataFrame, scorers: Mapping[str, ScorerWords]) -> list[dict[str, Any]]:
    """For each family with rows: id, title, headers and rows of cells (lines, sort, numeric).

    pairs: ``findings.read_pairs``. A row also has ``task`` and ``solver``, to be filtered by.
    """
    return [
        {
            "id": family,
            "title": FAMILY_TITLES[family],
            "headers": [(column.header, column.numeric) for column in COLUMNS],
            "rows": [_row(row, scorers) for row in marked_rows(members)],
        }
        for family in TABLE_KINDS
        if (members := pairs.filter(pl.col("family") == family)).height
    ]


def _row(row: dict[str, Any], scorers: Mapping[str, ScorerWords]) -> dict[str, Any]:
    source = scorers[row["quality_source"]]
    titled = {
        **row,
        "task_model": scorers[row["task_model"]].title,
        "quality_source": source.title,
        "quality_variant": variant_words(source.kind, row["quality_variant"]),
    }
    cells = [
        {
            "lines": cell_lines(column.cell(titled)),
            "sort": "" if column.value(titled) is None else column.value(titled),
            "numeric": column.numeric,
        }
        for column in COLUMNS
    ]
    return {
        "task": row["task_model"],
        "solver": row["solver"],
        "cells": cells,
    }
