"""Predictability within each label in words."""

from __future__ import annotations

from causal_iqa.analyses.per_unit_schema import UNITS
from causal_iqa.analyses.per_unit_words import unit_columns
from causal_iqa.report.table_words import NOTE, PAIR, SKIPPED, TableWords, count_column

TABLES = {
    "label": TableWords(
        "Predictability within each label (Section 2.2)",
        UNITS,
        (
            *PAIR,
            *unit_columns("labels"),
            count_column("Skipped", "n_skipped"),
            NOTE,
        ),
        (
            "One logistic regression a label on its training pictures under all corrupted "
            "conditions, judged on its held-out ones. Mean over labels; sd between labels. Rows "
            "'all' pool the no-reference metrics, the networks, or both, as the paper's text does.",
            SKIPPED,
        ),
    ),
}
