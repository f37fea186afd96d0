"""The pooled analysis (paper 2.2 to 2.4): does Q predict M over pictures and over groups?

One row a (task model, quality source, variant, solver). Over the groups (a condition each) the
means of Q and M are correlated; over the pictures a logistic regression P(M=1|Q), fitted on the
training ids, is judged on the held-out ids.

Where Q is not defined for a picture under a condition, that row is left out of all that its pairs
are computed from, Q and M alike: of the fit (``n_train``), of what it is judged on (``n_test``) and
of both means of the condition. The picture's rows under other conditions stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from threadpoolctl import threadpool_limits

from causal_iqa.analyses.pooled.schema import CORRELATIONS, POOLED
from causal_iqa.analyses.registry import Job
from causal_iqa.core.conditions import Condition
from causal_iqa.core.contract import Results, write_table
from causal_iqa.core.kinds import ALL_TABLE_KINDS
from causal_iqa.core.seeding import generator
from causal_iqa.data.panel import Booleans, Floats, Panel, groups_of
from causal_iqa.data.splits import read_splits
from causal_iqa.statistics import NotEstimable
from causal_iqa.statistics.auc import auc
from causal_iqa.statistics.bootstrap import ResampledAuc, draw_units, resampled_mean
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

# Both: sklearn's defaults, as the paper seems to have run them, may end far from the optimum.
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


class HeldOut:
    """Training and held-out correctness of all task models, and the latter's resamples.

    correct: [group, picture] by task model. Every quality score is judged on the same resamples,
    of the pictures under their conditions and of whole pictures. defined: [group, picture], the
    rows that count; None: all.
    """

    def __init__(
        self, correct: dict[str, Booleans], design: Design, defined: Booleans | None = None
    ) -> None:
        m = np.stack(list(correct.values()))
        counted = np.ones(m.shape[1:], dtype=bool) if defined is None else defined
        self._correct, self._design = correct, design
        self.train, self.test = counted & ~design.is_test, counted & design.is_test
        shares = (m & counted).sum(axis=2) / counted.sum(axis=1)
        self.accuracy = dict(zip(correct, shares, strict=True))
        self.train_m, self.test_m = m[:, self.train], m[:, self.test]
        n = self.test_m.shape[1]
        pictures = np.broadcast_to(design.image_ids, counted.shape)[self.test]
        self.drawn, self.areas = {}, {}
        # Rows are the paper's units, but a picture's rows under 75 conditions hang together.
        for suffix, units in (("", None), ("_cluster", pictures)) if n else ():
            rng = generator(design.seed, "bootstrap of pictures", suffix)
            self.drawn[suffix] = draw_units(units, n, design.resamples, rng)
            self.areas[suffix] = ResampledAuc(self.test_m, self.drawn[suffix])

    def where(self, defined: Booleans) -> HeldOut:
        """The same for a quality score that is defined in these rows, [group, picture]."""
        return HeldOut(self._correct, self._design, defined)


def write_pooled(
    results: Results,
    table: str,
    conditions: Sequence[Condition],
    *,
    include_clean: bool,
    seed: int,
    resamples: int,
    threads: int = 1,
) -> None:
    """Write one pooled table: a name of ``ALL_TABLE_KINDS``.

    threads: quality scores that are worked on at once; the table does not depend on it.
    """
    panel = groups_of(results, conditions, include_clean=include_clean)
    design = Design(
        [condition.corruption for condition in panel.conditions],
        panel.image_ids.to_numpy(),
        read_splits(results, "is_test", panel.image_ids),
        seed,
        resamples,
    )
    held_out = HeldOut(panel.all_correct(), design)
    sources = panel.of_kind(ALL_TABLE_KINDS[table])
    scores = [(source, variant) for source in sources for variant in panel.variants(source)]
    # One BLAS thread, set from outside: the limit inside is of the process, not of a thread.
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(threads) as pool:
        judged = pool.map(lambda score: _score_rows(panel, score, held_out, design), scores)
        # Worked on score by score, which ranks a score once; written task model by task model.
        by_task_model = zip(*judged, strict=True)
    rows = [row for mine in by_task_model for found in mine for row in found]
    frame = pl.DataFrame(rows, schema={**POOLED})
    write_table(_with_holm(frame), results.table(table), POOLED)


def _score_rows(
    panel: Panel, score: tuple[str, str], held_out: HeldOut, design: Design
) -> list[list[Row]]:
    """The rows of one quality score, for each task model in the order of ``held_out``."""
    source, variant = score
    q = panel.quality(source, variant)
    defined = ~np.isnan(q)
    means = q.mean(axis=1)
    if not defined.all():
        # Only here: a HeldOut of its own costs a bootstrap of its own.
        held_out, means = held_out.where(defined), np.nanmean(q, axis=1)
    predictions = predict_pictures(q, held_out)
    found = []
    for (task_model, shares), prediction in zip(
        held_out.accuracy.items(), predictions, strict=True
    ):
        pair = {
            "task_model": task_model,
            "quality_source": source,
            "quality_variant": variant,
            "circular": panel.circular(task_model, source),
        }
        pair |= {"n_train": held_out.train_m.shape[1], "n_test": held_out.test_m.shape[1]}
        found.append(_rows(pair, means, shares, prediction, design))
    return found


def _rows(
    pair: Row, quality: Floats, accuracy: Floats, prediction: dict[str, Row], design: Design
) -> list[Row]:
    """The rows of one pair, one a solver, from group means [n_groups] and ``predict_pictures``."""
    correlations, reasons = correlate_groups(quality, accuracy, design)
    shared: Row = {
        **pair,
        **correlations,
        "n_groups": len(quality),
        "auc_ci_method": "bootstrap",
    }
    return [
        {
            **shared,
            **found,
            "solver": solver,
            "reason": "; ".join(filter(None, [*reasons, found["reason"]])),
        }
        for solver, found in prediction.items()
    ]


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
    # Groups are the paper's units; severities of one corruption are not independent, however.
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


def predict_pictures(q: Floats, held_out: HeldOut) -> list[dict[str, Row]]:
    """AUC and CE on the held-out pictures of P(M=1|Q): for each task model, by solver.

    q: [group, picture]; only the rows that ``held_out`` counts are looked at.
    """
    train_q, test_q = q[held_out.train], q[held_out.test]
    for values, which in ((train_q, "training"), (test_q, "held-out")):
        if not values.size:
            why = f"Q is not defined for any of the {which} pictures"
            return [{solver: {"reason": why} for solver in SOLVERS} for _ in held_out.train_m]
    predictions: list[dict[str, Row]] = []
    # Of all networks: their losses are resampled at once below, in one product.
    fitted, losses = [], []
    for train_m, test_m in zip(held_out.train_m, held_out.test_m, strict=True):
        rows: dict[str, Row] = {}
        for solver, fit in _fits(train_q, train_m).items():
            if isinstance(fit, NotEstimable):
                rows[solver] = {"reason": f"fit on the training pictures: {fit.reason}"}
                continue
            losses.append(log_losses(fit, test_q, test_m))
            rows[solver] = {
                "slope": fit.slope,
                "intercept": fit.intercept,
                "ce": float(losses[-1].mean()),
                "ce_base": base_rate_cross_entropy(train_m, test_m),
                "reason": "",
            }
            fitted.append(rows[solver])
        predictions.append(rows)
    _add_areas(predictions, test_q, held_out)
    for suffix, drawn in held_out.drawn.items() if losses else ():
        for row, samples in zip(fitted, resampled_mean(np.stack(losses), drawn), strict=True):
            interval = percentile_interval(samples)
            row[f"ce{suffix}_lo"], row[f"ce{suffix}_hi"] = interval.lo, interval.hi
    return predictions


def _fits(q: Floats, m: Booleans) -> dict[str, LogisticFit | NotEstimable]:
    """The fit of every solver to training rows [n], or why there is none."""
    fits: dict[str, LogisticFit | NotEstimable] = {}
    for solver, fit in SOLVERS.items():
        try:
            fits[solver] = fit(q, m)
        except NotEstimable as finding:
            fits[solver] = finding
    return fits


def _add_areas(predictions: list[dict[str, Row]], q: Floats, held_out: HeldOut) -> None:
    """Add AUC and its intervals to the rows with a slope; q: [n] of the held-out rows.

    AUC(-Q) = 1 - AUC(Q), so Q's own AUC and its resamples serve both signs of a slope.
    """
    # Before the loop over networks, which share the ranks of the score.
    samples = {suffix: areas(q) for suffix, areas in held_out.areas.items()}
    for k, (rows, m) in enumerate(zip(predictions, held_out.test_m, strict=True)):
        signs = {solver: np.sign(row["slope"]) for solver, row in rows.items() if "slope" in row}
        try:
            area = auc(q, m)
        except NotEstimable as finding:
            for solver in signs:
                rows[solver]["reason"] = f"AUC on the held-out pictures: {finding.reason}"
            continue
        for solver, sign in signs.items():
            rows[solver]["auc"] = 0.5 + sign * (area - 0.5)
            reasons = []
            for suffix, areas in samples.items():
                try:
                    interval = percentile_interval(0.5 + sign * (areas[k] - 0.5))
                except NotEstimable as finding:
                    reasons.append(f"auc{suffix} interval: {finding.reason}")
                else:
                    rows[solver][f"auc{suffix}_lo"] = interval.lo
                    rows[solver][f"auc{suffix}_hi"] = interval.hi
            if reasons:
                rows[solver]["reason"] = "; ".join(reasons)


def _with_holm(frame: pl.DataFrame) -> pl.DataFrame:
    """Add Holm's adjusted p-values over the table's pairs, each counted once, not per solver."""
    pair = ["task_model", "quality_source", "quality_variant"]
    # A correlation needs no solver: counting it twice would double Holm's number of tests.
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


def run(job: Job) -> None:
    """One pooled table, by the job's name."""
    write_pooled(
        job.results,
        job.name,
        job.settings.conditions(),
        include_clean=job.settings["analysis.include_clean"],
        seed=job.settings["analysis.seed"],
        resamples=job.settings["analysis.resamples"],
        threads=job.threads,
    )
