"""One logistic regression P(M=1|Q) a unit (a picture, a label, a mixture), many units at once.

A unit (or one of its folds) whose training or held-out rows lack one of the classes has no AUC: it
is skipped, counted and its reason kept. Means of AUC and CE are taken over the same ones.

Where Q is not defined for a picture under a condition, that row is left out. Where units need
complete pictures, all rows of such a picture are: ``of_complete_pictures``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from causal_iqa.core.kinds import Kind
from causal_iqa.data.panel import Booleans, Floats, Panel, complete
from causal_iqa.statistics.auc import auc_groups
from causal_iqa.statistics.covariance import covariance_signs
from causal_iqa.statistics.logistic import cross_entropy_groups, fit_logistic_groups

Integers = NDArray[np.int64]
Row = dict[str, Any]
# What is lacking first, then what is constant: rows that are not there are constant as well.
REASONS = (
    "",
    "no held-out rows",
    "no training rows",
    "M constant in the training rows",
    "M constant in the held-out rows",
    "solver not converged",
)
"""Why a unit or a fold has no AUC; the first that holds."""
KINDS = (Kind.METRIC, Kind.CLASSIFIER, Kind.ZERO_SHOT)
"""Of the quality sources, in the order of the tables' rows."""


class Pair(NamedTuple):
    """Whose correctness M, and whose quality Q."""

    task_model: str
    quality_source: str
    quality_variant: str


class Rows(NamedTuple):
    """Row numbers unit after unit; those of unit u are rows[offsets[u]:offsets[u + 1]]."""

    rows: Integers
    offsets: Integers


class Part(NamedTuple):
    """What is fitted on and what is judged on, for every unit."""

    train: Rows
    test: Rows


class Judged(NamedTuple):
    """AUC and CE (nats) of units [n] or units and folds [n, folds], NaN where there is none.

    why: the place in ``REASONS`` of what keeps it from having an AUC, 0 where it has one. A CE it
    may have all the same: M that is constant in the held-out rows has one.
    """

    auc: Floats
    ce: Floats
    why: Integers


def part(unit: NDArray[Any], is_test: Booleans) -> Part:
    """Training and held-out rows of every unit.

    unit: [n] codes 0 .. n_units - 1 of the rows; is_test: [n].
    """
    n_units = int(unit.max()) + 1
    return Part(*(_rows(unit, np.flatnonzero(mask), n_units) for mask in (~is_test, is_test)))


def _rows(unit: NDArray[Any], rows: Integers, n_units: int) -> Rows:
    codes = unit[rows]
    sizes = np.bincount(codes, minlength=n_units)
    # Stable: a unit's rows stay in the panel's order, and sums over them keep their last digits.
    order = np.argsort(codes, kind="stable")
    return Rows(rows[order], np.concatenate([[0], np.cumsum(sizes)]))


def judge(q: Floats, m: Booleans, split: Part) -> Judged:
    """AUC and CE of each unit's held-out rows under the fit to its training rows, [n_units].

    q, m: [n] quality and correctness of all rows. The AUC is that of P(M=1|Q), hence of Q or of
    -Q as the fitted slope says, and 0.5 where it is zero.
    """
    train_q, train_m = q[split.train.rows], m[split.train.rows]
    test_q, test_m = q[split.test.rows], m[split.test.rows]
    why = _degenerate(train_m, split.train.offsets, test_m, split.test.offsets)
    nothing = np.full(why.size, np.nan)
    # No unit has rows on both sides; the checks of the fits refuse empty input.
    if not (train_q.size and test_q.size):
        return Judged(nothing, nothing, why)
    fits = fit_logistic_groups(train_q, train_m, split.train.offsets)
    why[(why == 0) & ~fits.converged] = REASONS.index("solver not converged")
    # Of Q itself, then turned: ranks of P(M=1|Q) would have ties where it rounds to 0 or 1.
    raw = auc_groups(test_q, test_m, split.test.offsets)
    areas = 0.5 + np.sign(fits.slope) * (raw - 0.5)
    losses = cross_entropy_groups(fits, test_q, test_m, split.test.offsets)
    # A CE needs no second class among the held-out rows; of a fit that stopped early there is none.
    fitted = (why == 0) | (why == REASONS.index("M constant in the held-out rows"))
    return Judged(np.where(why, np.nan, areas), np.where(fitted, losses, np.nan), why)


def _degenerate(
    train_m: Booleans, train_offsets: Integers, test_m: Booleans, test_offsets: Integers
) -> Integers:
    """Place in ``REASONS`` of what keeps a unit from having an AUC, [n_units]."""
    train_n, test_n = np.diff(train_offsets), np.diff(test_offsets)
    train_right, test_right = _sums(train_m, train_offsets), _sums(test_m, test_offsets)
    return np.select(
        [
            test_n == 0,
            train_n == 0,
            (train_right == 0) | (train_right == train_n),
            (test_right == 0) | (test_right == test_n),
        ],
        [1, 2, 3, 4],
        default=0,
    )


def _sums(m: Booleans, offsets: Integers) -> Integers:
    # Not np.add.reduceat, which gives an empty group the first value of the next.
    return np.diff(np.concatenate([[0], np.cumsum(m)])[offsets])


def with_rows(split: Part, defined: Booleans) -> Part:
    """The rows of a part that are among ``defined``, [n] of all rows; the units stay."""
    return Part(*(_of_defined(rows, defined) for rows in split))


def _of_defined(rows: Rows, defined: Booleans) -> Rows:
    kept = defined[rows.rows]
    return Rows(rows.rows[kept], np.concatenate([[0], np.cumsum(kept)])[rows.offsets])


def of_complete_pictures(q: Floats) -> Floats:
    """Q [condition, picture] with NaN under all conditions where it is not defined under one."""
    kept = complete(q)
    return q if kept.all() else np.where(kept, q, np.nan)


def left_out(q: Floats, *, whole: bool) -> str:
    """How much of a Q [condition, picture] is not defined, in words; '' for nothing.

    whole: whether such a picture is left out under all conditions.
    """
    lost = int((~complete(q)).sum())
    if not lost:
        return ""
    n = q.shape[1]
    if whole:
        return f"Q is not defined for {lost} of {n} pictures under every condition: {n - lost} left"
    rows = int(np.isnan(q).sum())
    return f"Q is not defined in {rows} of {q.size} rows, which are left out"


def judge_folds(q: Floats, m: Booleans, splits: Sequence[Part]) -> Judged:
    """``judge`` for each fold, [n_units, n_folds]; rows whose Q is NaN are left out."""
    defined = ~np.isnan(q)
    if not defined.all():
        splits = [with_rows(split, defined) for split in splits]
    folds = [judge(q, m, split) for split in splits]
    return Judged(*(np.stack(values, axis=1) for values in zip(*folds, strict=True)))


def areas(q: Floats, m: Booleans, split: Part) -> Floats:
    """The AUC of ``judge`` without its fit, [n_units]: the slope's sign is the covariance's."""
    train_m, test_m = m[split.train.rows], m[split.test.rows]
    why = _degenerate(train_m, split.train.offsets, test_m, split.test.offsets)
    if not (train_m.size and test_m.size):
        return np.full(why.size, np.nan)
    # In one dimension the fitted slope has this sign, and an AUC needs no more of a fit.
    signs = covariance_signs(q[split.train.rows], train_m, split.train.offsets)
    raw = auc_groups(q[split.test.rows], test_m, split.test.offsets)
    return np.where(why, np.nan, 0.5 + signs * (raw - 0.5))


def judge_pairs(
    panel: Panel, judge_grids: Callable[[str, Floats, Booleans], Judged], threads: int
) -> dict[Pair, Judged]:
    """``judge_grids(task_model, q, m)`` on the [condition, picture] arrays of every pair.

    threads: pairs that are worked on at once; the answer does not depend on it.
    """
    pairs = [
        Pair(task_model, source, variant)
        for task_model in panel.of_kind(Kind.CLASSIFIER)
        for kind in KINDS
        for source in panel.of_kind(kind)
        for variant in panel.variants(source)
    ]

    def judged(pair: Pair) -> Judged:
        q = panel.quality(pair.quality_source, pair.quality_variant)
        return judge_grids(pair.task_model, q, panel.correct(pair.task_model))

    # Threads, not processes: the kernels hold no lock, and all read one panel.
    with ThreadPoolExecutor(threads) as pool:
        return dict(zip(pairs, pool.map(judged, pairs), strict=True))


def summarise(judged: Judged, part_name: str, lost: str = "", *, half: bool = False) -> Row:
    """Cells of ``CONTENT`` (without the pair) from units and folds [n_units, n_folds].

    A unit counts once, by the mean over its folds that are not skipped, and not at all where all
    are. sd: of a sample (n - 1). part_name: what is skipped, as ``folds``. lost: the words of
    ``left_out``. half: instead of being skipped it counts as an AUC of one half (CE is of the
    others all the same).
    """
    # Of AUC and CE alike, though a skipped fold may have a CE: the two means are of the same folds.
    used = judged.why == 0
    counted = used | half
    areas = np.where(used, judged.auc, 0.5)
    skipped = [
        f"{words} ({count})"
        for place, words in enumerate(REASONS)
        if place and (count := int((judged.why == place).sum()))
    ]
    what = "counted as AUC 0.5" if half else "skipped"
    reasons = [f"{part_name} {what}: {', '.join(skipped)}"] if skipped else []
    unit_auc, unit_ce = _unit_means(areas, counted), _unit_means(judged.ce, used)
    if unit_auc.size == 1:
        reasons.append("no sd: one unit only")
    reasons += [lost] if lost else []
    return {
        "mean_auc": _mean(unit_auc),
        "sd_auc": _sd(unit_auc),
        # Over folds too, since the paper does not say over what Figure 20's deviation is.
        "sd_auc_folds": _sd(areas[counted]),
        "mean_ce": _mean(unit_ce),
        "sd_ce": _sd(unit_ce),
        "n_units": unit_auc.size,
        "n_folds": int(used.sum()),
        "n_skipped": int((~used).sum()),
        "reason": "; ".join(reasons),
    }


def _unit_means(values: Floats, used: Booleans) -> Floats:
    """Means over the folds used, of the units that have some; values, used: [unit, fold]."""
    some = used.any(axis=1)
    means: Floats = np.where(used, values, 0.0)[some].sum(axis=1) / used[some].sum(axis=1)
    return means


def _mean(values: Floats) -> float | None:
    return float(values.mean()) if values.size else None


def _sd(values: Floats) -> float | None:
    return float(values.std(ddof=1)) if values.size > 1 else None


def with_totals(
    panel: Panel, judged: dict[Pair, Judged], part_name: str, *, whole: bool
) -> list[Row]:
    """A row per pair, then rows ``all`` that pool no-reference metrics, networks, or both.

    The last row, ``all`` and ``all``, is what the paper quotes in 2.2. A pooled row's units are
    the units of all its pairs. whole: as in ``left_out``.
    """
    lost = {pair: left_out(panel.quality(*pair[1:]), whole=whole) for pair in judged}
    rows = [
        {**pair._asdict(), **summarise(found, part_name, lost[pair])}
        for pair, found in judged.items()
    ]
    metrics, networks = panel.of_kind(Kind.METRIC), panel.of_kind(Kind.CLASSIFIER)
    totals = [
        *((network, "all") for network in networks),
        *(("all", metric) for metric in metrics),
        ("all", "all"),
    ]
    for task_model, source in totals if metrics and networks else []:
        pooled = [
            pair
            for pair in judged
            if pair.quality_source in metrics
            and task_model in ("all", pair.task_model)
            and source in ("all", pair.quality_source)
        ]
        parts = zip(*(judged[pair] for pair in pooled), strict=True)
        together = Judged(*(np.concatenate(values) for values in parts))
        notes = (f"{pair.quality_source}: {lost[pair]}" for pair in pooled if lost[pair])
        words = "; ".join(dict.fromkeys(notes))
        rows.append(
            {**Pair(task_model, source, "score")._asdict(), **summarise(together, part_name, words)}
        )
    return rows
