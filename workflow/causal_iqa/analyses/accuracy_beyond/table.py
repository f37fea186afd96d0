"""Accuracy beyond quality in words."""

from __future__ import annotations

from causal_iqa.analyses.accuracy_beyond.schema import ACCURACY_BEYOND
from causal_iqa.report.cells import Cell, Column, Row
from causal_iqa.report.table_words import (
    NOTE,
    SCORE,
    TableWords,
    count_column,
    interval_column,
    number_column,
    text_column,
)


def _interval_of_ranks(header: str, name: str) -> Column:
    def cell(row: Row) -> Cell:
        rank, lo, hi = (row[name + end] for end in ("", "_lo", "_hi"))
        return Cell(
            "" if rank is None else f"{rank}", "" if lo is None else f"[{lo:.0f}, {hi:.0f}]"
        )

    return Column(header, cell, lambda row: row[name])


TABLES = {
    "accuracy_beyond": TableWords(
        "Accuracy beyond what quality predicts",
        ACCURACY_BEYOND,
        (
            *(
                *SCORE,
                text_column("Held-out rows", "band"),
                text_column("Task model", "task_model"),
            ),
            interval_column("Accuracy", "accuracy"),
            number_column("Expected", "expected"),
            interval_column("Beyond", "beyond"),
            count_column("Rank by accuracy", "raw_rank"),
            _interval_of_ranks("Rank beyond Q", "adjusted_rank"),
            NOTE,
        ),
        (
            "Expected: the mean P(M=1|Q) of one logistic regression for all networks together. "
            "It is the same number for every network, so over all held-out rows the ranks are "
            "those by accuracy, whatever Q is: networks that are compared on the same pictures "
            "cannot be ranked anew by this. Low, middle, high: the thirds by expected accuracy.",
            "Intervals: 95 %, whole pictures resampled, conditional on the fit. Average: the mean "
            "standardised Q of the sources that share weights with no task model.",
        ),
    ),
}
