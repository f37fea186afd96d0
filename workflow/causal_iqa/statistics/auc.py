"""Area under the ROC curve: estimate, many small ones at once, and DeLong's interval."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from causal_iqa.statistics.compiled import compiled
from causal_iqa.statistics.inputs import (
    Floats,
    Integers,
    group_offsets,
    require_both_classes,
    score_and_class,
    unit_codes,
)
from causal_iqa.statistics.not_estimable import NotEstimable


class DelongInterval(NamedTuple):
    """An AUC, its standard error and the ends of its confidence interval, all in [0, 1]."""

    auc: float
    se: float
    lo: float
    hi: float


def auc(score: ArrayLike, m: ArrayLike) -> float:
    """P(score of a row with m=1 > score of a row with m=0), ties counted half; in [0, 1].

    Parameters
    ----------
    score : [n] float, finite; only its order matters
    m : [n] 0/1

    Raises
    ------
    NotEstimable
        If m holds one class only.
    ValueError
        If the input is empty, unequal in length, not finite or not 0/1.
    """
    values, correct = score_and_class(score, m, "score")
    require_both_classes(correct)
    # Any sort will do, stable or not: `weighted_auc` pools the rows of equal score.
    order = np.argsort(values)
    return weighted_auc(values[order], correct[order], np.ones_like(correct))


def auc_groups(score: ArrayLike, m: ArrayLike, offsets: ArrayLike) -> Floats:
    """`auc` of each of many groups of rows that lie one after the other, [n_groups].

    `offsets` [n_groups + 1]: group g is rows offsets[g]:offsets[g + 1]. NaN where a group is
    empty or holds one class. Raises a ValueError as `auc` does, or if the offsets are not such.
    """
    values, correct = score_and_class(score, m, "score")
    return _auc_groups(values, correct, group_offsets(offsets, len(values)))


def delong_interval(
    score: ArrayLike,
    m: ArrayLike,
    cluster_ids: ArrayLike | None = None,
    *,
    level: float = 0.95,
) -> DelongInterval:
    """Normal confidence interval of the AUC from DeLong's variance, cut to [0, 1].

    Parameters
    ----------
    score, m : [n] as in `auc`
    cluster_ids : None or [n] integers or strings
        Rows with the same id are dependent (Obuchowski's variance). With an id per row, as with
        None, the variance is DeLong's.
    level : coverage, in (0, 1)

    Raises
    ------
    NotEstimable
        If m holds one class only, or if one of the classes stands in fewer than two clusters
        (rows, without clusters).
    ValueError
        As `auc`, or if level is out of range.

    References
    ----------
    DeLong, DeLong and Clarke-Pearson 1988, Biometrics 44:837; by ranks as in Sun and Xu 2014,
    IEEE Signal Processing Letters 21:1389. Clusters: Obuchowski 1997, Biometrics 53:567.
    """
    # Not scipy.stats.norm, whose import takes several times as long.
    from scipy.special import ndtri

    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1, it is {level}")
    values, correct = score_and_class(score, m, "score")
    require_both_classes(correct)
    unit, _ = unit_codes(cluster_ids, len(values))
    placement = _placements(values, correct)
    area = float(placement[correct == 1].mean())
    se = float(np.sqrt(_cluster_variance(placement - area, correct, unit)))
    half = float(ndtri((1 + level) / 2)) * se
    return DelongInterval(area, se, max(0.0, area - half), min(1.0, area + half))


def _placements(score: Floats, m: Integers) -> Floats:
    """Of each row, the share of the other class that it is ranked rightly against."""
    _, value = np.unique(score, return_inverse=True)
    positives = np.bincount(value, weights=m)
    negatives = np.bincount(value, weights=1 - m)
    # Half of the equal ones on either side: the midranks of Sun and Xu, which count ties half.
    below = (np.cumsum(negatives) - negatives / 2) / negatives.sum()
    above = 1 - (np.cumsum(positives) - positives / 2) / positives.sum()
    placements: Floats = np.where(m == 1, below[value], above[value])
    return placements


def _cluster_variance(deviation: Floats, m: Integers, unit: Integers) -> float:
    """Obuchowski's variance of the AUC from the placements' deviations from it."""
    n_units = int(unit.max()) + 1
    spread, sums = [], []
    for kind in (m, 1 - m):
        rows = np.bincount(unit, weights=kind, minlength=n_units)
        # Obuchowski counts the clusters that hold the class in a variance, all in the covariance.
        clusters = int((rows > 0).sum())
        if clusters < 2:
            raise NotEstimable("one of the classes of M stands in a single cluster or row")
        sums.append(np.bincount(unit, weights=kind * deviation, minlength=n_units) / rows.sum())
        spread.append(clusters / (clusters - 1) * (sums[-1] ** 2).sum())
    # 0 where every row is a cluster of its own: what is left is DeLong's variance.
    covariance = n_units / (n_units - 1) * (sums[0] * sums[1]).sum()
    # The estimate of a variance that is 0 (perfect separation) may come out as -1e-18.
    return max(0.0, float(sum(spread) + 2 * covariance))


@compiled
def _auc_groups(score: Floats, m: Integers, offsets: Integers) -> Floats:
    areas = np.full(offsets.size - 1, np.nan)
    for g in range(areas.size):
        group = slice(offsets[g], offsets[g + 1])
        order = np.argsort(score[group])
        areas[g] = weighted_auc(score[group][order], m[group][order], np.ones_like(order))
    return areas


@compiled
def weighted_auc(score: Floats, m: Integers, weight: Integers) -> float:
    """AUC of rows in ascending order of score that occur `weight` (integer) times each.

    In integers, hence exact up to the last division; NaN where one class has no weight.
    """
    positives = negatives = 0  # of all lower scores
    tied_positives = tied_negatives = 0  # of the score at hand
    # Twice, so that half a tie is a whole number.
    twice_won = 0
    for i in range(score.size):
        if i > 0 and score[i] != score[i - 1]:
            twice_won += tied_positives * (2 * negatives + tied_negatives)
            positives += tied_positives
            negatives += tied_negatives
            tied_positives = tied_negatives = 0
        tied_positives += weight[i] * m[i]
        tied_negatives += weight[i] * (1 - m[i])
    twice_won += tied_positives * (2 * negatives + tied_negatives)
    positives += tied_positives
    negatives += tied_negatives
    if positives == 0 or negatives == 0:
        return np.nan
    return twice_won / (2.0 * positives * negatives)
