"""The scorecard in words."""

from __future__ import annotations

from causal_iqa.analyses.desiderata.schema import DESIDERATA, DESIDERATA_SENSITIVITY
from causal_iqa.report.cells import Column, Row
from causal_iqa.report.enough import PICTURES, UNITS, too_few
from causal_iqa.report.table_words import (
    NOTE,
    SCORE,
    TableWords,
    count_column,
    interval_column,
    number_column,
    text_column,
)


def few_words(row: Row, desideratum: str) -> str:
    """Why what a desideratum is judged on is too few to tell, '' where it is not."""
    if desideratum not in ("d1", "d3"):
        return ""  # a fact
    few = too_few(row["n_pictures"], PICTURES, "pictures")
    if not few and desideratum == "d3":
        few = too_few(row["n_corruptions"], UNITS, "corruptions")
    return few


def _verdict(desideratum: str) -> Column:
    def cell(row: Row) -> str:
        return "; ".join(filter(None, (row[f"{desideratum}_verdict"], few_words(row, desideratum))))

    return Column(desideratum.upper(), cell, cell, numeric=False)


TABLES = {
    "desiderata": TableWords(
        "Scorecard of the desiderata D1 to D4",
        DESIDERATA,
        (
            *SCORE,
            interval_column("D1 |tau|", "d1_abs_tau"),
            interval_column("D1 AUROC", "d1_auroc_mean"),
            _verdict("d1"),
            _verdict("d2"),
            interval_column("D3 AUC", "d3_auc"),
            interval_column("D3 SRCC", "d3_srcc"),
            _verdict("d3"),
            _verdict("d4"),
            text_column("Note", "d1_reason", "d2_reason", "d3_reason", "d4_reason"),
        ),
        (
            "D1 sensitive: mean over corruptions of |Kendall's tau| of Q with severity within a "
            "picture, and mean AUROC of clean against a condition. D2 blind: needs no reference. "
            "D3 predictive: AUC and SRCC for the task model of the median AUC, weights not shared; "
            "an SRCC against the direction that the score's own scale has is none. "
            "D4 task-model agnostic: not trained on the task's labels, no weights shared.",
            "A verdict needs the whole 95 % interval on one side of the thresholds, which stand in "
            "the configuration (paper.thresholds). The paper measures D3 alone.",
        ),
    ),
    "desiderata_sensitivity": TableWords(
        "Sensitivity to severity by corruption (D1)",
        DESIDERATA_SENSITIVITY,
        (
            *SCORE,
            text_column("Corruption", "corruption"),
            interval_column("tau", "tau"),
            *(number_column(f"AUROC {severity}", f"auroc_{severity}") for severity in range(1, 6)),
            count_column("Constant", "n_constant"),
            NOTE,
        ),
        (
            "tau: Kendall's tau-b of Q with severity within a picture, mean over pictures. "
            "AUROC s: P(Q clean > Q at severity s).",
        ),
    ),
}
