"""Bootstrap by counts against the naive resampling of rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from causal_iqa.statistics import NotEstimable
from causal_iqa.statistics.auc import delong_interval
from causal_iqa.statistics.bootstrap import (
    BLOCK,
    ResampledAuc,
    Resamples,
    bootstrap_auc_by_rows,
    draw_units,
    resampled_mean,
)
from causal_iqa.statistics.resampling import percentile_interval, resample_counts


def data(n=200, seed=0):
    rng = np.random.default_rng(seed)
    m = rng.integers(0, 2, n)
    score = np.round(rng.normal(size=n) + m, 1)  # ties
    ids = np.array([f"id {i}" for i in rng.integers(0, 23, n)])  # clusters of unequal size
    return score, m, ids


def resampled_auc(score, m, ids, resamples, rng):
    return ResampledAuc(m, draw_units(ids, len(score), resamples, rng))(score)[0]


def mean_of(values, ids, resamples, rng):
    return resampled_mean(values, draw_units(ids, len(values), resamples, rng))[0]


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
    drawn = draw_units(cluster_ids, m.size, 50, np.random.default_rng(9))
    assert np.unique(expected_auc).size > 40
    both = ResampledAuc([1 - m, m], drawn)(score)
    assert_allclose(both, [1 - expected_auc, expected_auc], rtol=1e-12)
    means = resampled_mean([values, -values], drawn)
    assert_allclose(means, [expected_mean, -expected_mean], rtol=1e-12)


@given(
    data=st.lists(
        st.tuples(st.integers(0, 4), st.booleans(), st.integers(0, 6)), min_size=1, max_size=40
    ),
    seed=st.integers(0, 99),
)
def test_auc_equals_its_definition(data, seed):
    """Ties, clusters of unequal size and resamples of one class included, to the last digit."""
    score, m, ids = (np.array(column) for column in zip(*data, strict=True))
    drawn = draw_units(ids, len(score), BLOCK + 3, np.random.default_rng(seed))
    assert_array_equal(
        ResampledAuc(m, drawn)(score)[0], bootstrap_auc_by_rows(score.astype(float), m, drawn)
    )


def test_a_unit_may_be_drawn_more_often_than_a_byte_holds():
    counts = np.array([[300, 1, 2], [1, 1, 1]])
    drawn = Resamples(np.arange(3), counts)
    # of the pairs (m = 1, m = 0): row 0 against row 1, won; row 0 against row 2, lost
    assert_allclose(ResampledAuc([1, 0, 0], drawn)([1.0, 0.0, 2.0]), [[1 / 3, 1 / 2]])


def test_means_do_not_depend_on_the_number_of_blas_threads():
    values = np.random.default_rng(0).normal(size=(7, 5000))
    drawn = draw_units(None, 5000, 40, np.random.default_rng(1))
    with threadpool_limits(2, user_api="blas"):
        two = resampled_mean(values, drawn)
    with threadpool_limits(1, user_api="blas"):
        assert_array_equal(resampled_mean(values, drawn), two)


def test_the_first_resamples_do_not_depend_on_how_many_follow():
    score, m, _ = data()
    few = resampled_auc(score, m, None, 5, np.random.default_rng(1))
    many = resampled_auc(score, m, None, 40, np.random.default_rng(1))
    other = resampled_auc(score, m, None, 5, np.random.default_rng(2))
    assert_array_equal(few, many[:5])
    assert not np.isin(other, few).all()


def test_the_generator_goes_on_where_the_last_bootstrap_stopped():
    score, m, _ = data()
    rng = np.random.default_rng(1)
    halves = [resampled_auc(score, m, None, 5, rng) for _ in range(2)]
    whole = resampled_auc(score, m, None, 10, np.random.default_rng(1))
    assert_array_equal(np.concatenate(halves), whole)


def test_resamples_of_one_class_are_nan():
    samples = resampled_auc([1.0, 2.0, 3.0], [0, 1, 1], None, 2000, np.random.default_rng(0))
    # P(no 0 drawn) + P(only the 0 drawn) = (2/3)^3 + (1/3)^3 = 1/3
    assert abs(np.isnan(samples).mean() - 1 / 3) < 0.04
    assert set(samples[~np.isnan(samples)]) == {1.0}


def test_spread_agrees_with_delong():
    score, m, _ = data(2000)
    samples = resampled_auc(score, m, None, 1000, np.random.default_rng(0))
    assert_allclose(samples.std(), delong_interval(score, m).se, rtol=0.08)


def test_mean_of_clusters_is_a_ratio_of_sums():
    # Cluster 0 holds 0, 0, 0 and cluster 1 holds 8: (0, 0), (0, 1), (1, 1) give 0, 2, 8.
    samples = mean_of([0, 0, 0, 8], [0, 0, 0, 1], 200, np.random.default_rng(0))
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


def test_rows_must_be_as_many_as_the_units():
    score, m, _ = data()
    drawn = draw_units(None, m.size, 5, np.random.default_rng(0))
    with pytest.raises(ValueError, match="lengths differ"):
        ResampledAuc(m[:-1], drawn)
    with pytest.raises(ValueError, match="lengths differ"):
        ResampledAuc(m, drawn)(score[:-1])
    with pytest.raises(ValueError, match="lengths differ"):
        resampled_mean(score[:-1], drawn)


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
