"""What the paper's claims compare, for every pair of task model and quality score, with spreads.

- ``auc``: AUC of P(M=1|Q) on the held-out pictures, as the pooled tables give it (2.2);
- ``ce_gain``: cross-entropy of the base rate less that of P(M=1|Q) there, in nats;
- ``srcc``: |SRCC| of the group means of Q and M over the conditions (2.2);
- ``image_auc``, ``image_sd``: mean and standard deviation over pictures of a picture's own AUC, as
  in ``content_image.csv`` (Appendix G);
- ``label_auc``: mean over labels of a label's own AUC, as in ``content_label.csv``;
- ``mixture_auc``: mean AUC over the mildly corrupted mixtures, as in ``mixtures_mean.csv`` (2.5);
- ``mixture_change``: slope of a mixture's AUC on p_c times the range of p_c: the AUC gained from
  the least to the most corrupted mixture;
- ``mixture_sd``: standard deviation over p_c of the AUC (mean over seeds).

Each comes with the influences of its units, or for ``srcc`` with the deviations of its resamples,
so that pairs can be compared on the same units. AUC and CE are conditional on the fits, mixtures
on the drawn pictures.

Where Q is not defined, a pair is of the rows that the table named above takes: ``auc``,
``ce_gain``, ``srcc`` and ``label_auc`` leave out the rows without Q, the others whole pictures. A
unit that has lost all of its rows has no influence and does not count among ``n_units``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np

from causal_iqa.analyses.content.compute import Control, Splits, label_folds, picture_folds
from causal_iqa.analyses.mixtures.draws import mild, read_mixtures
from causal_iqa.analyses.per_unit_fits import Pair, Row, areas, of_complete_pictures, with_rows
from causal_iqa.analyses.pooled.schema import POOLED
from causal_iqa.core.conditions import CLEAN, Condition
from causal_iqa.core.contract import Results, read_table
from causal_iqa.core.kinds import TABLE_KINDS, Kind
from causal_iqa.core.seeding import generator
from causal_iqa.data.panel import Booleans, Floats, Panel, complete
from causal_iqa.data.splits import read_splits
from causal_iqa.statistics import NotEstimable
from causal_iqa.statistics.correlation import bootstrap_correlations, spearman
from causal_iqa.statistics.covariance import covariance_signs
from causal_iqa.statistics.influence import (
    Influenced,
    auc_estimates,
    combine,
    mean_estimate,
    mean_of,
    unit_mean,
    unit_sd,
)
from causal_iqa.statistics.logistic import LogisticFit, log_losses

Found = Influenced | NotEstimable
Judge = Callable[[Sequence[Pair], Floats], list[dict[str, Found]]]
"""From the pairs of one quality score and its q [condition, picture]: each pair's quantities."""


# In the words of `per_unit_fits.REASONS`, as the tables say it.
CONSTANT = NotEstimable("M constant in the training rows")


class Measure(NamedTuple):
    """Quantities that are computed together: what a unit is, and where the judge comes from.

    resampled: whether spreads are deviations of resamples, not influences of the units.
    """

    quantities: tuple[str, ...]
    unit: str
    judge: Callable[[ClaimData], Judge]
    resampled: bool = False


class ClaimData:
    """The scores of all conditions and what the pooled analysis did with them.

    include_clean: whether pooled quantities take the clean condition; control: of ``content``;
    seed, resamples: of the bootstrap of ``srcc``.
    """

    def __init__(
        self,
        results: Results,
        conditions: Sequence[Condition],
        *,
        include_clean: bool,
        control: Control,
        seed: int,
        resamples: int,
    ) -> None:
        self.results, self.control = results, control
        self.seed, self.resamples = seed, resamples
        self.panel = Panel(results.root, conditions)
        self.is_test: Booleans = read_splits(results, "is_test", self.panel.image_ids)
        self.pooled = [
            row
            for row, condition in enumerate(conditions)
            if include_clean or condition.corruption != CLEAN
        ]

    def measure(self, measure: Measure, pairs: Sequence[Pair], threads: int) -> dict[Pair, Row]:
        """The quantities of each pair, by their names; threads: quality scores at once."""
        by_score: dict[tuple[str, str], list[Pair]] = {}
        for pair in pairs:
            by_score.setdefault((pair.quality_source, pair.quality_variant), []).append(pair)
        judge = measure.judge(self)

        def judged(score: tuple[str, str]) -> list[dict[str, Found]]:
            return judge(by_score[score], self.panel.quality(*score))

        with ThreadPoolExecutor(threads) as pool:
            found = pool.map(judged, by_score)
            together = zip(by_score.values(), found, strict=True)
            return {
                pair: row for mine, rows in together for pair, row in zip(mine, rows, strict=True)
            }

    def fits(self) -> dict[Pair, Row]:
        """The converged rows of the pooled tables."""
        return {
            Pair(row["task_model"], row["quality_source"], row["quality_variant"]): row
            for table, kind in TABLE_KINDS.items()
            if self.panel.of_kind(kind)
            for row in read_table(self.results.table(table), POOLED).iter_rows(named=True)
            if row["solver"] == "converged"
        }


def estimated(estimator: Callable[..., Influenced], *args: Any) -> Found:
    """What the estimator gives, or why it gives nothing."""
    try:
        return estimator(*args)
    except NotEstimable as finding:
        return finding


def held_out_pictures(experiment: ClaimData) -> Judge:
    """``auc`` and ``ce_gain``."""
    fits, is_test, used = experiment.fits(), experiment.is_test, experiment.pooled
    n_units = int(is_test.sum())
    unit = np.tile(np.arange(n_units), len(used))
    m = {
        name: experiment.panel.correct(name)[used]
        for name in experiment.panel.of_kind(Kind.CLASSIFIER)
    }
    test_m = {name: correct[:, is_test].ravel() for name, correct in m.items()}
    train_m = {name: correct[:, ~is_test] for name, correct in m.items()}

    def judge(pairs: Sequence[Pair], q: Floats) -> list[dict[str, Found]]:
        defined = ~np.isnan(q[used])
        trained, rows = defined[:, ~is_test], defined[:, is_test].ravel()
        if not (trained.any() and rows.any()):
            lost = NotEstimable("Q is not defined for the training or the held-out pictures")
            return [dict.fromkeys(("auc", "ce_gain"), lost) for _ in pairs]
        test_q, units = q[used][:, is_test].ravel()[rows], unit[rows]
        n_left = int(np.unique(units).size)
        mine = np.stack([test_m[pair.task_model][rows] for pair in pairs])
        found: list[dict[str, Found]] = []
        for pair, right, area in zip(
            pairs, mine, auc_estimates(test_q, mine, units, n_units), strict=True
        ):
            fit = fits[pair]
            if fit["slope"] is None:
                lost = NotEstimable(fit["reason"])
                found.append(dict.fromkeys(("auc", "ce_gain"), lost))
                continue
            rate = float(train_m[pair.task_model][trained].mean())
            logistic = LogisticFit(fit["slope"], fit["intercept"], True, 0)
            # Row by row, so that the gain's spread is that of paired differences.
            base = -np.log(np.where(right, rate, 1 - rate))
            gain = mean_estimate(base - log_losses(logistic, test_q, right), units, n_units)
            turned = _turned(area, np.sign(fit["slope"]))
            found.append({"auc": _of_units(turned, n_left), "ce_gain": _of_units(gain, n_left)})
        return found

    return judge


def _of_units(found: Found, n_units: int) -> Found:
    """The estimate with as many units as have a row left."""
    return found if isinstance(found, NotEstimable) else found._replace(n_units=n_units)


def _turned(area: Found, sign: float) -> Found:
    """The AUC of sign * Q from that of Q; 0.5 at sign 0."""
    if isinstance(area, NotEstimable):
        return area
    return Influenced(0.5 + sign * (area.value - 0.5), sign * area.influence, area.n_units)


def groups(experiment: ClaimData) -> Judge:
    """``srcc``: all pairs are resampled by the same draws of whole corruptions."""
    panel, used = experiment.panel, experiment.pooled
    corruptions = [panel.conditions[row].corruption for row in used]
    m_of = {name: panel.correct(name)[used] for name in panel.of_kind(Kind.CLASSIFIER)}

    def one(quality: Floats, m: Floats) -> Influenced:
        value = spearman(quality, m).estimate
        n_corruptions = len(set(corruptions))
        if n_corruptions < 2:
            raise NotEstimable("one corruption gives no interval")
        # Begun anew for each pair, so that all pairs get the same draws and can be subtracted.
        rng = generator(experiment.seed, "claims, bootstrap of corruptions")
        drawn = bootstrap_correlations(quality, m, corruptions, experiment.resamples, rng)
        # The sample's sign, not each resample's: |r| of noise would add its size once more.
        return Influenced(abs(value), np.sign(value) * (drawn.spearman - value), n_corruptions)

    def judge(pairs: Sequence[Pair], q: Floats) -> list[dict[str, Found]]:
        mine = q[used]
        defined = ~np.isnan(mine)
        n = defined.sum(axis=1)
        quality = mine.mean(axis=1) if defined.all() else np.nanmean(mine, axis=1)
        accuracy = {name: (m & defined).sum(axis=1) / n for name, m in m_of.items()}
        return [{"srcc": estimated(one, quality, accuracy[pair.task_model])} for pair in pairs]

    return judge


def pictures(experiment: ClaimData) -> Judge:
    """``image_auc`` and ``image_sd``."""
    splits = picture_folds(experiment.results, experiment.panel, experiment.control)
    judge = _units(experiment, splits, {"image_auc": unit_mean, "image_sd": unit_sd}, complete)
    return lambda pairs, q: judge(pairs, of_complete_pictures(q))


def labels(experiment: ClaimData) -> Judge:
    """``label_auc``."""
    splits = label_folds(experiment.results, experiment.panel, experiment.control)
    return _units(experiment, splits, {"label_auc": unit_mean})


def _units(
    experiment: ClaimData,
    splits: Splits,
    summaries: dict[str, Callable[[Floats], Influenced]],
    units_of: Callable[[Floats], Booleans] | None = None,
) -> Judge:
    """Summaries of the mean AUC over a unit's folds [n_units], NaN where all are skipped.

    units_of: which units there are for a Q [condition, picture]; None: all.
    """
    half = experiment.control.degenerate_folds == "half"

    def judge(pairs: Sequence[Pair], q: Floats) -> list[dict[str, Found]]:
        found = []
        defined = ~np.isnan(q.ravel())
        for pair in pairs:
            m = experiment.panel.correct(pair.task_model).ravel()
            mine = splits[pair.task_model]
            if not defined.all():
                mine = [with_rows(split, defined) for split in mine]
            folds = np.stack([areas(q.ravel(), m, split) for split in mine], axis=1)
            folds = np.where(np.isnan(folds) & half, 0.5, folds)
            if units_of is not None:
                # After the halves: a picture without Q is no unit, whatever folds count as.
                folds[~units_of(q)] = np.nan
            counted = (~np.isnan(folds)).sum(axis=1)
            with np.errstate(invalid="ignore"):  # 0 / 0 where all folds are skipped
                means = np.nansum(folds, axis=1) / counted
            found.append({name: estimated(summary, means) for name, summary in summaries.items()})
        return found

    return judge


def mixtures(experiment: ClaimData) -> Judge:
    """``mixture_auc``, ``mixture_change`` and ``mixture_sd``."""
    conditions, is_test = experiment.panel.conditions, experiment.is_test
    used = [c for c in conditions if c.corruption == CLEAN] + mild(conditions)
    drawn = read_mixtures(experiment.results, used, experiment.panel.image_ids)
    rows = [conditions.index(condition) for condition in used]
    train, test = drawn.place[:, ~is_test], drawn.place[:, is_test]
    p_c = np.array([share for share, _ in drawn.names])

    def judge(pairs: Sequence[Pair], q: Floats) -> list[dict[str, Found]]:
        flat, kept = q[rows].ravel(), complete(q[rows])
        fitted, judged = train[:, kept[~is_test]], test[:, kept[is_test]]
        # Codes among all held-out pictures, so that scores which lost different ones stay paired.
        unit = np.flatnonzero(kept[is_test])
        if not (fitted.size and judged.size):
            lost = NotEstimable("Q is not defined for the training or the held-out pictures")
            return [_over_mixtures(p_c, [lost] * len(p_c)) for _ in pairs]
        offsets = np.arange(len(fitted) + 1) * fitted.shape[1]
        m = [experiment.panel.correct(pair.task_model)[rows].ravel() for pair in pairs]
        # One sign a mixture and network: the fitted slope's, without the fit.
        signs = [covariance_signs(flat[fitted].ravel(), x[fitted].ravel(), offsets) for x in m]
        # A constant M has covariance 0, and would pass for an AUC of 0.5.
        constant = [np.isin(x[fitted].mean(axis=1), (0, 1)) for x in m]
        found: list[list[Found]] = [[] for _ in pairs]
        for mixture, place in enumerate(judged):
            right = np.stack([correct[place] for correct in m])
            for k, area in enumerate(auc_estimates(flat[place], right, unit, test.shape[1])):
                usable = CONSTANT if constant[k][mixture] else _of_units(area, unit.size)
                found[k].append(_turned(usable, signs[k][mixture]))
        return [_over_mixtures(p_c, mine) for mine in found]

    return judge


def _over_mixtures(p_c: Floats, found: list[Found]) -> dict[str, Found]:
    """The three summaries of the mixtures' AUCs; those without one are left out."""
    every = [area for area in found if isinstance(area, Influenced)]
    if not every:
        return dict.fromkeys(("mixture_auc", "mixture_change", "mixture_sd"), found[0])
    shares = p_c[[isinstance(area, Influenced) for area in found]]
    return {
        "mixture_auc": mean_of(every),
        "mixture_change": estimated(_change, shares, every),
        "mixture_sd": estimated(_sd_over_shares, shares, every),
    }


def _change(shares: Floats, every: list[Influenced]) -> Influenced:
    deviation = shares - shares.mean()
    spread = float((deviation**2).sum())
    if spread == 0:
        raise NotEstimable("an AUC at one share p_c only")
    # The least squares slope is a linear combination of the AUCs, and so are its influences.
    return combine((shares.max() - shares.min()) * deviation / spread, every)


def _sd_over_shares(shares: Floats, every: list[Influenced]) -> Influenced:
    levels, place = np.unique(shares, return_inverse=True)
    if levels.size < 3:
        raise NotEstimable(f"AUCs at {levels.size} share(s) p_c: a spread needs 3")
    # Seeds are averaged first, or their noise would count as change over p_c.
    average = np.equal.outer(np.arange(levels.size), place) / np.bincount(place)[:, None]
    means = average @ np.array([area.value for area in every])
    sd = float(means.std(ddof=1))
    if sd == 0:
        raise NotEstimable("the same AUC at every share p_c")
    # Delta method: the derivative of the sd by each level's mean.
    weights = ((means - means.mean()) / ((levels.size - 1) * sd)) @ average
    return combine(weights, every)._replace(value=sd)


MEASURES = (
    Measure(("auc", "ce_gain"), "held-out pictures", held_out_pictures),
    Measure(("srcc",), "corruptions", groups, resampled=True),
    Measure(("image_auc", "image_sd"), "pictures", pictures),
    Measure(("label_auc",), "labels", labels),
    Measure(("mixture_auc", "mixture_change", "mixture_sd"), "held-out pictures", mixtures),
)
