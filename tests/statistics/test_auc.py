"""AUC and its DeLong interval against scikit-learn, all pairs and hand values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.special import ndtr, ndtri
from sklearn.metrics import roc_auc_score

from causal_iqa.statistics import NotEstimable
from causal_iqa.statistics.auc import auc, auc_groups, delong_interval
from causal_iqa.statistics.bootstrap import ResampledAuc, draw_units

# Scores on a coarse grid, so that ties are common.
problems = st.lists(
    st.tuples(st.integers(-8, 8), st.integers(0, 1)), min_size=2, max_size=60
).filter(lambda rows: len({m for _, m in rows}) == 2)


@settings(deadline=None)
@given(problems)
def test_auc_is_sklearns_and_the_share_of_pairs_won(rows):
    score, m = np.array(rows).T
    difference = score[m == 1][:, None] - score[m == 0]
    assert auc(score, m) == np.mean((difference > 0) + 0.5 * (difference == 0))
    assert_allclose(auc(score, m), roc_auc_score(m, score), rtol=1e-12)


@settings(deadline=None)
@given(problems)
def test_auc_keeps_under_monotone_maps_and_mirrors_under_a_minus(rows):
    score, m = np.array(rows).T
    assert auc(np.exp(score) + 3.0, m) == auc(score, m)
    assert_allclose(auc(-score, m), 1 - auc(score, m), atol=1e-15)
    assert_allclose(auc(score, 1 - m), 1 - auc(score, m), atol=1e-15)


def test_auc_by_hand():
    assert auc([1.0, 2.0, 2.0, 3.0], [0, 0, 1, 1]) == 3.5 / 4
    assert auc([0.0, 0.0], [0, 1]) == 0.5


@settings(deadline=None)
@given(st.lists(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 1)), max_size=12), max_size=8))
def test_groups_equal_the_plain_auc_of_each(groups):
    groups = [*groups, [(0, 1), (1, 0)]]
    score, m = np.array([row for group in groups for row in group]).T
    offsets = np.cumsum([0] + [len(group) for group in groups])
    expected = [
        auc(*np.array(group).T) if len({c for _, c in group}) == 2 else np.nan for group in groups
    ]
    np.testing.assert_array_equal(auc_groups(score, m, offsets), expected)


def test_delong_by_hand():
    # Placements: positives 2, 3, 5 beat 1/2, 1/2, 1 of the negatives 1, 4;
    # negatives 1, 4 lose to 1, 1/3 of the positives.
    found = delong_interval([2.0, 3.0, 5.0, 1.0, 4.0], [1, 1, 1, 0, 0])
    variance = np.var([0.5, 0.5, 1], ddof=1) / 3 + np.var([1, 1 / 3], ddof=1) / 2
    assert_allclose(found.auc, 2 / 3)
    assert_allclose(found.se, np.sqrt(variance))
    assert (found.lo, found.hi) == (0.0, 1.0)  # cut: 1.96 standard errors are 0.73
    half = delong_interval([2.0, 3.0, 5.0, 1.0, 4.0], [1, 1, 1, 0, 0], level=0.5)
    assert_allclose([half.lo, half.hi], 2 / 3 + ndtri([0.25, 0.75]) * np.sqrt(variance))


def binormal(n, seed):
    rng = np.random.default_rng(seed)
    m = rng.integers(0, 2, n)
    return np.round(rng.normal(size=n) + 0.6 * m, 1), m


def test_delong_is_the_variance_of_placements_with_ties():
    score, m = binormal(300, 1)
    difference = score[m == 1][:, None] - score[m == 0]
    won = (difference > 0) + 0.5 * (difference == 0)
    variance = won.mean(1).var(ddof=1) / (m == 1).sum() + won.mean(0).var(ddof=1) / (m == 0).sum()
    found = delong_interval(score, m)
    assert_allclose(found.se, np.sqrt(variance), rtol=1e-12)
    assert_allclose(found.auc, auc(score, m), rtol=1e-12)


def test_delong_covers_the_truth_as_often_as_it_says():
    truth = ndtr(0.6 / np.sqrt(2))
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(400):
        m = rng.integers(0, 2, 200)
        interval = delong_interval(rng.normal(size=200) + 0.6 * m, m, level=0.8)
        hits += interval.lo <= truth <= interval.hi
    assert 0.74 < hits / 400 < 0.86  # three standard errors about 0.8


def test_clusters_of_one_row_give_delong():
    score, m = binormal(100, 2)
    names = np.array([f"picture {i}" for i in np.random.default_rng(0).permutation(100)])
    assert_allclose(delong_interval(score, m, names), delong_interval(score, m), rtol=1e-12)


def test_clusters_by_hand():
    # Obuchowski 1997 over clusters {0, 1}, {2, 3}, {4} of the rows of test_delong_by_hand.
    found = delong_interval([2.0, 3.0, 5.0, 1.0, 4.0], [1, 1, 1, 0, 0], [0, 0, 1, 1, 2])
    a = 2 / 3
    s = np.array([(0.5 - a) + (0.5 - a), 1 - a, 0.0])  # sums of positives' deviations
    u = np.array([0.0, 1 - a, 1 / 3 - a])  # and of negatives'
    s10, s01 = 2 / (1 * 3) * (s @ s), 2 / (1 * 2) * (u @ u)
    s11 = 3 / 2 * (s @ u)
    assert_allclose(found.se**2, s10 / 3 + s01 / 2 + 2 * s11 / (3 * 2))


def test_cluster_error_agrees_with_the_cluster_bootstrap():
    rng = np.random.default_rng(7)
    ids = np.repeat(np.arange(400), 10)
    effect = rng.normal(size=400)[ids]
    score = rng.normal(size=4000) + effect
    m = (rng.normal(size=4000) + effect > 0).astype(int)
    found = delong_interval(score, m, ids)
    resampled = ResampledAuc(m, draw_units(ids, m.size, 1000, rng))(score)[0]
    assert_allclose(found.se, resampled.std(), rtol=0.1)
    assert found.se > 1.3 * delong_interval(score, m).se


def test_wider_level_wider_interval():
    score, m = binormal(300, 1)
    narrow, wide = (delong_interval(score, m, level=level) for level in (0.5, 0.95))
    ratio = (wide.hi - wide.lo) / (narrow.hi - narrow.lo)
    assert_allclose(ratio, ndtri(0.975) / ndtri(0.75), rtol=1e-12)


def test_perfect_separation_has_no_error():
    assert delong_interval([1.0, 2.0, 3.0, 4.0], [0, 0, 1, 1]) == (1.0, 0.0, 1.0, 1.0)


@pytest.mark.parametrize("seed", range(5))
def test_a_score_that_only_knows_the_cluster_has_no_error(seed):
    """Each cluster holds both classes at one score: the AUC is .5 in every resample."""
    score = np.random.default_rng(seed).normal(size=9)
    found = delong_interval(np.repeat(score, 2), [0, 1] * 9, np.repeat(np.arange(9), 2))
    assert_allclose(found, [0.5, 0.0, 0.5, 0.5], atol=1e-7)


@pytest.mark.parametrize("function", [auc, delong_interval])
def test_one_class_is_not_estimable(function):
    with pytest.raises(NotEstimable, match="M is 1 in all 2 rows"):
        function([0.1, 0.2], [1, 1])


@pytest.mark.parametrize(
    ("m", "ids"), [([0, 1, 1, 1], None), ([1, 0, 0, 0], None), ([0, 1, 1, 1], [0, 1, 1, 1])]
)
def test_delong_needs_two_units_of_each_class(m, ids):
    with pytest.raises(NotEstimable, match="a single cluster or row"):
        delong_interval([1.0, 2.0, 3.0, 4.0], m, ids)


@pytest.mark.parametrize("level", [0.0, 1.0, 95, np.nan])
def test_level_must_be_a_probability(level):
    with pytest.raises(ValueError, match="level must be between 0 and 1"):
        delong_interval([1.0, 2.0], [0, 1], level=level)
