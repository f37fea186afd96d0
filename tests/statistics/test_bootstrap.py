"""Bootstrap by counts against the naive resampling of rows."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import roc_auc_score

from causal_iqa.statistics import NotEstimable
from causal_iqa.statistics.auc import delong_interval
from causal_iqa.statistics.bootstrap import (
    ResampledAuc,
    ResampledMean,
    bootstrap,
    bootstrap_auc,
    bootstrap_mean,
)
from causal_iqa.statistics.resampling import percentile_interval, resample_counts


def data(n=200, seed=0):
    rng = np.random.default_rng(seed)
    m = rng.integers(0, 2, n)
    score = np.round(rng.normal(size=n) + m, 1)  # ties
    ids = np.array([f"id {i}" for i in rng.integers(0, 23, n)])  # clusters of unequal size
    return score, m, ids


def naive(statistic, ids, resamples, seed):
    """`statistic` of the rows (indices) of each resample of the sorted distinct ids."""
    rng = np.random.default_rng(seed)
    names = np.unique(ids)
    rows = [np.flatnonzero(ids == name) for name in names]
    found = []
    for _ in range(resamples):
        drawn = rng.integers(0, names.size, size=names.size)
        found.append(statistic(np.concatenate([rows[unit] for unit in drawn])))
    return np.array(found)


@pytest.mark.parametrize("clustered", [False, True])
def test_auc_and_mean_equal_the_naive_bootstrap(clustered):
    score, m, ids = data()
    values = score**2
    cluster_ids = ids if clustered else None
    units = ids if clustered else np.arange(m.size)
    expected_auc = naive(lambda rows: roc_auc_score(m[rows], score[rows]), units, 50, 9)
    expected_mean = naive(lambda rows: values[rows].mean(), units, 50, 9)
    areas = bootstrap_auc(score, m, cluster_ids, 50, np.random.default_rng(9))
    means = bootstrap_mean(values, cluster_ids, 50, np.random.default_rng(9))
    assert np.unique(expected_auc).size > 40
    assert_allclose(areas, expected_auc, rtol=1e-12)
    assert_allclose(means, expected_mean, rtol=1e-12)
    together = bootstrap(
        [ResampledAuc(score, m, cluster_ids), ResampledMean(values, cluster_ids)],
        50,
        np.random.default_rng(9),
    )
    assert_array_equal(together, [areas, means])


def test_the_first_resamples_do_not_depend_on_how_many_follow():
    score, m, _ = data()
    few = bootstrap_auc(score, m, None, 5, np.random.default_rng(1))
    many = bootstrap_auc(score, m, None, 40, np.random.default_rng(1))
    other = bootstrap_auc(score, m, None, 5, np.random.default_rng(2))
    assert_array_equal(few, many[:5])
    assert not np.isin(other, few).all()


def test_the_generator_goes_on_where_the_last_bootstrap_stopped():
    score, m, _ = data()
    rng = np.random.default_rng(1)
    halves = [bootstrap_auc(score, m, None, 5, rng) for _ in range(2)]
    whole = bootstrap_auc(score, m, None, 10, np.random.default_rng(1))
    assert_array_equal(np.concatenate(halves), whole)


def test_resamples_of_one_class_are_nan():
    samples = bootstrap_auc([1.0, 2.0, 3.0], [0, 1, 1], None, 2000, np.random.default_rng(0))
    # P(no 0 drawn) + P(only the 0 drawn) = (2/3)^3 + (1/3)^3 = 1/3
    assert abs(np.isnan(samples).mean() - 1 / 3) < 0.04
    assert set(samples[~np.isnan(samples)]) == {1.0}


def test_spread_agrees_with_delong():
    score, m, _ = data(2000)
    samples = bootstrap_auc(score, m, None, 1000, np.random.default_rng(0))
    assert_allclose(samples.std(), delong_interval(score, m).se, rtol=0.08)


def test_mean_of_clusters_is_a_ratio_of_sums():
    # Cluster 0 holds 0, 0, 0 and cluster 1 holds 8: (0, 0), (0, 1), (1, 1) give 0, 2, 8.
    samples = bootstrap_mean([0, 0, 0, 8], [0, 0, 0, 1], 200, np.random.default_rng(0))
    assert set(samples) == {0.0, 2.0, 8.0}


def test_counts_are_multinomial():
    draws = np.array(list(resample_counts(4, 4000, np.random.default_rng(0))))
    assert draws.shape == (4000, 4)
    assert_array_equal(draws.sum(axis=1), 4)
    assert_allclose(draws.mean(axis=0), 1, atol=0.06)
    assert_allclose(draws.var(axis=0), 0.75, atol=0.08)  # n p (1 - p)


def test_counts_are_drawn_when_asked_for():
    """One at a time: a million resamples of a million units must cost nothing yet."""
    first = next(iter(resample_counts(10**6, 10**6, np.random.default_rng(0))))
    assert first.sum() == 10**6


@pytest.mark.parametrize(("units", "resamples"), [(0, 5), (5, 0), (-1, 5)])
def test_nothing_to_draw_is_an_error_at_once(units, resamples):
    with pytest.raises(ValueError, match="must be at least 1"):
        resample_counts(units, resamples, np.random.default_rng(0))


def test_statistics_must_share_their_units():
    score, m, ids = data()
    with pytest.raises(ValueError, match="must share their units"):
        bootstrap([ResampledAuc(score, m), ResampledMean(score, ids)], 5, np.random.default_rng(0))
    with pytest.raises(ValueError, match="must share their units"):
        bootstrap([], 5, np.random.default_rng(0))


def test_one_class_is_not_estimable():
    with pytest.raises(NotEstimable, match="M is 0 in all 2 rows"):
        bootstrap_auc([1.0, 2.0], [0, 0], None, 5, np.random.default_rng(0))


def test_percentile_interval_by_hand():
    assert_allclose(percentile_interval(np.arange(101.0), 0.9), (5.0, 95.0, 0))
    assert_allclose(percentile_interval(np.arange(101.0)), (2.5, 97.5, 0))


def test_percentile_interval_leaves_nan_out_and_counts_it():
    samples = np.concatenate([np.arange(101.0), np.full(101, np.nan)])
    assert_allclose(percentile_interval(samples, 0.9), (5.0, 95.0, 101))
    with pytest.raises(NotEstimable, match="102 of 203 resamples give no estimate"):
        percentile_interval(np.append(samples, np.nan))


@pytest.mark.parametrize(
    ("samples", "level", "message"),
    [([], 0.95, "non-empty"), ([[1.0]], 0.95, "vector"), ([1.0], 95, "level must be")],
)
def test_percentile_interval_faults(samples, level, message):
    with pytest.raises(ValueError, match=message):
        percentile_interval(samples, level)
