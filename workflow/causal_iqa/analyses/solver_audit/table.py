"""The audit of the solvers in words."""

from __future__ import annotations

from causal_iqa.analyses.solver_audit.schema import SOLVER_AUDIT
from causal_iqa.report.table_words import (
    NOTE,
    PAIR,
    TableWords,
    number_column,
    text_column,
    yes_column,
)

TABLES = {
    "solver_audit": TableWords(
        "Did each fit reach its optimum?",
        SOLVER_AUDIT,
        (
            *(text_column("Table", "table"), *PAIR, text_column("Solver", "solver")),
            yes_column("Converged", "converged"),
            yes_column("Sign agrees", "sign_agrees"),
            number_column("AUC", "auc"),
            number_column("AUC, right sign", "auc_right_sign"),
            *(number_column("CE", "ce"), number_column("CE of base rate", "ce_base")),
            *(
                number_column("sklearn AUC", "sklearn_auc"),
                number_column("sklearn CE", "sklearn_ce"),
                NOTE,
            ),
        ),
        (
            "Sign agrees: the slope has the sign of the training covariance of Q and M, which the "
            "optimum has in one dimension. A slope of the other sign is a solver that stopped "
            "early.",
        ),
    ),
}
