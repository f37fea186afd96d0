"""Which of the paper's desiderata D1 to D4 (its section 1) does each quality score meet?

The paper says of every metric which of them it satisfies, and measures D3 alone. Here each has an
estimate with its interval, or a fact, and a verdict: ``meets`` where the whole interval clears the
threshold, ``fails`` where it lies wholly below, else ``not decided``. Where several thresholds
make up one desideratum, all must be met, and one that is failed decides.

``desiderata.csv``, one row a (quality_source, quality_variant); ``family`` is the pooled table
that it stands in:

- D1 sensitive. ``d1_tau``: Kendall's tau-b of Q with severity (clean as 0) within a picture,
  averaged over pictures, then over corruptions; ``d1_abs_tau``: the mean over corruptions of its
  absolute value, since signs may cancel. A picture whose Q is constant counts as tau 0, not as
  missing: nothing is less sensitive (``n_constant`` such picture x corruption). ``d1_auroc_mean``
  and ``d1_auroc_least``: AUROC of clean against a condition, over conditions, as |AUROC - 0.5| +
  0.5, so that its direction does not count; with few pictures both it and |tau| lie above their
  value under no effect. Judged on ``d1_abs_tau`` and ``d1_auroc_mean``.
- D2 blind: does the score need a reference picture?
- D3 predictive: AUC and SRCC of the pooled tables, converged fits, pairs that share no weights.
  Shown and judged is the task model of the median AUC (the lower one of an even number), with the
  intervals that take pictures (AUC) and corruptions (SRCC) as units. Judged on AUC and SRCC: by
  |SRCC| where nobody says which way the score is better, else in the direction of its own scale, so
  that a correlation against it is not counted as prediction (``d3_reason`` says so).
- D4 task-model agnostic: was it trained on the task's labels, does it share weights with a task
  model? The facts are those of ``scorers.csv``.

``desiderata_sensitivity.csv``, one row a (quality_source, quality_variant, corruption): ``tau`` as
above, and ``auroc_s``, P(Q clean > Q at severity s), ties half, with its direction.

Intervals are 95 %, pictures as units: percentile bootstrap of tau, normal ones of AUROC. D1 is of
the pictures for which Q is defined under every condition (``n_pictures``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from causal_iqa.analyses.desiderata.schema import DESIDERATA, DESIDERATA_SENSITIVITY
from causal_iqa.analyses.desiderata.severity_trend import (
    Ladder,
    Sensitivity,
    WithInterval,
    ladders_of,
    normal,
    sensitivity,
)
from causal_iqa.analyses.pooled.schema import POOLED
from causal_iqa.analyses.pooled.tables import pooled_tables
from causal_iqa.analyses.registry import Job
from causal_iqa.core.columns import Columns
from causal_iqa.core.conditions import CLEAN, Condition
from causal_iqa.core.contract import Results, read_table, write_table
from causal_iqa.core.kinds import ALL_TABLE_KINDS, Kind
from causal_iqa.core.seeding import generator
from causal_iqa.data.panel import Floats, Panel, complete
from causal_iqa.report.scorer_words import found_against, lower_is_better
from causal_iqa.statistics.resampling import percentile_interval

MEETS, FAILS, UNDECIDED = "meets", "fails", "not decided"
ONE_PICTURE = "one picture gives no interval"
NO_PICTURE = "Q is defined for no picture under every condition"

Row = dict[str, Any]


class Limits(NamedTuple):
    """What an interval has to clear: mean |tau|, mean AUROC; AUC, |SRCC|."""

    d1_min_abs_tau: float
    d1_min_auroc: float
    d3_min_auc: float
    d3_min_abs_srcc: float


def write_desiderata(
    results: Results,
    conditions: Sequence[Condition],
    thresholds: Limits,
    *,
    tables: Sequence[str],
    seed: int,
    resamples: int,
) -> None:
    """Write ``desiderata.csv`` and ``desiderata_sensitivity.csv``.

    conditions: clean and at least one other. tables: the pooled tables (``nr_iqa``, ``strong``,
    ``weak``, ``fr_iqa``) whose quality sources are judged; they are read, not computed again.
    """
    panel = Panel(results.root, conditions)
    ladders = ladders_of(conditions)
    rows, details = [], []
    for table in tables:
        fits = read_table(results.table(table), POOLED).filter(pl.col("solver") == "converged")
        for source in panel.of_kind(ALL_TABLE_KINDS[table]):
            for variant in panel.variants(source):
                rng = generator(seed, "desiderata")  # the same pictures are drawn for every score
                clean = conditions.index(Condition(CLEAN, 0))
                every = panel.quality(source, variant)
                kept = complete(every)
                n = int(kept.sum())
                named = {"quality_source": source, "quality_variant": variant}
                if n:
                    quality = every if n == kept.size else every[:, kept]
                    found = sensitivity(quality, clean, ladders, resamples, rng)
                    d1 = d1_sensitive(found, ladders, n, thresholds)
                    details += [{**named, **detail} for detail in _details(found, ladders, n)]
                else:
                    d1 = _not_sensitive(ladders)
                    details += [{**named, **detail} for detail in _no_details(ladders)]
                pairs = fits.filter(quality_source=source, quality_variant=variant)
                rows.append(
                    {
                        "family": table,
                        **named,
                        "n_pictures": n,
                        **d1,
                        **d2_blind(ALL_TABLE_KINDS[table]),
                        **d3_predictive(
                            pairs,
                            thresholds,
                            lower_is_better(variant, panel.fact(source, "lower_better")),
                        ),
                        **d4_agnostic(panel, source),
                    }
                )
    _write(rows, results, "desiderata", DESIDERATA)
    _write(details, results, "desiderata_sensitivity", DESIDERATA_SENSITIVITY)


def _write(rows: list[Row], results: Results, name: str, schema: Columns) -> None:
    write_table(pl.DataFrame(rows, schema=schema), results.table(name), schema)


def verdict(judged: Sequence[tuple[WithInterval, float]]) -> str:
    """``fails`` if an interval lies wholly below its threshold, ``meets`` if all clear theirs."""
    if any(found.hi is not None and found.hi < least for found, least in judged):
        return FAILS
    if all(found.lo is not None and found.lo >= least for found, least in judged):
        return MEETS
    return UNDECIDED


def _percentile(value: float, samples: Floats, n_pictures: int) -> WithInterval:
    if n_pictures < 2:
        return WithInterval(value, None, None)
    interval = percentile_interval(samples)
    return WithInterval(value, interval.lo, interval.hi)


def d1_sensitive(
    found: Sensitivity, ladders: Sequence[Ladder], n_pictures: int, thresholds: Limits
) -> Row:
    """The D1 columns. The least AUROC's interval is that of the condition it was found at."""
    # Held at the sample's sign: |tau| of each resample would add the noise's size once more.
    # Not np.sign, whose 0 would wipe out all resamples of a tau of 0.
    sign = np.where(found.tau < 0, -1.0, 1.0)
    samples = found.tau_samples
    tau = _percentile(float(found.tau.mean()), samples.mean(axis=1), n_pictures)
    size = _percentile(float(np.abs(found.tau).mean()), (sign * samples).mean(axis=1), n_pictures)
    oriented = np.abs(found.auroc - 0.5) + 0.5
    least = int(oriented.argmin())
    names = [Condition(ladder.corruption, s) for ladder in ladders for s in ladder.severities]
    judged = [
        (size, thresholds.d1_min_abs_tau),
        (found.mean_auroc, thresholds.d1_min_auroc),
    ]
    return {
        "n_corruptions": len(ladders),
        "n_conditions": len(names),
        "n_constant": int(found.n_constant.sum()),
        **_columns("d1_tau", tau),
        **_columns("d1_abs_tau", size),
        **_columns("d1_auroc_mean", found.mean_auroc),
        **_columns("d1_auroc_least", normal(float(oriented[least]), float(found.auroc_se[least]))),
        "d1_least_condition": str(names[least]),
        "d1_verdict": verdict(judged),
        "d1_reason": ONE_PICTURE if n_pictures < 2 else "",
    }


def _details(found: Sensitivity, ladders: Sequence[Ladder], n_pictures: int) -> list[Row]:
    """The rows of ``desiderata_sensitivity.csv``: one a corruption."""
    rows, start = [], 0
    for k, ladder in enumerate(ladders):
        areas = found.auroc[start : start + len(ladder.rows)]
        start += len(ladder.rows)
        tau = _percentile(float(found.tau[k]), found.tau_samples[:, k], n_pictures)
        rows.append(
            {
                "corruption": ladder.corruption,
                "n_pictures": n_pictures,
                "n_severities": len(ladder.severities),
                "n_constant": int(found.n_constant[k]),
                **_columns("tau", tau),
                **{
                    f"auroc_{severity}": float(area)
                    for severity, area in zip(ladder.severities, areas, strict=True)
                },
                "reason": ONE_PICTURE if n_pictures < 2 else "",
            }
        )
    return rows


def _not_sensitive(ladders: Sequence[Ladder]) -> Row:
    """The D1 columns of a score that no picture has under every condition."""
    return {
        "n_corruptions": len(ladders),
        "n_conditions": sum(len(ladder.rows) for ladder in ladders),
        "n_constant": 0,
        "d1_least_condition": "",
        "d1_verdict": UNDECIDED,
        "d1_reason": NO_PICTURE,
    }


def _no_details(ladders: Sequence[Ladder]) -> list[Row]:
    """``_details`` of such a score."""
    return [
        {
            "corruption": ladder.corruption,
            "n_pictures": 0,
            "n_severities": len(ladder.severities),
            "n_constant": 0,
            "reason": NO_PICTURE,
        }
        for ladder in ladders
    ]


def _columns(name: str, found: WithInterval) -> Row:
    return {name: found.value, f"{name}_lo": found.lo, f"{name}_hi": found.hi}


def d2_blind(kind: Kind) -> Row:
    """The D2 columns: only full-reference metrics look at the clean picture."""
    needs = kind == Kind.FULL_REFERENCE
    return {
        "d2_needs_reference": needs,
        "d2_verdict": FAILS if needs else MEETS,
        "d2_reason": "compares with the clean picture" if needs else "",
    }


def d3_predictive(fits: pl.DataFrame, thresholds: Limits, lower: bool | None) -> Row:
    """The D3 columns from the converged rows of one quality score, one a task model.

    lower: whether lower is better by its own scale, None where nobody says.
    """
    pairs = fits.filter(~pl.col("circular"))
    judged = pairs.filter(pl.col("auc").is_not_null()).sort("auc", "task_model")
    if judged.is_empty():
        why = "; ".join(pairs["reason"].unique(maintain_order=True).to_list())
        return {
            "d3_task_model": "",
            "d3_n_task_models": 0,
            "d3_verdict": UNDECIDED,
            "d3_reason": why or "no task model without weights in common with it",
        }
    # An actual network's row, with its interval: the mean of two medians would have none.
    row = judged.row((judged.height - 1) // 2, named=True)
    area = WithInterval(row["auc"], row["auc_cluster_lo"], row["auc_cluster_hi"])
    rank = WithInterval(row["srcc"], row["srcc_corr_lo"], row["srcc_corr_hi"])
    found = found_against(lower, rank.lo, rank.hi)
    against = f"by its own scale {'lower' if lower else 'higher'} is better, {found}"
    return {
        "d3_task_model": row["task_model"],
        "d3_n_task_models": judged.height,
        **_columns("d3_auc", area),
        **_columns("d3_srcc", rank),
        "d3_verdict": verdict(
            [(area, thresholds.d3_min_auc), (judged_rank(rank, lower), thresholds.d3_min_abs_srcc)]
        ),
        "d3_reason": "; ".join(filter(None, (row["reason"], found and against))),
    }


def judged_rank(found: WithInterval, lower: bool | None) -> WithInterval:
    """Of a correlation with accuracy, what is held against the threshold.

    In the direction of the score's own scale (lower: whether lower is better); where nobody says
    which that is, the absolute value.
    """
    if lower is None:
        return magnitude(found)
    if not lower:
        return found
    value, lo, hi = (None if end is None else -end for end in found)
    return WithInterval(value, hi, lo)


def magnitude(found: WithInterval) -> WithInterval:
    """The absolute value of an estimate; an interval that holds 0 gives one from 0 upwards."""
    if found.value is None or found.lo is None or found.hi is None:
        return WithInterval(None if found.value is None else abs(found.value), None, None)
    ends = abs(found.lo), abs(found.hi)
    lo = 0.0 if found.lo <= 0 <= found.hi else min(ends)
    return WithInterval(abs(found.value), lo, max(ends))


def d4_agnostic(panel: Panel, source: str) -> Row:
    """The D4 columns, from the facts of ``scorers.csv``."""
    trained = panel.fact(source, "trained_on_labels")
    shared = [name for name in panel.of_kind(Kind.CLASSIFIER) if panel.circular(name, source)]
    reasons = []
    if trained:
        reasons.append("trained on the task's labels")
    if shared:
        reasons.append("shares weights with a task model")
    if trained is None:
        reasons.append("not known whether it was trained on the task's labels")
    # One that is known fails, even where the other fact is not known.
    fails = bool(trained) or bool(shared)
    return {
        "d4_trained_on_labels": trained,
        "d4_shares_weights_with": ", ".join(shared),
        "d4_verdict": FAILS if fails else UNDECIDED if trained is None else MEETS,
        "d4_reason": "; ".join(reasons),
    }


def run(job: Job) -> None:
    """``desiderata.csv`` and ``desiderata_sensitivity.csv``."""
    write_desiderata(
        job.results,
        job.settings.conditions(),
        Limits(**job.settings["paper.thresholds"]),
        tables=pooled_tables(job.results),
        seed=job.settings["analysis.seed"],
        resamples=job.settings["analysis.resamples"],
    )
