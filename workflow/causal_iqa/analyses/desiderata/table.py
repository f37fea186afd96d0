"""The scorecard in words."""

from __future__ import annotations

from causal_iqa.analyses.desiderata.schema import DESIDERATA, DESIDERATA_SENSITIVITY
from causal_iqa.report.table_words import (
    NOTE,
    SCORE,
    TableWords,
    count_column,
    interval_column,
    number_column,
    text_column,
)

TABLES = {
    "desiderata": TableWords(
        "Scorecard of the desiderata D1 to D4",
        DESIDERATA,
        (
            *SCORE,
            interval_column("D1 |tau|", "d1_abs_tau"),
            interval_column("D1 AUROC", "d1_auroc_mean"),
            text_column("D1", "d1_verdict"),
            text_column("D2", "d2_verdict"),
            interval_column("D3 AUC", "d3_auc"),
            interval_column("D3 SRCC", "d3_srcc"),
            text_column("D3", "d3_verdict"),
            text_column("D4", "d4_verdict"),
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
