"""Networks ranked by accuracy beyond what quality predicts (the use in the paper's Discussion).

For a quality score Q one logistic regression P(M=1|Q) is fitted on the training pictures of all
task models together (those that share no weights with Q). On the held-out pictures a network's
accuracy less the mean of that prediction is its accuracy beyond what Q predicts.

The prediction is the same for all networks, and so are the pictures: over all of them the same
number is taken from every network's accuracy, and the ranks cannot change, whatever Q is. That
holds for the paper's proposal wherever networks are compared on the same pictures. What Q can say
is where a network is ahead; so the same is done within bands of expected accuracy.

``accuracy_beyond.csv``, one row a (quality_source, quality_variant, band, task_model):

- ``quality_source``: a scorer, or ``average``: the mean over the sources that share weights with
  no task model of their standardised Q (mean of a source's variants, by mean and standard deviation
  of the training rows, turned by the sign of its slope);
- ``band``: ``all`` held-out rows (a picture under a condition), or those whose Q lies in the
  ``low``, ``middle`` or ``high`` third of the training rows in the slope's direction;
- ``n_pictures``, ``n_rows``: held out, in the band; ``n_task_models``: that are ranked;
- ``accuracy``, ``expected`` (mean of the prediction), ``beyond``: the first less the second; all in
  [0, 1] but the last, in [-1, 1]; ``*_lo, *_hi``: 95 % percentile intervals, whole pictures
  resampled, conditional on the fit;
- ``raw_rank``: by accuracy over all held-out rows; ``adjusted_rank``: by ``beyond`` in the band,
  with its interval; 1 is the best, equal ones share the better rank;
- ``circular``: Q comes from the network's own weights; then the row has no estimate;
- ``reason``: why cells are empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import polars as pl

from causal_iqa.analyses.accuracy_beyond.schema import ACCURACY_BEYOND
from causal_iqa.analyses.per_unit_fits import KINDS, Row
from causal_iqa.analyses.registry import Job
from causal_iqa.core.conditions import Condition
from causal_iqa.core.contract import Results, write_table
from causal_iqa.core.seeding import generator
from causal_iqa.data.panel import Booleans, Floats, Panel, groups_of
from causal_iqa.data.splits import read_splits
from causal_iqa.statistics import NotEstimable
from causal_iqa.statistics.bootstrap import Resamples, draw_units, resampled_mean
from causal_iqa.statistics.logistic import LogisticFit, fit_logistic, predict
from causal_iqa.statistics.resampling import percentile_interval

AVERAGE = "average"
BANDS = ("all", "low", "middle", "high")
CIRCULAR = "circular: Q comes from this network's own weights"
ONE_PICTURE = "one held-out picture gives no interval"


class Score(NamedTuple):
    """A quality score by its names in the table."""

    source: str
    variant: str


class HeldOut(NamedTuple):
    """The split, its resamples, and every task model's correctness [condition, picture].

    drawn: resamples of the held-out pictures; its unit [row] codes the picture of each row of
    the flattened [condition, held-out picture].
    """

    is_test: Booleans
    drawn: Resamples
    correct: dict[str, Booleans]


def write_accuracy_beyond(
    results: Results,
    conditions: Sequence[Condition],
    *,
    include_clean: bool,
    seed: int,
    resamples: int,
    threads: int = 1,
) -> None:
    """Write ``accuracy_beyond.csv``.

    threads: quality scores that are worked on at once; the table does not depend on it.
    """
    panel = groups_of(results, conditions, include_clean=include_clean)
    is_test = read_splits(results, "is_test", panel.image_ids)
    pictures = np.tile(np.arange(is_test.sum()), len(panel.conditions))
    rng = generator(seed, "accuracy beyond")
    held_out = HeldOut(
        is_test,
        draw_units(pictures, pictures.size, resamples, rng),
        panel.all_correct(),
    )
    scores = [
        Score(source, variant)
        for kind in KINDS
        for source in panel.of_kind(kind)
        for variant in panel.variants(source)
    ]

    def judged(score: Score) -> list[Row]:
        others = [name for name in held_out.correct if not panel.circular(name, score.source)]
        return score_rows(score, panel.quality(*score), others, held_out)

    with ThreadPoolExecutor(threads) as pool:
        rows = [row for found in pool.map(judged, scores) for row in found]
    average = average_quality(panel, scores, held_out)
    if average is not None:
        rows += score_rows(Score(AVERAGE, "score"), average, list(held_out.correct), held_out)
    frame = pl.DataFrame(rows, schema=ACCURACY_BEYOND)
    write_table(frame, results.table("accuracy_beyond"), ACCURACY_BEYOND)


def average_quality(panel: Panel, scores: Sequence[Score], held_out: HeldOut) -> Floats | None:
    """Mean over sources without shared weights of their mean standardised Q; None without any.

    [condition, picture]; each score turned by the sign of its pooled slope. A score without one
    (Q constant, or one class of M) adds nothing. NaN where one of the others is not defined.
    """
    networks = list(held_out.correct)
    # Shared with any network, not the ranked one alone: one average has to serve all of them.
    shared = {s.source for s in scores if any(panel.circular(m, s.source) for m in networks)}
    total: dict[str, list[Floats]] = {}
    for score in scores:
        if score.source in shared:
            continue
        q = panel.quality(*score)
        train = q[:, ~held_out.is_test]
        defined = ~np.isnan(train)
        if not defined.any():
            continue
        values = train if defined.all() else train[defined]
        sd = values.std()
        sign = np.sign(sum(_covariance(train, m, held_out) for m in held_out.correct.values()))
        # Standardised and turned, or the mean would be that of the score with the largest unit.
        if sd > 0 and sign != 0:
            total.setdefault(score.source, []).append(sign * (q - values.mean()) / sd)
    if not total:
        return None
    # Of variants first, so that a source with five of them counts no more than one with one.
    average: Floats = np.mean([np.mean(found, axis=0) for found in total.values()], axis=0)
    return average


def _covariance(train_q: Floats, m: Booleans, held_out: HeldOut) -> float:
    """Training covariance of Q and one network's M: their sum has the pooled slope's sign."""
    train_m = m[:, ~held_out.is_test]
    defined = ~np.isnan(train_q)
    if not defined.all():
        train_q, train_m = train_q[defined], train_m[defined]
    return float((train_q * train_m).mean() - train_q.mean() * train_m.mean())


def score_rows(score: Score, q: Floats, others: Sequence[str], held_out: HeldOut) -> list[Row]:
    """The rows of one quality score, from q [condition, picture].

    others: the task models that share no weights with it; they alone are fitted and ranked, all on
    the rows whose Q is defined.
    """
    trained = ~np.isnan(q[:, ~held_out.is_test])
    judged_on = ~np.isnan(q[:, held_out.is_test])
    counts = {"n_pictures": int(judged_on.any(axis=0).sum()), "n_rows": int(judged_on.sum())}
    blank: Row = {
        **{"quality_source": score.source, "quality_variant": score.variant},
        **counts,
        "n_task_models": len(others),
    }
    rows = [
        {**blank, "band": "all", "task_model": name, "circular": True, "reason": CIRCULAR}
        for name in held_out.correct
        if name not in others
    ]
    if not others:
        return rows
    train_q = q[:, ~held_out.is_test][trained]
    train_m = [held_out.correct[name][:, ~held_out.is_test][trained] for name in others]
    try:
        if not (trained.any() and judged_on.any()):
            raise NotEstimable("Q is not defined for any of them, or of the held-out ones")
        # One fit for all: with one each, a network's accuracy would be what is expected of it.
        fit = fit_logistic(np.tile(train_q, len(others)), np.concatenate(train_m))
    except NotEstimable as finding:
        why = f"fit on the training pictures: {finding.reason}"
        return rows + [
            {**blank, "band": "all", "task_model": name, "circular": False, "reason": why}
            for name in others
        ]
    judged = judge_bands(
        fit, train_q, q[:, held_out.is_test][judged_on], judged_on, others, held_out
    )
    return rows + [{**blank, **cells} for cells in judged]


def judge_bands(
    fit: LogisticFit,
    train_q: Floats,
    test_q: Floats,
    judged_on: Booleans,
    others: Sequence[str],
    held_out: HeldOut,
) -> Iterator[Row]:
    """The cells of every band and network; train_q, test_q: [row] of training and held out.

    judged_on: [condition, held-out picture], the rows of test_q.
    """
    m = np.stack([held_out.correct[name][:, held_out.is_test][judged_on] for name in others])
    drawn = Resamples(held_out.drawn.unit[judged_on.ravel()], held_out.drawn.counts)
    expected = predict(fit, test_q)
    sign = np.sign(fit.slope)
    # Of the training rows, as the fit is: held-out rows do not choose their own bands.
    cuts = np.quantile(sign * train_q, (1 / 3, 2 / 3))
    third = np.searchsorted(cuts, sign * test_q)
    raw = _ranks(m.mean(axis=1))
    for place, band in enumerate(BANDS):
        inside = np.full(third.shape, True) if place == 0 else third == place - 1
        if place and (sign == 0 or not inside.any()):
            why = "Q does not order the pictures" if sign == 0 else "no held-out row in the band"
            cells: list[Row] = [{"n_rows": int(inside.sum()), "reason": why}] * len(others)
        else:
            cells = _judge(m[:, inside], expected[inside], inside, drawn)
        for name, rank, cell in zip(others, raw, cells, strict=True):
            ranked = {"raw_rank": int(rank)} if "accuracy" in cell else {}
            yield {"band": band, "task_model": name, "circular": False, **ranked, **cell}


def _judge(m: Booleans, expected: Floats, inside: Booleans, drawn: Resamples) -> list[Row]:
    """The cells of each network in one band; m: [network, row in the band], expected: [row]."""
    accuracy, mean = m.mean(axis=1), float(expected.mean())
    units = drawn.unit[inside]
    n_pictures = int(np.unique(units).size)
    cells: list[Row] = [
        {
            **{"n_pictures": n_pictures, "n_rows": m.shape[1], "expected": mean},
            **{"accuracy": float(right), "beyond": float(right - mean), "adjusted_rank": int(rank)},
            "reason": ONE_PICTURE if n_pictures < 2 else "",
        }
        for right, rank in zip(accuracy, _ranks(accuracy - mean), strict=True)
    ]
    if n_pictures < 2:
        return cells
    with np.errstate(invalid="ignore"):  # 0 / 0 of a resample without a row in the band
        samples = resampled_mean([*m, expected], Resamples(units, drawn.counts))
    accuracies, beyonds = samples[:-1], samples[:-1] - samples[-1]
    # No comparison with NaN holds, so that without this a resample of nothing would rank first.
    ranks = np.where(np.isnan(beyonds), np.nan, _ranks(beyonds))
    for cell, *found in zip(cells, accuracies, beyonds, ranks, strict=True):
        for name, one in zip(("accuracy", "beyond", "adjusted_rank"), found, strict=True):
            try:
                interval = percentile_interval(one)
            except NotEstimable as finding:
                cell["reason"] = f"intervals: {finding.reason}"
            else:
                cell[f"{name}_lo"], cell[f"{name}_hi"] = interval.lo, interval.hi
    return cells


def _ranks(values: Floats) -> Floats:
    """1 for the largest along the first axis; equal ones share the better rank."""
    ranks: Floats = 1.0 + (values[None] > values[:, None]).sum(axis=1)
    return ranks


def run(job: Job) -> None:
    """``accuracy_beyond.csv``."""
    write_accuracy_beyond(
        job.results,
        job.settings.conditions(),
        include_clean=job.settings["analysis.include_clean"],
        seed=job.settings["analysis.seed"],
        resamples=job.settings["analysis.resamples"],
        threads=job.threads,
    )
