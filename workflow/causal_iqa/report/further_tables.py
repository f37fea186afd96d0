"""The tables of the paper's further experiments in words: title, columns, what they say.

An entry of ``FURTHER`` is all that a new table needs to be rendered and to stand on the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from causal_iqa.analyses.associations.compute import CAPTION as ASSOCIATIONS_CAPTION
from causal_iqa.analyses.dags.compute import CAPTION as DAG_CLAIMS_CAPTION
from causal_iqa.core.contract import read_table
from causal_iqa.core.schemas import (
    ACCURACY_BEYOND,
    ASSOCIATIONS,
    CLAIMS,
    CONTENT,
    DAG_CLAIMS,
    DESIDERATA,
    DESIDERATA_SENSITIVITY,
    MIXTURE_AUC,
    PAPER_FIGURES,
    PUBLISHED,
    SOLVER_AUDIT,
    TRUTH,
    UNITS,
)
from causal_iqa.report.cells import Column, Row, estimate, number
from causal_iqa.report.text_tables import Rendering


class Further(NamedTuple):
    """How a table is shown; ``notes`` say what is in it and what cannot be concluded."""

    title: str
    schema: dict[str, Any]
    columns: Sequence[Column]
    notes: Sequence[str]


def _text(header: str, *names: str) -> Column:
    """Texts side by side, empty ones left out."""

    def cell(row: Row) -> str:
        return "; ".join(str(row[name]) for name in names if row[name] not in (None, ""))

    return Column(header, cell, cell, numeric=False)


def _number(header: str, name: str) -> Column:
    return Column(header, lambda row: number(row[name]), lambda row: row[name])


def _count(header: str, name: str) -> Column:
    return Column(
        header, lambda row: "" if row[name] is None else f"{row[name]}", lambda row: row[name]
    )


def _spread(header: str, mean: str, sd: str) -> Column:
    """A mean with its sd in brackets."""

    def cell(row: Row) -> str:
        return number(row[mean]) if row[sd] is None else f"{number(row[mean])} ({row[sd]:.3f})"

    return Column(header, cell, lambda row: row[mean])


def _interval(header: str, name: str, lo: str = "", hi: str = "") -> Column:
    """An estimate with its interval; lo, hi: the columns of its ends, ``{name}_lo`` and _hi."""
    ends = lo or f"{name}_lo", hi or f"{name}_hi"
    return Column(
        header, lambda row: estimate(row[name], *(row[e] for e in ends)), lambda row: row[name]
    )


def _interval_of_ranks(header: str, name: str) -> Column:
    def cell(row: Row) -> str:
        if row[name] is None or row[f"{name}_lo"] is None:
            return "" if row[name] is None else f"{row[name]}"
        return f"{row[name]} [{row[f'{name}_lo']:.0f}, {row[f'{name}_hi']:.0f}]"

    return Column(header, cell, lambda row: row[name])


def _said() -> Column:
    """What a claim says of left against right; with the margin where it says close."""

    def cell(row: Row) -> str:
        within = "" if row["margin"] is None else f", within {row['margin']:g}"
        return f"{row['says']}{within}"

    return Column("Is", cell, cell, numeric=False)


def _yes(header: str, name: str) -> Column:
    words = {True: "yes", False: "no", None: ""}
    return Column(header, lambda row: words[row[name]], lambda row: words[row[name]], numeric=False)


SCORE = (_text("Quality source", "quality_source"), _text("Q", "quality_variant"))
PAIR = (_text("Task model", "task_model"), *SCORE)
SPREAD = (_spread("AUC (sd)", "mean_auc", "sd_auc"), _spread("CE (sd)", "mean_ce", "sd_ce"))
NOTE = _text("Note", "reason")
SKIPPED = (
    "What lacks one of the classes of M in its training or held-out rows has no AUC: it is skipped "
    "and counted under Skipped."
)
SKIPPED_FOLDS = f"{SKIPPED} With paper.degenerate_folds: half it counts as an AUC of 0.5 as well."
FOLDS = (
    *(*PAIR, *SPREAD, _number("sd over folds", "sd_auc_folds")),
    *(_count("Units", "n_units"), _count("Folds", "n_folds"), _count("Skipped", "n_skipped"), NOTE),
)

FURTHER: dict[str, Further] = {
    "estimators": Further(
        "Estimators of accuracy without labels, tried where the accuracy is known",
        TRUTH,
        (
            *(_text("Task model", "task_model"), _text("Estimator", "estimator")),
            _text("Q", "quality_source", "quality_variant"),
            *(_number("Mean error", "mae"), _number("Bias", "bias")),
            _number("Mean error, group held out", "mae_group"),
            _interval("Coverage", "coverage"),
            _number("Width", "mean_width"),
            _number("Coverage, group held out", "coverage_group"),
            NOTE,
        ),
        (
            "Error: estimated less observed accuracy, on the half of the pictures and the "
            "corruption that were held out. Coverage: share of the conditions whose accuracy the "
            "90 % interval holds; [95 % interval, as if conditions were independent].",
        ),
    ),
    "label": Further(
        "Predictability within each label (Section 2.2)",
        UNITS,
        (*PAIR, *SPREAD, _count("Labels", "n_units"), _count("Skipped", "n_skipped"), NOTE),
        (
            "One logistic regression a label on its training pictures under all corrupted "
            "conditions, judged on its held-out ones. Mean over labels; sd between labels. Rows "
            "'all' pool the no-reference metrics, the networks, or both, as the paper's text does.",
            SKIPPED,
        ),
    ),
    "content_image": Further(
        "Content held fixed: within a picture (Fig. 20a)",
        CONTENT,
        FOLDS,
        (
            "One logistic regression a picture and fold, over the conditions (clean included), "
            "five folds, dealt once for all or for each picture and network (paper.image_folds). "
            "Mean over pictures of the mean over a picture's folds; sd between pictures.",
            SKIPPED_FOLDS,
        ),
    ),
    "content_label": Further(
        "Content held fixed: within a label (Fig. 20b)",
        CONTENT,
        FOLDS,
        (
            "One logistic regression a label and fold, over its pictures under all conditions "
            "(clean included), five folds of whole pictures or of rows (paper.label_folds). Mean "
            "over labels of the mean over a label's folds; sd between labels.",
            SKIPPED_FOLDS,
        ),
    ),
    "mixtures": Further(
        "Mildly corrupted mixtures, one by one (Fig. 22)",
        MIXTURE_AUC,
        (
            *(_number("Share corrupted", "p_c"), _count("Seed", "seed")),
            *(*PAIR, _number("AUC", "auc"), _number("CE", "ce"), NOTE),
        ),
        ("A share of the pictures under one condition of severity 1 to 3 each, the rest clean.",),
    ),
    "mixtures_mean": Further(
        "Mildly corrupted mixtures (Section 2.5, Appendix H)",
        UNITS,
        (*PAIR, *SPREAD, _count("Mixtures", "n_units"), _count("Skipped", "n_skipped"), NOTE),
        (
            "Mean and sd over the shares of corrupted pictures (1 to 20 %) and the seeds of the "
            "draws. Every Q and M is looked up in the scores; nothing is computed anew.",
            SKIPPED,
        ),
    ),
    "dag_claims": Further(
        "The paper's causal claims and what its graphs imply",
        DAG_CLAIMS,
        (
            _text("Figure", "figure", "reading"),
            _text("Graph", "dag"),
            _text("Claim", "claim"),
            _text("Paper", "paper"),
            _text("Graph implies", "implied"),
            _yes("Agree", "agree"),
            _text("Open path", "path"),
            _yes("Agree, stated edges", "agree_stated_edges"),
            _text("Without noise", "without_noise"),
            _text("Where", "where"),
            _text("Sentence", "sentence"),
            _text("Note", "note"),
        ),
        (DAG_CLAIMS_CAPTION,),
    ),
    "associations": Further(
        "Associations of Q and M in these data",
        ASSOCIATIONS,
        (
            *PAIR,
            _text("Within", "within"),
            _number("Somers' D", "somers_d"),
            _number("Mean when permuted", "permuted_mean"),
            _number("p", "permutation_p"),
            _count("Strata used", "n_usable"),
            NOTE,
        ),
        (ASSOCIATIONS_CAPTION,),
    ),
    "desiderata": Further(
        "Scorecard of the desiderata D1 to D4",
        DESIDERATA,
        (
            *SCORE,
            _interval("D1 |tau|", "d1_abs_tau"),
            _interval("D1 AUROC", "d1_auroc_mean"),
            _text("D1", "d1_verdict"),
            _text("D2", "d2_verdict"),
            _interval("D3 AUC", "d3_auc"),
            _interval("D3 SRCC", "d3_srcc"),
            _text("D3", "d3_verdict"),
            _text("D4", "d4_verdict"),
            _text("Note", "d1_reason", "d2_reason", "d3_reason", "d4_reason"),
        ),
        (
            "D1 sensitive: mean over corruptions of |Kendall's tau| of Q with severity within a "
            "picture, and mean AUROC of clean against a condition. D2 blind: needs no reference. "
            "D3 predictive: AUC and SRCC for the task model of the median AUC, weights not shared. "
            "D4 task-model agnostic: not trained on the task's labels, no weights shared.",
            "A verdict needs the whole 95 % interval on one side of the thresholds, which stand in "
            "the configuration (paper.thresholds). The paper measures D3 alone.",
        ),
    ),
    "desiderata_sensitivity": Further(
        "Sensitivity to severity by corruption (D1)",
        DESIDERATA_SENSITIVITY,
        (
            *SCORE,
            _text("Corruption", "corruption"),
            _interval("tau", "tau"),
            *(_number(f"AUROC {severity}", f"auroc_{severity}") for severity in range(1, 6)),
            _count("Constant", "n_constant"),
            NOTE,
        ),
        (
            "tau: Kendall's tau-b of Q with severity within a picture, mean over pictures. "
            "AUROC s: P(Q clean > Q at severity s).",
        ),
    ),
    "published": Further(
        "These tables beside the paper's",
        PUBLISHED,
        (
            _count("Table", "table"),
            _text("Paper's task model", "paper_task_model"),
            _text("Paper's source", "paper_quality_source"),
            _text("Q", "quality_variant"),
            _text("Quantity", "quantity"),
            _text("Solver", "solver"),
            _number("Here", "value"),
            _number("Paper", "paper"),
            _number("Difference", "difference"),
            _number("Joint half width", "joint_half_width"),
            _yes("Within", "within"),
            NOTE,
        ),
        (
            "Within: the difference is no larger than the root of the summed squares of the two "
            "95 % half widths.",
        ),
    ),
    "solver_audit": Further(
        "Did each fit reach its optimum?",
        SOLVER_AUDIT,
        (
            *(_text("Table", "table"), *PAIR, _text("Solver", "solver")),
            _yes("Converged", "converged"),
            _yes("Sign agrees", "sign_agrees"),
            _number("AUC", "auc"),
            _number("AUC, right sign", "auc_right_sign"),
            *(_number("CE", "ce"), _number("CE of base rate", "ce_base")),
            *(_number("sklearn AUC", "sklearn_auc"), _number("sklearn CE", "sklearn_ce"), NOTE),
        ),
        (
            "Sign agrees: the slope has the sign of the training covariance of Q and M, which the "
            "optimum has in one dimension. A slope of the other sign is a solver that stopped "
            "early.",
        ),
    ),
    "claims": Further(
        "The paper's comparative sentences, tested",
        CLAIMS,
        (
            *(_text("Section", "section"), _text("Sentence", "sentence")),
            *(_text("Verdict", "verdict"), _interval("Difference", "difference", "lo", "hi")),
            *(
                _text("Quantity", "quantity"),
                _text("Left", "left"),
                _said(),
                _text("Right", "right"),
            ),
            *(_number("Left value", "left_value"), _number("Right value", "right_value")),
            *(_text("Unit", "unit"), _count("Units", "n_units"), _text("Picked", "picked")),
            _text("Note", "note", "reason"),
        ),
        (
            "Means over the task models. Difference: left less right on the same units, with its "
            "95 % interval; what is picked as the largest or smallest stays as it was found. "
            "Supported or contradicted: the whole interval is on one side; fewer than 10 units "
            "decide nothing. Margins are ours: the paper says 'close' without a number.",
            "auc, ce_gain (nats below the base rate's), srcc: of the pooled tables. image, label: "
            "within a picture, within a label. mixture: mean, change from the least to the most "
            "corrupted share, and sd over the shares.",
        ),
    ),
    "accuracy_beyond": Further(
        "Accuracy beyond what quality predicts",
        ACCURACY_BEYOND,
        (
            *(*SCORE, _text("Held-out rows", "band"), _text("Task model", "task_model")),
            _interval("Accuracy", "accuracy"),
            _number("Expected", "expected"),
            _interval("Beyond", "beyond"),
            _count("Rank by accuracy", "raw_rank"),
            _interval_of_ranks("Rank beyond Q", "adjusted_rank"),
            NOTE,
        ),
        (
            "Expected: the mean P(M=1|Q) of one logistic regression for all networks together. "
            "It is the same number for every network, so over all held-out rows the ranks are "
            "those by accuracy, whatever Q is: networks that are compared on the same pictures "
            "cannot be ranked anew by this. Low, middle, high: the thirds by expected accuracy.",
            "Intervals: 95 %, whole pictures resampled, conditional on the fit. Average: the mean "
            "standardised Q of the sources that share weights with no task model.",
        ),
    ),
    "paper_figures": Further(
        "The paper's scatter figures with the scorers at hand",
        PAPER_FIGURES,
        (
            _count("Figure", "number"),
            _text("Shown", "caption"),
            _text("Stands in", "stands_in"),
            _text("Note", "reason"),
        ),
        ("Which scorer here stands in for which of the paper's.",),
    ),
}


def render_further(csv: Path) -> Rendering:
    """A table of ``FURTHER`` as text, a line for each row of the file."""
    table = FURTHER[csv.stem]
    rows = [
        [column.cell(row) for column in table.columns]
        for row in read_table(csv, table.schema).iter_rows(named=True)
    ]
    headers = [column.header for column in table.columns]
    return Rendering(table.title, headers, [c.numeric for c in table.columns], rows, table.notes)
