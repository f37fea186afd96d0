"""Did each fit of the pooled tables reach its optimum, and has its slope the right sign?

For a logistic regression on one feature with a free intercept the objective is convex and its
derivative at slope 0 is a negative multiple of the training covariance of Q and M, so the optimal
slope has the covariance's sign. A fit with another sign stopped early, and its AUC is that of the
wrong direction. scikit-learn's defaults do so where Q hardly varies (the zero-shot probabilities
of the paper's Table 3): the gradient lies below the absolute tolerance from the start, and the
slope keeps the sign of base rate - 1/2 that its first steps gave it.

``solver_audit.csv``, one row per row of the pooled tables (``table`` names it):

- ``slope``, ``intercept``, ``auc``, ``ce``, ``ce_base``: as there;
- ``gradient_left``: of the row's own objective at its slope and intercept, Q standardised, as a
  part of the gradient at the base-rate model or of that gradient's sampling noise, if that is
  larger; ``converged``: at most 1 % (the measure of ``statistics.logistic``);
- ``correlation``: of Q and M over the training pictures, with the covariance's sign;
- ``sign_agrees``: the slope's sign is the covariance's; empty where the correlation is 0 within
  what the solver resolves. ``artefact``: it does not agree;
- ``auc_right_sign``: the AUC that the covariance's sign gives, what a converged fit has;
- ``ce_gain``: ``ce_base - ce`` in nats; about 0 where the slope is stuck near 0;
- ``sklearn_slope``, ``sklearn_auc``, ``sklearn_ce``: what scikit-learn's defaults give.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from causal_iqa.analyses.pooled.schema import POOLED
from causal_iqa.analyses.pooled.tables import pooled_tables
from causal_iqa.analyses.registry import Job
from causal_iqa.analyses.solver_audit.schema import SOLVER_AUDIT
from causal_iqa.core.conditions import Condition
from causal_iqa.core.contract import Results, read_table, write_table
from causal_iqa.data.panel import Booleans, Floats, groups_of
from causal_iqa.data.splits import read_splits
from causal_iqa.statistics.logistic import (
    GRADIENT_TOLERANCE,
    SKLEARN_TOLERANCE,
    LogisticFit,
    predict,
)

Row = dict[str, Any]
KEPT = ("task_model", "quality_source", "quality_variant", "solver")
REPORTED = ("slope", "intercept", "auc", "ce", "ce_base")


class Training(NamedTuple):
    """The training points of a pair: Q and M [n], Q's mean and population sd, and corr(Q, M)."""

    q: Floats
    m: Booleans
    mean: float
    sd: float
    correlation: float


def write_solver_audit(
    results: Results,
    conditions: Sequence[Condition],
    *,
    tables: Sequence[str],
    include_clean: bool,
) -> None:
    """Write ``solver_audit.csv`` for the named pooled tables, made with these conditions."""
    panel = groups_of(results, conditions, include_clean=include_clean)
    train = ~read_splits(results, "is_test", panel.image_ids)
    rows = []
    for table in tables:
        frame = read_table(results.table(table), POOLED)
        for (task_model, source, variant), fits in frame.group_by(KEPT[:3], maintain_order=True):
            q = panel.quality(str(source), str(variant))[:, train].ravel()
            m = panel.correct(str(task_model))[:, train].ravel()
            defined = ~np.isnan(q)  # the rows that the fit was made on
            training = training_points(q[defined], m[defined])
            default = fits.row(by_predicate=pl.col("solver") == "sklearn", named=True)
            rows += [
                {"table": table, **audit(fit, default, training)}
                for fit in fits.iter_rows(named=True)
            ]
    frame = pl.DataFrame(rows, schema=SOLVER_AUDIT)
    write_table(frame, results.table("solver_audit"), SOLVER_AUDIT)


def training_points(q: Floats, m: Booleans) -> Training:
    """Summaries of q and m [n]; correlation 0 where one of them is constant."""
    if not q.size:
        return Training(q, m, 0.0, 0.0, 0.0)
    # Not by the standard deviation, which rounding may keep from being 0.
    if q.min() == q.max() or m.all() or not m.any():
        return Training(q, m, float(q.mean()), 0.0, 0.0)
    mean, sd = float(q.mean()), float(q.std())
    correlation = float(((q - mean) * (m - m.mean())).mean() / (sd * m.std()))
    return Training(q, m, mean, sd, correlation)


def audit(fit: Row, default: Row, training: Training) -> Row:
    """The audit of one row of a pooled table; default: the row of scikit-learn's fit."""
    row: Row = {
        **{name: fit[name] for name in (*KEPT, *REPORTED)},
        **{f"sklearn_{name}": default[name] for name in ("slope", "auc", "ce")},
        "reason": fit["reason"],
    }
    if fit["slope"] is None:
        return row
    left = gradient_left(fit, training)
    row["gradient_left"] = left
    # One measure for both solvers, so that their rows can be held side by side.
    row["converged"] = left <= SKLEARN_TOLERANCE
    row["correlation"] = training.correlation
    row["ce_gain"] = fit["ce_base"] - fit["ce"]
    # The start's gradient per row is this times sd(M): below the tolerance no sign is resolved.
    if abs(training.correlation) <= GRADIENT_TOLERANCE:
        return {**row, "reason": _joined(fit["reason"], "Q and M do not covary in training")}
    agrees = bool(np.sign(fit["slope"]) == np.sign(training.correlation))
    row["sign_agrees"], row["artefact"] = agrees, not agrees
    row["auc_right_sign"] = _right_sign(fit, training.correlation)
    return row


def gradient_left(fit: Row, training: Training) -> float:
    """Norm of the gradient of the row's own objective, relative as in the module's docstring.

    The penalty is half the squared slope: of standardised Q (``converged``), of raw Q
    (``sklearn``).
    """
    q, m, sd = training.q, training.m, training.sd or 1.0
    z = (q - training.mean) / sd
    rate = m.mean()
    penalty = fit["slope"] * sd if fit["solver"] == "converged" else fit["slope"] / sd
    error = predict(LogisticFit(fit["slope"], fit["intercept"], False, 0), q) - m
    # Sums, not BLAS products: their last digits do not depend on the number of threads.
    left = np.hypot(error.sum(), (error * z).sum() + penalty)
    # Of the gradient if Q and M did not covary: without it, no fit to mere noise would converge.
    noise = np.sqrt(m.size * rate * (1 - rate))
    return float(left / max(abs(((rate - m) * z).sum()), noise))


def _right_sign(fit: Row, correlation: float) -> float | None:
    """AUC in the covariance's direction; None without one, or where slope 0 left only 0.5."""
    if fit["auc"] is None or fit["slope"] == 0:
        return None
    # AUC(-Q) = 1 - AUC(Q), ties included, so that no fit has to be made again.
    area = float(fit["auc"])
    return area if np.sign(fit["slope"]) == np.sign(correlation) else 1 - area


def _joined(*reasons: str) -> str:
    return "; ".join(filter(None, reasons))


def run(job: Job) -> None:
    """``solver_audit.csv``."""
    write_solver_audit(
        job.results,
        job.settings.conditions(),
        tables=pooled_tables(job.results),
        include_clean=job.settings["analysis.include_clean"],
    )
