"""The paper's comparative sentences, each tested: ``claims.csv``, one row per claim.

- ``claim``, ``section``, ``sentence``, ``note``: the entry of ``resources/paper_claims.yaml``;
- ``quantity``: what is compared (``claim_quantities``); ``left``, ``right``: the two sides in
  words (``sentences``), the right one perhaps a number; ``says``: greater, less or close, and then
  within ``margin``;
- ``n_task_models``: those for which both sides have a score; ``n_pairs``: pairs of task model and
  quality score that went in; ``picked``: what the largest or smallest turned out to be;
- ``left_value``, ``right_value``: a side's number for a task model (mean, largest or smallest over
  variants and sources), averaged over the task models; ``difference``: left minus right;
- ``lo``, ``hi``: its 95 % interval. Both sides are taken over the same units, so it is paired:
  ``ci_method`` is ``normal interval from influence``, or ``bootstrap`` (percentiles) for ``srcc``.
  A pick stays as it was found. ``unit``, ``n_units``: what varies, and how many of
  them the compared score with fewest has;
- ``verdict``: ``supported`` where the whole interval agrees with ``says``, ``contradicted`` where
  the whole interval disagrees, ``not decided`` between them or with too few units (``enough``),
  ``not estimable`` without a difference; ``reason``: why, and which pairs are missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from causal_iqa.analyses.claims import CLAIMS_FILE
from causal_iqa.analyses.claims.claim_quantities import MEASURES, ClaimData, Found, Measure
from causal_iqa.analyses.claims.schema import CLAIMS
from causal_iqa.analyses.claims.sentences import Claim, Side, read_claims
from causal_iqa.analyses.content.compute import Control
from causal_iqa.analyses.per_unit_fits import Pair, Row
from causal_iqa.analyses.registry import Job
from causal_iqa.core.contract import write_table
from causal_iqa.core.kinds import TABLE_KINDS, Kind
from causal_iqa.data.panel import Panel
from causal_iqa.report.enough import PICTURES, UNITS, too_few
from causal_iqa.statistics import NotEstimable
from causal_iqa.statistics.influence import Influenced, mean_of, minus, normal_interval
from causal_iqa.statistics.resampling import percentile_interval

SUPPORTED, CONTRADICTED = "supported", "contradicted"
NOT_DECIDED, NOT_ESTIMABLE = "not decided", "not estimable"


class Taken(NamedTuple):
    """A side for one task model: its number, the pairs it is of, those that were picked."""

    estimate: Influenced
    pairs: list[Pair]
    picked: list[Pair]


def write_claims(experiment: ClaimData, claims_file: Path, *, threads: int = 1) -> None:
    """Write ``claims.csv`` for the claims of a YAML file (``sentences.read_claims``).

    threads: quality scores that are worked on at once; the table does not depend on it.
    """
    claims = read_claims(claims_file)
    panel = experiment.panel
    rows: dict[str, Row] = {}
    for measure in MEASURES:
        mine = [claim for claim in claims if claim.quantity in measure.quantities]
        pairs = {pair for claim in mine for pair in claimed_pairs(claim, panel)}
        # Sorted: a set has no order that holds from run to run.
        found = experiment.measure(measure, sorted(pairs), threads) if pairs else {}
        for claim in mine:
            values = {pair: row[claim.quantity] for pair, row in found.items()}
            rows[claim.id] = compare(claim, values, panel, measure)
    frame = pl.DataFrame([rows[claim.id] for claim in claims], schema=CLAIMS)
    write_table(frame, experiment.results.table("claims"), CLAIMS)


def claimed_pairs(claim: Claim, panel: Panel) -> list[Pair]:
    """Every pair that a claim's sides take."""
    return [
        pair
        for side in (claim.left, claim.right)
        if isinstance(side, Side)
        for task_model in panel.of_kind(Kind.CLASSIFIER)
        for pairs in _by_source(side, panel, task_model)
        for pair in pairs
    ]


def _by_source(side: Side, panel: Panel, task_model: str) -> list[list[Pair]]:
    """The side's pairs of a task model, a list a source."""
    own = side.weights == "own"
    return [
        [
            Pair(task_model, source, variant)
            for variant in panel.variants(source)
            if variant in side.variants
        ]
        for family in side.families
        for source in panel.of_kind(TABLE_KINDS[family])
        if (source == task_model if own else not panel.circular(task_model, source))
    ]


def compare(claim: Claim, values: dict[Pair, Found], panel: Panel, measure: Measure) -> Row:
    """The row of one claim from its quantity's values by pair."""
    sides: list[list[Taken]] = []
    lost: list[str] = []
    for task_model in panel.of_kind(Kind.CLASSIFIER):
        taken = [
            take(side, _by_source(side, panel, task_model), values, lost)
            for side in (claim.left, claim.right)
            if isinstance(side, Side)
        ]
        complete = [one for one in taken if one is not None]
        if len(complete) == len(taken):
            sides.append(complete)
        else:
            lost.append(f"{task_model} is left out: a side has no score")
    shown = [list(side) for side in zip(*sides, strict=True)]
    row: Row = {
        "claim": claim.id,
        **claim.model_dump(include={"section", "sentence", "note", "quantity", "says", "margin"}),
        "left": claim.left.words(),
        "right": claim.right.words() if isinstance(claim.right, Side) else f"{claim.right:g}",
        "unit": measure.unit,
        "ci_method": "bootstrap" if measure.resampled else "normal interval from influence",
        "n_task_models": len(sides),
        "n_pairs": len({pair for side in shown for one in side for pair in one.pairs}),
        "n_units": 0,
        "picked": "; ".join(filter(None, map(_picked, shown))),
    }
    missing = "; ".join(dict.fromkeys(lost))
    if not sides:
        return {**row, "verdict": NOT_ESTIMABLE, "reason": missing or "there is no task model"}
    return {**row, **_difference(claim, shown, measure, missing)}


def take(
    side: Side, by_source: list[list[Pair]], values: dict[Pair, Found], lost: list[str]
) -> Taken | None:
    """The side's number for a task model; None where there is none.

    Pairs that cannot be estimated are left out of it; ``lost`` is told which, and why.
    """
    per_source = []
    for pairs in by_source:
        kept = []
        for pair in pairs:
            value = values[pair]
            if isinstance(value, NotEstimable):
                lost.append(f"{' '.join(pair)}: {value.reason}")
            else:
                kept.append(Taken(value, [pair], [pair]))
        per_source += [_summary(kept, side.over_variants)] if kept else []
    return _summary(per_source, side.over_sources) if per_source else None


def _summary(taken: Sequence[Taken], how: str) -> Taken:
    """The mean, or the one of the largest or smallest value (the first of equal ones)."""
    pairs = [pair for one in taken for pair in one.pairs]
    if how == "mean":
        estimate = mean_of([one.estimate for one in taken])
        return Taken(estimate, pairs, [pair for one in taken for pair in one.picked])
    values = [one.estimate.value for one in taken]
    best = taken[values.index(max(values) if how == "largest" else min(values))]
    return best._replace(pairs=pairs)


def _picked(side: Sequence[Taken]) -> str:
    """What was picked for how many pairs, most often first; '' where nothing was left aside."""
    if all(one.picked == one.pairs for one in side):
        return ""
    counts = Counter(" ".join(pair[1:]) for one in side for pair in one.picked)
    return ", ".join(f"{name} ({count})" for name, count in counts.most_common())


def _difference(claim: Claim, sides: list[list[Taken]], measure: Measure, missing: str) -> Row:
    """Values, difference, interval and verdict of a claim that has some task models."""
    left, *others = (mean_of([one.estimate for one in side]) for side in sides)
    if isinstance(claim.right, Side):
        right = others[0]
    else:
        # A number of the paper's, taken as exact.
        right = Influenced(claim.right, np.zeros_like(left.influence), left.n_units)
    difference = minus(left, right)
    n_units = difference.n_units
    row: Row = {
        "left_value": left.value,
        "right_value": right.value,
        "difference": difference.value,
        "n_units": n_units,
        "verdict": NOT_DECIDED,
    }
    try:
        lo, hi = _interval(difference, measure)
    except NotEstimable as finding:
        return {**row, "reason": "; ".join(filter(None, [finding.reason, missing]))}
    # Normal and percentile intervals are too short with few units: shown, they decide nothing.
    few = too_few(n_units, PICTURES if "pictures" in measure.unit else UNITS, measure.unit)
    if not few:
        row["verdict"] = verdict(claim, lo, hi)
    return {**row, "lo": lo, "hi": hi, "reason": "; ".join(filter(None, [few, missing]))}


def _interval(difference: Influenced, measure: Measure) -> tuple[float, float]:
    if not measure.resampled:
        return normal_interval(difference)
    interval = percentile_interval(difference.value + difference.influence)
    return interval.lo, interval.hi


def verdict(claim: Claim, lo: float, hi: float) -> str:
    """What an interval of the difference makes of the claim."""
    if claim.says == "less":
        lo, hi = -hi, -lo
    # An equivalence test: that no difference was found does not support "close".
    if claim.margin is not None:
        if -claim.margin <= lo and hi <= claim.margin:
            return SUPPORTED
        return CONTRADICTED if lo > claim.margin or hi < -claim.margin else NOT_DECIDED
    if lo > 0:
        return SUPPORTED
    return CONTRADICTED if hi < 0 else NOT_DECIDED


def run(job: Job) -> None:
    """``claims.csv``."""
    given = job.settings
    control = Control(
        given["paper.image_folds"],
        given["paper.label_folds"],
        given["paper.degenerate_folds"],
        given["analysis.seed"],
    )
    experiment = ClaimData(
        job.results,
        given.conditions(),
        include_clean=given["analysis.include_clean"],
        control=control,
        seed=given["analysis.seed"],
        resamples=given["analysis.resamples"],
    )
    write_claims(experiment, CLAIMS_FILE, threads=job.threads)
