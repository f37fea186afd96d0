"""Our tables beside the paper's, in words."""

from __future__ import annotations

from causal_iqa.analyses.published.schema import PUBLISHED
from causal_iqa.report.table_words import (
    NOTE,
    TableWords,
    count_column,
    number_column,
    text_column,
    yes_column,
)

TABLES = {
    "published": TableWords(
        "These tables beside the paper's",
        PUBLISHED,
        (
            count_column("Table", "table"),
            text_column("Paper's task model", "paper_task_model"),
            text_column("Paper's source", "paper_quality_source"),
            text_column("Q", "quality_variant"),
            text_column("Quantity", "quantity"),
            text_column("Solver", "solver"),
            number_column("Here", "value"),
            number_column("Paper", "paper"),
            number_column("Difference", "difference"),
            number_column("Joint half width", "joint_half_width"),
            yes_column("Within", "within"),
            NOTE,
        ),
        (
            "Within: the difference is no larger than the root of the summed squares of the two "
            "95 % half widths.",
        ),
    ),
}
