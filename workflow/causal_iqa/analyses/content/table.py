"""The content controls in words."""

from __future__ import annotations

from causal_iqa.analyses.content.schema import CONTENT
from causal_iqa.analyses.per_unit_words import unit_columns
from causal_iqa.report.cells import Column
from causal_iqa.report.table_words import (
    NOTE,
    PAIR,
    SKIPPED,
    TableWords,
    count_column,
    number_column,
)

SKIPPED_FOLDS = f"{SKIPPED} With paper.degenerate_folds: half it counts as an AUC of 0.5 as well."


def _columns(units: str) -> tuple[Column, ...]:
    return (
        *PAIR,
        *unit_columns(units),
        number_column("sd over folds", "sd_auc_folds"),
        count_column("Folds", "n_folds"),
        count_column("Skipped", "n_skipped"),
        NOTE,
    )


TABLES = {
    "content_image": TableWords(
        "Content held fixed: within a picture (Fig. 20a)",
        CONTENT,
        _columns("pictures"),
        (
            "One logistic regression a picture and fold, over the conditions (clean included), "
            "five folds, dealt once for all or for each picture and network (paper.image_folds). "
            "Mean over pictures of the mean over a picture's folds; sd between pictures.",
            SKIPPED_FOLDS,
        ),
    ),
    "content_label": TableWords(
        "Content held fixed: within a label (Fig. 20b)",
        CONTENT,
        _columns("labels"),
        (
            "One logistic regression a label and fold, over its pictures under all conditions "
            "(clean included), five folds of whole pictures or of rows (paper.label_folds). Mean "
            "over labels of the mean over a label's folds; sd between labels.",
            SKIPPED_FOLDS,
        ),
    ),
}
