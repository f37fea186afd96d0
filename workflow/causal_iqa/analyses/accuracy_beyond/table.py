"""Accuracy beyond quality in words."""

from __future__ import annotations

from causal_iqa.analyses.accuracy_beyond.schema import ACCURACY_BEYOND
from causal_iqa.report.cells import Cell, Column, Row
from causal_iqa.report.enough import PICTURES, too_few
from causal_iqa.report.table_words import (
    NOTE,
    SCORE,
    TableWords,
    count_column,
    interval_column,
    number_column,
    text_column,
)


def _rank_column(header: str, name: str, *ends: str) -> Column:
    """A rank, with its interval where it has one; of too few pictures none."""

    def value(row: Row) -> int | None:
        rank: int | None = row[name]
        return None if too_few(row["n_pictures"], PICTURES, "pictures") else rank

    def cell(row: Row) -> Cell:
        few = too_few(row["n_pictures"], PICTURES, "pictures")
        if few or row[name] is None:
            return Cell(few if row[name] is not None else "")
        lo, hi = (row[end] for end in ends) if ends else (None, None)
        return Cell(f"{row[name]}", "" if lo is None else f"[{lo:.0f}, {hi:.0f}]")

    return Column(header, cell, value)


TABLES = {
    "accuracy_beyond": TableWords(
        "Accuracy beyond what quality predicts",
        ACCURACY_BEYOND,
        (
            *(
                *SCORE,
                text_column("Held-out rows", "band"),
                count_column("Held-out pictures", "n_pictures"),
                text_column("Task model", "task_model"),
            ),
            interval_column("Accuracy", "accuracy"),
            number_column("Expected", "expected"),
            interval_column("Beyond", "beyond"),
            _rank_column("Rank by accuracy", "raw_rank"),
            _rank_column("Rank beyond Q", "adjusted_rank", "adjusted_rank_lo", "adjusted_rank_hi"),
            NOTE,
        ),
        (
            "Expected: the mean P(M=1|Q) of one logistic regression for all networks together. "
            "It is the same number for every network, so over all held-out rows the ranks are "
            "those by accuracy, whatever Q is: networks that are compared on the same pictures "
            "cannot be ranked anew by this. Low, middle, high: the thirds by expected accuracy.",
            "Intervals: 95 %, whole pictures resampled, conditional on the fit. Average: the mean "
            "standardised Q of the sources that share weights with no task model.",
            f"Rows of fewer than {PICTURES} held-out pictures rank no network.",
        ),
    ),
}
