"""The list of the paper's scatter figures in words."""

from __future__ import annotations

from causal_iqa.analyses.paper_scatters.schema import PAPER_FIGURES
from causal_iqa.report.table_words import TableWords, count_column, text_column

TABLES = {
    "paper_figures": TableWords(
        "The paper's scatter figures with the scorers at hand",
        PAPER_FIGURES,
        (
            count_column("Figure", "number"),
            text_column("Shown", "caption"),
            text_column("Stands in", "stands_in"),
            text_column("Note", "reason"),
        ),
        ("Which scorer here stands in for which of the paper's.",),
        in_place="",  # the figures' captions say it
    ),
}
