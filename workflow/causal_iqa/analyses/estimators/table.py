"""The test of the estimators in words."""

from __future__ import annotations

from causal_iqa.analyses.estimators.schema import TRUTH_TEST
from causal_iqa.report.table_words import (
    NOTE,
    TableWords,
    interval_column,
    number_column,
    text_column,
)

TABLES = {
    "estimators": TableWords(
        "Estimators of accuracy without labels, tried where the accuracy is known",
        TRUTH_TEST,
        (
            *(text_column("Task model", "task_model"), text_column("Estimator", "estimator")),
            text_column("Q", "quality_source", "quality_variant"),
            *(number_column("Mean error", "mae"), number_column("Bias", "bias")),
            number_column("Mean error, group held out", "mae_group"),
            interval_column("Coverage", "coverage"),
            number_column("Width", "mean_width"),
            number_column("Coverage, group held out", "coverage_group"),
            NOTE,
        ),
        (
            "Error: estimated less observed accuracy, on the half of the pictures and the "
            "corruption that were held out. Coverage: share of the conditions whose accuracy the "
            "90 % interval holds; [95 % interval, as if conditions were independent].",
        ),
    ),
}
