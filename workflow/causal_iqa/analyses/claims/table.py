"""The paper's sentences in words."""

from __future__ import annotations

from causal_iqa.analyses.claims.schema import CLAIMS
from causal_iqa.report.cells import Column, Row
from causal_iqa.report.table_words import (
    TableWords,
    count_column,
    interval_column,
    number_column,
    text_column,
)


def _said() -> Column:
    """What a claim says of left against right; with the margin where it says close."""

    def cell(row: Row) -> str:
        within = "" if row["margin"] is None else f", within {row['margin']:g}"
        return f"{row['says']}{within}"

    return Column("Is", cell, cell, numeric=False)


TABLES = {
    "claims": TableWords(
        "The paper's comparative sentences, tested",
        CLAIMS,
        (
            *(text_column("Section", "section"), text_column("Sentence", "sentence")),
            *(
                text_column("Verdict", "verdict"),
                interval_column("Difference", "difference", "lo", "hi"),
            ),
            *(
                text_column("Quantity", "quantity"),
                text_column("Left", "left"),
                _said(),
                text_column("Right", "right"),
            ),
            *(
                number_column("Left value", "left_value"),
                number_column("Right value", "right_value"),
            ),
            *(
                text_column("Unit", "unit"),
                count_column("Units", "n_units"),
                text_column("Picked", "picked"),
            ),
            text_column("Note", "note", "reason"),
        ),
        (
            "Means over the task models. Difference: left less right on the same units, with its "
            "95 % interval; what is picked as the largest or smallest stays as it was found. "
            "Supported or contradicted: the whole interval is on one side; fewer than 30 pictures "
            "or 10 other units "
            "decide nothing. Margins are ours: the paper says 'close' without a number.",
            "auc, ce_gain (nats below the base rate's), srcc: of the pooled tables. image, label: "
            "within a picture, within a label. mixture: mean, change from the least to the most "
            "corrupted share, and sd over the shares.",
        ),
    ),
}
