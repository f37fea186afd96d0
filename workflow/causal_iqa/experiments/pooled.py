"""The pooled analysis (paper 2.2 to 2.4): does Q predict M over pictures and over groups?

One row a (task model, quality source, variant, solver). Over the groups (a condition each) the
means of Q and M are correlated; over the pictures a logistic regression P(M=1|Q), fitted on the
training ids, is judged on the held-out ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from causal_iqa.conditions import CLEAN, Condition
from causal_iqa.contract import (
    CORRELATIONS,
    POOLED,
    SPLITS,
    TABLE_KINDS,
    Results,
    read_table,
    write_table,
)
from causal_iqa.experiments.panel import Booleans, Floats, Panel
from causal_iqa.seeding import generator
from causal_iqa.statistics import NotEstimable
from causal_iqa.statistics.auc import auc
from causal_iqa.statistics.bootstrap import ResampledAuc, ResampledMean, bootstrap
from causal_iqa.statistics.correlation import (
    bootstrap_correlations,
    holm,
    kendall_tau_b,
    pearson,
    spearman,
)
from causal_iqa.statistics.logistic import (
    LogisticFit,
    base_rate_cross_entropy,
    fit_logistic,
    fit_sklearn_default,
    log_losses,
)
from causal_iqa.statistics.resampling import percentile_interval

SOLVERS = {"converged": fit_logistic, "sklearn": fit_sklearn_default}
ESTIMATORS = {"krcc": kendall_tau_b, "plcc": pearson, "srcc": spearman}


class Design(NamedTuple):
    """What every row of a table shares."""

    corruptions: list[str]
    image_ids: np.ndarray
    is_test: Booleans
    seed: int
    resamples: int


Row = dict[str, Any]


def write_pooled(
    results: Results,
    table: str,
    conditions: Sequence[Condition],
    *,
    include_clean: bool,
    seed: int,
    resamples: int,
) -> None:
    """Write one pooled table: ``nr_iqa``, ``strong`` or ``weak``."""
    used = [c for c in conditions if include_clean or c.corruption != CLEAN]
    panel = Panel(results.root, used)
    splits = read_table(results.splits, SPLITS)
    design = Design(
        [condition.corruption for condition in used],
        panel.image_ids.to_numpy(),
        splits["is_test"].to_numpy(),
        seed,
        resamples,
    )
    rows = [
        row
        for task_model in panel.of_kind("classifier")
        for source in panel.of_kind(TABLE_KINDS[table])
        for variant in panel.variants(source)
        for row in _rows(panel, task_model, source, variant, design)
    ]
    frame = _with_holm(pl.DataFrame(rows, schema={**POOLED}))
    write_table(frame, results.table(table), POOLED)


def _rows(panel: Panel, task_model: str, source: str, variant: str, design: Design) -> list[Row]:
    """The rows of one pair: one a solver."""
    q, m = panel.quality(source, variant), panel.correct(task_model)
    test = design.is_test
    shared: Row = {
        "task_model": task_model,
        "quality_source": source,
        "quality_variant": variant,
        "circular": panel.circular(task_model, source),
        "n_groups": len(q),
        "n_train": len(q) * int((~test).sum()),
        "n_test": len(q) * int(test.sum()),
        "auc_ci_method": "bootstrap",
    }
    correlations, reasons = correlate_groups(q.mean(axis=1), m.mean(axis=1), design)
    rows = []
    for solver, prediction in predict_pictures(q, m, design).items():
        why = [*reasons, prediction.pop("reason")]
        rows.append(
            {
                **shared,
                **correlations,
                **prediction,
                "solver": solver,
                "reason": "; ".join(filter(None, why)),
            }
        )
    return rows


def correlate_groups(q: Floats, m: Floats, design: Design) -> tuple[Row, list[str]]:
    """KRCC, PLCC, SRCC of group means [n_groups] with p-values and two bootstrap intervals.

    ``_lo, _hi`` resample the groups, ``_corr_lo, _corr_hi`` the corruptions with all their
    severities (paper 2.1; the notes to its Table 1 show that it resampled the groups).
    """
    row: Row = {}
    try:
        for name, estimator in ESTIMATORS.items():
            row[name], row[f"{name}_p"] = estimator(q, m)
    except NotEstimable as finding:
        return {}, [f"correlations: {finding.reason}"]
    reasons = []
    for suffix, units in (("", None), ("_corr", design.corruptions)):
        rng = generator(design.seed, "bootstrap of groups", suffix)
        samples = bootstrap_correlations(q, m, units, design.resamples, rng)
        for name, values in zip(
            CORRELATIONS, (samples.kendall, samples.pearson, samples.spearman), strict=True
        ):
            try:
                interval = percentile_interval(values)
            except NotEstimable as finding:
                reasons.append(f"{name}{suffix} interval: {finding.reason}")
            else:
                row[f"{name}{suffix}_lo"], row[f"{name}{suffix}_hi"] = interval.lo, interval.hi
    return row, reasons


def predict_pictures(q: Floats, m: Booleans, design: Design) -> dict[str, Row]:
    """AUC and CE on the held-out pictures of P(M=1|Q), by solver; q and m are [group, picture]."""
    test = design.is_test
    train_q, train_m = q[:, ~test].ravel(), m[:, ~test].ravel()
    test_q, test_m = q[:, test].ravel(), m[:, test].ravel()
    clusters = np.broadcast_to(design.image_ids[test], (len(q), int(test.sum()))).ravel()
    fits: dict[str, LogisticFit] = {}
    try:
        for solver, fit in SOLVERS.items():
            fits[solver] = fit(train_q, train_m)
    except NotEstimable as finding:
        reason = f"fit on the training pictures: {finding.reason}"
        return {solver: {"reason": reason} for solver in SOLVERS}
    rows: dict[str, Row] = {
        solver: {
            "slope": fit.slope,
            "intercept": fit.intercept,
            "ce": float(log_losses(fit, test_q, test_m).mean()),
            "ce_base": base_rate_cross_entropy(train_m, test_m),
            "reason": "",
        }
        for solver, fit in fits.items()
    }
    for suffix, units in (("", None), ("_cluster", clusters)):
        _add_intervals(rows, fits, (test_q, test_m, units), suffix, design)
    return rows


def _add_intervals(
    rows: dict[str, Row],
    fits: dict[str, LogisticFit],
    held_out: tuple[Floats, Booleans, np.ndarray | None],
    suffix: str,
    design: Design,
) -> None:
    """Add intervals of AUC and CE from one set of resamples, of rows or of clusters.

    AUC(-Q) = 1 - AUC(Q), so one bootstrap of Q's own AUC serves both signs of the slope.
    """
    q, m, units = held_out
    losses = [ResampledMean(log_losses(fit, q, m), units) for fit in fits.values()]
    rng = generator(design.seed, "bootstrap of pictures", suffix)
    try:
        raw_auc = auc(q, m)
        ranked, *means = bootstrap([ResampledAuc(q, m, units), *losses], design.resamples, rng)
        _fill_auc(rows, fits, raw_auc, ranked, suffix)
    except NotEstimable as finding:
        means = list(bootstrap(losses, design.resamples, rng))
        for row in rows.values():
            row["reason"] = f"AUC on the held-out pictures: {finding.reason}"
    for row, samples in zip(rows.values(), means, strict=True):
        interval = percentile_interval(samples)
        row[f"ce{suffix}_lo"], row[f"ce{suffix}_hi"] = interval.lo, interval.hi


def _fill_auc(
    rows: dict[str, Row],
    fits: dict[str, LogisticFit],
    raw_auc: float,
    samples: Floats,
    suffix: str,
) -> None:
    for solver, fit in fits.items():
        sign = np.sign(fit.slope)
        interval = percentile_interval(0.5 + sign * (samples - 0.5))
        rows[solver]["auc"] = 0.5 + sign * (raw_auc - 0.5)
        rows[solver][f"auc{suffix}_lo"] = interval.lo
        rows[solver][f"auc{suffix}_hi"] = interval.hi


def _with_holm(frame: pl.DataFrame) -> pl.DataFrame:
    """Add Holm's adjusted p-values over the table's pairs, each counted once, not per solver."""
    pair = ["task_model", "quality_source", "quality_variant"]
    once = frame.unique(pair, maintain_order=True)
    adjusted = once.select(
        *pair,
        *(
            pl.Series(f"{name}_p_holm", holm(once[f"{name}_p"].to_numpy()), nan_to_null=True)
            for name in CORRELATIONS
        ),
    )
    return frame.drop([f"{name}_p_holm" for name in CORRELATIONS]).join(
        adjusted, on=pair, maintain_order="left"
    )
