"""The mixtures in words."""

from __future__ import annotations

from causal_iqa.analyses.mixtures.schema import MIXTURE_AUC
from causal_iqa.analyses.per_unit_schema import UNITS
from causal_iqa.analyses.per_unit_words import unit_columns
from causal_iqa.report.table_words import (
    NOTE,
    PAIR,
    SKIPPED,
    TableWords,
    count_column,
    number_column,
)

TABLES = {
    "mixtures_mean": TableWords(
        "Mildly corrupted mixtures (Section 2.5, Appendix H)",
        UNITS,
        (
            *PAIR,
            *unit_columns("mixtures"),
            count_column("Skipped", "n_skipped"),
            NOTE,
        ),
        (
            "Mean and sd over the shares of corrupted pictures (1 to 20 %) and the seeds of the "
            "draws. Every Q and M is looked up in the scores; nothing is computed anew.",
            SKIPPED,
        ),
    ),
    "mixtures": TableWords(
        "Mildly corrupted mixtures, one by one (Fig. 22)",
        MIXTURE_AUC,
        (
            *(number_column("Share corrupted", "p_c"), count_column("Seed", "seed")),
            *(*PAIR, count_column("Held-out pictures", "n_pictures")),
            *(number_column("AUC", "auc"), number_column("CE", "ce"), NOTE),
        ),
        ("A share of the pictures under one condition of severity 1 to 3 each, the rest clean.",),
        in_place="Every mixture by itself",
    ),
}
