"""Correlations and their bootstrap against SciPy; Holm against hand and published values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from causal_iqa.statistics import NotEstimable
from causal_iqa.statistics.correlation import (
    bootstrap_correlations,
    holm,
    kendall_tau_b,
    pearson,
    spearman,
)

ALL = (kendall_tau_b, pearson, spearman)


def points(n=75, seed=0, decimals=1, offset=0.0):
    rng = np.random.default_rng(seed)
    q = rng.normal(size=n)
    return np.round(q, decimals) + offset, np.round(q + rng.normal(size=n), decimals)


def test_five_points_by_hand():
    q, m = [1.0, 2.0, 3.0, 4.0, 5.0], [1.0, 3.0, 2.0, 5.0, 4.0]
    assert_allclose(kendall_tau_b(q, m).estimate, 0.6)  # 8 pairs agree, 2 do not
    assert_allclose(spearman(q, m).estimate, 1 - 6 * 4 / (5 * 24))
    assert_allclose(pearson(q, m).estimate, 0.8)
    assert_allclose(kendall_tau_b(q, m).p_value, 28 / 120)  # both tails, of 5! orders


def test_tau_b_corrects_for_ties():
    # Pairs: 4 agree, 0 disagree; one tie in q, one in m, of 6.
    assert_allclose(kendall_tau_b([1, 1, 2, 3], [1, 2, 3, 3]).estimate, 4 / 5)


@pytest.mark.parametrize("function", ALL)
def test_p_value_of_75_points_near_the_papers_threshold(function):
    """n = 75: |PLCC|, |SRCC| of .228 and |KRCC| of about .154 are the border of p < .05."""
    q, m = points(decimals=9)
    estimate, p = function(q, m)
    if function is kendall_tau_b:
        z = estimate / np.sqrt(2 * (2 * 75 + 5) / (9 * 75 * 74))
        assert_allclose(p, 2 * stats.norm.sf(abs(z)), rtol=1e-6)
    else:
        t = estimate * np.sqrt(73 / (1 - estimate**2))
        assert_allclose(p, 2 * stats.t.sf(abs(t), 73), rtol=1e-6)


@pytest.mark.parametrize("function", ALL)
def test_sign_follows_q(function):
    q, m = points()
    assert_allclose(function(-q, m).estimate, -function(q, m).estimate, rtol=1e-12)
    assert_allclose(function(-q, m).p_value, function(q, m).p_value, rtol=1e-9)


@pytest.mark.parametrize("offset", [0.0, 1e4])
@pytest.mark.parametrize("clustered", [False, True])
def test_bootstrap_equals_scipy_on_the_repeated_points(clustered, offset):
    q, m = points(offset=offset)
    ids = np.repeat([f"corruption {i}" for i in range(15)], 5) if clustered else np.arange(75)
    found = bootstrap_correlations(q, m, ids if clustered else None, 60, np.random.default_rng(4))
    rng = np.random.default_rng(4)
    names = np.unique(ids)
    for r in range(60):
        drawn = names[rng.integers(0, names.size, size=names.size)]
        rows = np.concatenate([np.flatnonzero(ids == name) for name in drawn])
        expected = [
            stats.kendalltau(q[rows], m[rows]).statistic,
            stats.pearsonr(q[rows], m[rows]).statistic,
            stats.spearmanr(q[rows], m[rows]).statistic,
        ]
        assert_allclose([series[r] for series in found], expected, rtol=0, atol=1e-12)


def test_bootstrap_of_a_perfect_order_stays_perfect():
    q = np.arange(10.0)
    found = bootstrap_correlations(q, 3 * q + 1, None, 50, np.random.default_rng(0))
    assert_allclose(found, 1.0, rtol=1e-12)
    assert max(series.max() for series in found) <= 1.0


def test_resamples_of_one_value_are_nan():
    found = bootstrap_correlations(
        [0.1, 0.1, 0.3], [1.0, 2.0, 3.0], None, 2000, np.random.default_rng(0)
    )
    # q is constant where the third point is drawn 0 or 3 times: (2/3)^3 + (1/3)^3 = 1/3;
    # m is constant then or where the first or second is drawn 3 times: both counted already.
    missing = np.isnan(found)
    assert abs(missing[0].mean() - 1 / 3) < 0.04
    assert_array_equal(missing[0], missing[1])
    assert_array_equal(missing[0], missing[2])


@pytest.mark.parametrize("function", [*ALL, bootstrap_correlations])
@pytest.mark.parametrize(
    ("q", "m", "reason"),
    [
        ([2.0, 2.0, 2.0], [1.0, 2.0, 3.0], "Q is constant over the 3 points"),
        ([1.0, 2.0, 3.0], [0.1, 0.1, 0.1], "M is constant over the 3 points"),
        ([1.0, 2.0], [1.0, 2.0], "2 points: a correlation needs at least 3"),
    ],
)
def test_not_estimable(function, q, m, reason):
    more = (None, 5, np.random.default_rng(0)) if function is bootstrap_correlations else ()
    with pytest.raises(NotEstimable) as caught:
        function(q, m, *more)
    assert caught.value.reason == reason


def test_holm_by_hand():
    assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])


def test_holm_of_the_example_in_pingouins_documentation():
    published = [0.64, 0.012, 0.64, 0.162, 0.0015]  # pingouin.multicomp, method "holm"
    assert_allclose(holm([0.50, 0.003, 0.32, 0.054, 0.0003]), published)


def test_holm_does_not_count_nan():
    found = holm([0.01, np.nan, 0.04])
    assert_allclose(found[[0, 2]], [0.02, 0.04])
    assert np.isnan(found[1])
    assert_array_equal(holm([np.nan]), [np.nan])
    assert holm([]).size == 0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_lies_between_the_p_value_and_bonferroni_and_keeps_the_order(p):
    p = np.array(p)
    adjusted = holm(p)
    assert (adjusted >= p).all()
    assert (adjusted <= np.minimum(1, p.size * p)).all()
    assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= 0).all()
    assert adjusted.min() == min(1, p.size * p.min())


@pytest.mark.parametrize("bad", [-0.1, 1.1])
def test_holm_refuses_what_is_no_probability(bad):
    with pytest.raises(ValueError, match=r"1 of the 2 p-values are outside \[0, 1\]"):
        holm([0.5, bad])
    with pytest.raises(ValueError, match="one dimension"):
        holm([[0.5]])
