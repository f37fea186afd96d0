"""The truth test: how far each estimator is off where the accuracy is known.

The pictures are split in two halves, once: estimators are fitted on half A and judged on half B,
so that no picture is on both sides, nor any severity of the corruption that is judged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from itertools import product
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import polars as pl

from causal_iqa.analyses.estimators.schema import TRUTH_TEST
from causal_iqa.audit.estimators.outputs import Fitted, Labelled, Unavailable
from causal_iqa.audit.estimators.registry import Estimator, estimators_for
from causal_iqa.audit.intervals import groups_needed, half_width, interval
from causal_iqa.core.conditions import CLEAN, Condition, group_of
from causal_iqa.core.seeding import generator
from causal_iqa.statistics.inputs import Floats, Integers

Conditions: TypeAlias = Mapping[Condition, Labelled]
Row: TypeAlias = dict[str, Any]
Held: TypeAlias = frozenset[str]
Pairs: TypeAlias = "list[tuple[HeldOutErrors, HeldOutErrors]]"
"""Whose residuals an interval is made of, and whose errors it has to hold."""
NEEDED = groups_needed()
FEWEST = 3
"""Pictures that can be parted in halves, and the second half once more."""


class Parted(NamedTuple):
    """The halves that estimators are fitted to and judged on, and two ways to part the second.

    parts: whose residuals an interval is made of, and whose errors it has to hold.
    """

    fitting: Conditions
    judging: Conditions
    parts: list[tuple[Conditions, Conditions]]


def halves(n: int, seed: int, purpose: str = "audit halves") -> tuple[Integers, Integers]:
    """Row numbers of the n pictures' two halves, each in ascending order; purpose: of the draw.

    Raises a ValueError unless each half gets a picture.
    """
    if n < 2:
        raise ValueError(f"{n} pictures cannot be split in two halves")
    order = generator(seed, purpose).permutation(n)
    # Ascending, so that a half is in the manifest's order.
    return np.sort(order[: n // 2]), np.sort(order[n // 2 :])


def split(
    conditions: Conditions, seed: int, purpose: str = "audit halves"
) -> tuple[Conditions, Conditions]:
    """The two halves of every condition; the pictures stand in the same order in all of them.

    By default half A, to which estimators are fitted, and half B, on which they are judged.
    """
    sizes = {part.outputs.n for part in conditions.values()}
    if len(sizes) != 1:
        raise ValueError(f"conditions differ in their numbers of pictures: {sorted(sizes)}")
    first, second = (
        {condition: part.take(rows) for condition, part in conditions.items()}
        for rows in halves(sizes.pop(), seed, purpose)
    )
    return first, second


def resample(conditions: Conditions, n: int, seed: int) -> Conditions:
    """Every condition with n of its pictures, drawn anew for each, with replacement.

    A residual then varies with the pictures of a set of n, not with the corruption alone: the same
    pictures under all conditions would all be off to the same side.
    """
    drawn = {}
    for condition, part in conditions.items():
        # By the condition's name: its draw does not change with the others that there are.
        rng = generator(seed, "audit residuals", str(condition))
        # With replacement, since a set may be larger than the half.
        drawn[condition] = part.take(rng.integers(0, part.outputs.n, n))
    return drawn


def defined_for(conditions: Conditions, estimator: Estimator) -> Conditions:
    """The conditions' pictures for which the estimator's Q is defined under all of them."""
    if estimator.source is None or estimator.variant is None:
        return conditions
    column = (estimator.source, estimator.variant)
    q = [part.outputs.quality[column] for part in conditions.values()]
    # Under all, so that every fit and every error is of the same pictures.
    kept = ~np.logical_or.reduce([np.isnan(values) for values in q])
    if kept.all():
        return conditions
    rows = np.flatnonzero(kept)
    return {condition: part.take(rows) for condition, part in conditions.items()}


class HeldOutErrors:
    """Errors (estimate less observed accuracy) of one estimator for one network.

    Each fit is made once and each error computed once, whoever asks. An estimator that does not
    look at the shifts has one fit, whatever is held out.
    """

    def __init__(
        self, fitting: Conditions, judging: Conditions, task: str, estimator: Estimator
    ) -> None:
        """fitting, judging: as from ``split``, the clean condition among them."""
        self._fitting, self._judging = fitting, judging
        self._task, self._estimator = task, estimator
        # Per instance: what is cached goes with the estimator that it is of.
        self._fitted, self._error = cache(self._fit), cache(self._judge)

    def on(self, judging: Conditions) -> HeldOutErrors:
        """The same fits, judged on other pictures."""
        other = HeldOutErrors(self._fitting, judging, self._task, self._estimator)
        other._fitted = self._fitted
        return other

    def of(self, judged: Collection[str], held: Iterable[str]) -> dict[Condition, float]:
        """Errors on half B of the judged corruptions' severities, in [-1, 1].

        The fit is on half A of the clean condition and of the corruptions that are not held out.
        Raises Unavailable where the estimator cannot be computed, ValueError where a corruption is
        judged that is not held out.
        """
        left_out = frozenset(held)
        # A fit that saw the corruption would be judged on what it was told.
        if not left_out.issuperset(judged):
            raise ValueError(f"judged but not held out: {sorted(set(judged) - left_out)}")
        key = left_out if self._estimator.uses_shifts else frozenset()
        return {
            condition: self._error(key, condition)
            for condition in self._judging
            if condition.corruption in judged
        }

    def fitted(self) -> Fitted:
        """The fit with nothing held out. Raises Unavailable where it cannot be computed."""
        return self._fitted(frozenset())

    def observed(self, condition: Condition) -> float:
        """The network's accuracy on half B of a condition."""
        return self._judging[condition].accuracy(self._task)

    def _fit(self, held: Held) -> Fitted:
        shifts = [
            part
            for condition, part in self._fitting.items()
            if condition.corruption not in {CLEAN, *held}
        ]
        return self._estimator.fit(self._task, self._fitting[Condition(CLEAN, 0)], shifts)

    def _judge(self, held: Held, condition: Condition) -> float:
        estimate = self._fitted(held).accuracy(self._judging[condition].outputs)
        return estimate - self.observed(condition)


def residuals(
    errors: HeldOutErrors, corruptions: Iterable[str], also: Held = frozenset()
) -> list[Floats]:
    """|error| of each corruption's severities, held out alone but for `also`, for `half_width`."""
    return [
        np.abs(list(errors.of((corruption,), {corruption, *also}).values()))
        for corruption in corruptions
    ]


def truth_test(
    conditions: Conditions, networks: Sequence[str], seed: int, *, threads: int = 1
) -> pl.DataFrame:
    """Try every estimator for every network; conditions: clean among them, pictures alike in all.

    A row a (task_model, estimator, quality_source, quality_variant), in this order; the last two
    are empty for an estimator without a quality score. Errors are estimate less observed accuracy
    on half B of a condition, the fit being on half A of the others.

    - ``n_corruptions``, ``n_conditions``: judged (clean is not); ``n_pictures``: in half B. Both
      halves are of the pictures whose quality score is defined under all conditions;
    - ``mae``, ``bias``: mean of |error| and of error over the conditions, each corruption held out
      with all its severities;
    - ``mae_group``: the same with the corruption's whole group held out (noise, blur, weather,
      digital; extra counts as one more, though its corruptions are like some of the others');
    - ``coverage``: share of conditions whose observed accuracy lies in the 90 % interval around
      the estimate (see `intervals`). Half B is parted once more: the width comes from the residuals
      of the other corruptions on the pictures of one part (`resample`), whose fits left out both
      their own and the judged corruption, and the pictures that are judged are the other part's;
      then the parts change places. ``coverage_lo, coverage_hi``: its 95 % Clopper-Pearson
      interval, as if conditions and parts were independent; severities of a corruption are not, nor
      conditions of the same pictures, so it is too narrow;
    - ``mean_width``: of these intervals, cut to [0, 1];
    - ``coverage_group``: the same share with the corruption's whole group left out of the residuals
      and of all fits, over the groups that leave nine corruptions or more: a shift unlike those of
      the calibration, of which the interval promises nothing;
    - ``reason``: why cells are empty.

    Raises
    ------
    ValueError
        If there is no clean condition, no corruption, or fewer than three pictures.
    """
    corruptions = list(dict.fromkeys(c.corruption for c in conditions if c.corruption != CLEAN))
    if Condition(CLEAN, 0) not in conditions or not corruptions:
        raise ValueError("the truth test needs the clean condition and a corruption")
    every = _parted(conditions, seed)

    def row(trial: tuple[str, Estimator]) -> Row:
        task, estimator = trial
        named = {
            "task_model": task,
            "estimator": estimator.name,
            "quality_source": estimator.source or "",
            "quality_variant": estimator.variant or "",
            "n_corruptions": len(corruptions),
            "n_conditions": len(conditions) - 1,
        }
        mine = defined_for(conditions, estimator)
        left = mine[Condition(CLEAN, 0)].outputs.n
        if left < FEWEST:
            why = f"{estimator.source} is defined for {left} pictures under all conditions"
            return {**named, "n_pictures": left // 2, "reason": why}
        parted = every if mine is conditions else _parted(mine, seed)
        errors = HeldOutErrors(parted.fitting, parted.judging, task, estimator)
        pairs = [(errors.on(drawn), errors.on(judged)) for drawn, judged in parted.parts]
        return {
            **named,
            "n_pictures": parted.judging[Condition(CLEAN, 0)].outputs.n,
            **_cells(errors, pairs, corruptions),
        }

    with ThreadPoolExecutor(threads) as pool:
        quality = conditions[Condition(CLEAN, 0)].outputs.quality
        rows = list(pool.map(row, product(networks, estimators_for(quality))))
    return pl.DataFrame(rows, schema=TRUTH_TEST).sort(list(TRUTH_TEST)[:4])


def _parted(conditions: Conditions, seed: int) -> Parted:
    fitting, judging = split(conditions, seed)
    first, second = split(judging, seed, "audit quarters")
    n = judging[Condition(CLEAN, 0)].outputs.n
    # As many as are judged, since an interval is about a set of that size.
    parts = [(resample(a, n // 2, seed), b) for a, b in ((first, second), (second, first))]
    return Parted(fitting, judging, parts)


def default_estimator(table: pl.DataFrame, task: str) -> Row:
    """The row of the estimator with the smallest ``mae`` for a network; ties by name.

    Its own errors are then the smallest of many, hence a little too good.
    Raises Unavailable if none could be had.
    """
    found = table.filter(pl.col("task_model") == task, pl.col("mae").is_not_null())
    if found.is_empty():
        raise Unavailable(f"no estimator could be had for {task}")
    by_mae = found.with_columns(rounded=pl.col("mae").round(12))  # equal but for the last bit
    return by_mae.sort("rounded", *list(TRUTH_TEST)[1:4]).drop("rounded").row(0, named=True)


def _cells(errors: HeldOutErrors, pairs: Pairs, corruptions: Sequence[str]) -> Row:
    """The cells of ``truth_test`` that are estimated, with the reason for those that are not."""
    cells: Row = {}
    reasons = []
    # Each by itself: coverage needs more corruptions than the mean error, which stays without it.
    for part in (
        partial(_single_cells, errors),
        partial(_group_cells, errors),
        partial(_coverage_cells, pairs),
        partial(_group_coverage_cells, pairs),
    ):
        try:
            cells |= part(corruptions)
        except Unavailable as finding:
            reasons.append(finding.reason)
    return {**cells, "reason": "; ".join(dict.fromkeys(reasons))}


def _single_cells(errors: HeldOutErrors, corruptions: Sequence[str]) -> Row:
    found = [value for c in corruptions for value in errors.of((c,), (c,)).values()]
    return {"mae": float(np.abs(found).mean()), "bias": float(np.mean(found))}


def _group_cells(errors: HeldOutErrors, corruptions: Sequence[str]) -> Row:
    groups = _groups(corruptions)
    found = [value for held in groups for value in errors.of(held, held).values()]
    return {"mae_group": float(np.abs(found).mean())}


def _groups(corruptions: Sequence[str]) -> list[list[str]]:
    """Corruptions of one group together: noise, blur, weather, digital, extra."""
    groups: dict[str, list[str]] = {}
    for corruption in corruptions:
        groups.setdefault(group_of(corruption), []).append(corruption)
    return list(groups.values())


def _coverage_cells(pairs: Pairs, corruptions: Sequence[str]) -> Row:
    from scipy.stats import binomtest

    # One is judged, and the others have to be enough for an interval.
    if len(corruptions) <= groups_needed():
        raise Unavailable(
            f"coverage: needs {groups_needed() + 1} corruptions, there are {len(corruptions)}"
        )
    covered, widths = _intervals(pairs, corruptions, [(corruption,) for corruption in corruptions])
    # Exact, since shares near 1 have no normal interval.
    bounds = binomtest(sum(covered), len(covered)).proportion_ci(0.95, method="exact")
    return {
        "coverage": float(np.mean(covered)),
        "coverage_lo": float(bounds.low),
        "coverage_hi": float(bounds.high),
        "mean_width": float(np.mean(widths)),
    }


def _group_coverage_cells(pairs: Pairs, corruptions: Sequence[str]) -> Row:
    left = [held for held in _groups(corruptions) if len(corruptions) - len(held) >= NEEDED]
    if not left:
        return {}
    covered, _ = _intervals(pairs, corruptions, left)
    return {"coverage_group": float(np.mean(covered))}


def _intervals(
    pairs: Pairs, corruptions: Sequence[str], held_out: Iterable[Sequence[str]]
) -> tuple[list[bool], list[float]]:
    """Of each interval for what is held out together: does it hold the truth, and its width."""
    covered, widths = [], []
    for held in held_out:
        others = [name for name in corruptions if name not in held]
        for calibrating, judged in pairs:
            half = half_width(residuals(calibrating, others, frozenset(held)))
            for condition, error in judged.of(held, held).items():
                # The estimate is what was observed plus the error.
                low, high = interval(judged.observed(condition) + error, half)
                widths.append(high - low)
                # Rates of few pictures are often equally far off, but for the last bit.
                covered.append(abs(error) <= half + 1e-9)
    return covered, widths
