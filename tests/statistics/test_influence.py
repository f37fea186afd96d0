"""Influences against DeLong's interval, brute-force resampling and hand values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from causal_iqa.statistics import NotEstimable
from causal_iqa.statistics.auc import delong_interval
from causal_iqa.statistics.covariance import covariance_signs
from causal_iqa.statistics.influence import (
    Influenced,
    auc_estimates,
    combine,
    mean_estimate,
    mean_of,
    minus,
    normal_interval,
    unit_mean,
    unit_sd,
)
from causal_iqa.statistics.logistic import fit_logistic

UNITS, ROWS = 300, 12


def clustered(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Two scores and M of pictures that are alike under all conditions, with ties."""
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(UNITS), ROWS)
    clarity = rng.normal(size=UNITS)[unit] + 0.7 * rng.normal(size=unit.size)
    m = rng.random(unit.size) < 1 / (1 + np.exp(-clarity))
    first, second = (clarity + width * rng.normal(size=unit.size) for width in (0.5, 1.5))
    return np.round(first, 1), np.round(second, 1), m, unit


def width(interval: tuple[float, float]) -> float:
    return interval[1] - interval[0]


def test_auc_is_scikit_learns_and_every_row_of_m_has_its_own() -> None:
    score, _, m, unit = clustered(0)
    found = auc_estimates(score, np.stack([m, ~m]), unit, UNITS)
    for estimate, right in zip(found, (m, ~m), strict=True):
        assert estimate.value == pytest.approx(roc_auc_score(right, score), abs=1e-12)
        assert estimate.influence.sum() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("clusters", [False, True])
def test_interval_of_an_auc_is_delongs(clusters: bool) -> None:
    score, _, m, unit = clustered(1)
    codes = unit if clusters else np.arange(m.size)
    found = auc_estimates(score, m, codes, codes.max() + 1)[0]
    expected = delong_interval(score, m, codes)
    assert normal_interval(found) == pytest.approx((expected.lo, expected.hi), abs=2e-4)


def test_clusters_widen_the_interval_of_an_auc() -> None:
    score, _, m, unit = clustered(1)
    rows = auc_estimates(score, m, np.arange(m.size), m.size)[0]
    pictures = auc_estimates(score, m, unit, UNITS)[0]
    assert width(normal_interval(pictures)) > 1.1 * width(normal_interval(rows))


def test_difference_of_aucs_has_the_spread_of_resampled_pictures() -> None:
    """Brute force: pictures drawn with replacement, scikit-learn's AUC of both scores."""
    first, second, m, unit = clustered(2)
    pair = [auc_estimates(score, m, unit, UNITS)[0] for score in (first, second)]
    difference = minus(*pair)
    rng = np.random.default_rng(0)
    samples = []
    for _ in range(400):
        rows = (rng.integers(UNITS, size=UNITS)[:, None] * ROWS + np.arange(ROWS)).ravel()
        areas = [roc_auc_score(m[rows], score[rows]) for score in (first, second)]
        samples.append(areas[0] - areas[1])
    paired = width(normal_interval(difference))
    assert paired == pytest.approx(2 * 1.96 * np.std(samples), rel=0.12)
    unpaired = np.hypot(*(width(normal_interval(one)) for one in pair))
    assert paired < 0.7 * unpaired


def test_one_class_of_m_has_no_auc() -> None:
    found = auc_estimates([1.0, 2.0], [[1, 1], [0, 1]], np.arange(2), 2)
    assert isinstance(found[0], NotEstimable)
    assert found[0].reason == "M is 1 in all 2 rows"
    assert found[1].value == 1


def test_mean_by_hand() -> None:
    found = mean_estimate([1.0, 2.0, 6.0], np.array([0, 0, 1]), 3)
    assert found.value == 3
    np.testing.assert_allclose(found.influence, [-1, 1, 0])


def test_normal_interval_by_hand() -> None:
    """Of a mean of 4 it is t's formula with the normal quantile."""
    values = np.array([1.0, 2.0, 3.0, 6.0])
    lo, hi = normal_interval(unit_mean(values))
    half = 1.959963984540054 * values.std(ddof=1) / 2
    assert (lo, hi) == pytest.approx((3 - half, 3 + half))
    with pytest.raises(NotEstimable, match="1 unit gives no interval"):
        normal_interval(Influenced(1.0, np.zeros(1), 1))


def test_sd_has_the_spread_of_resampled_units() -> None:
    rng = np.random.default_rng(5)
    values = np.where(rng.random(500) < 0.2, np.nan, rng.gamma(4.0, size=500))
    found = unit_sd(values)
    assert found.value == pytest.approx(np.nanstd(values, ddof=1))
    samples = [np.nanstd(values[rng.integers(500, size=500)], ddof=1) for _ in range(2000)]
    assert width(normal_interval(found)) == pytest.approx(2 * 1.96 * np.std(samples), rel=0.08)


def test_too_few_units_or_no_spread() -> None:
    with pytest.raises(NotEstimable, match="0 of 2 units have a value"):
        unit_mean(np.full(2, np.nan))
    with pytest.raises(NotEstimable, match="1 of 2 units have a value"):
        unit_sd(np.array([1.0, np.nan]))
    with pytest.raises(NotEstimable, match="the same value in all 2 units"):
        unit_sd(np.ones(2))


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=4))
def test_combinations_are_linear(weights: list[float]) -> None:
    rng = np.random.default_rng(1)
    parts = [unit_mean(rng.normal(size=7)) for _ in weights]
    found = combine(weights, parts)
    assert found.value == pytest.approx(np.dot(weights, [part.value for part in parts]))
    np.testing.assert_allclose(
        found.influence, np.array(weights) @ [p.influence for p in parts], atol=1e-12
    )
    assert mean_of(parts).value == pytest.approx(np.mean([part.value for part in parts]))


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 1)), min_size=2, max_size=30).filter(
        lambda rows: len({m for _, m in rows}) == 2
    )
)
def test_sign_is_that_of_the_fitted_slope(rows: list[tuple[int, int]]) -> None:
    q, m = np.array(rows, dtype=float).T
    covariance = np.round(np.cov(q, m)[0, 1], 12)
    sign = covariance_signs(q, m, [0, len(q)])[0]
    assert sign == np.sign(covariance)
    if sign:
        assert sign == np.sign(fit_logistic(q, m).slope)


def test_sign_of_a_constant_or_empty_group_is_0() -> None:
    q, m = [0.1, 0.1, 0.1, 1.0, 2.0], [0, 1, 1, 1, 0]
    assert covariance_signs(q, m, [0, 3, 3, 5]).tolist() == [0, 0, -1]


def test_units_without_a_value_do_not_count() -> None:
    alone = unit_mean(np.array([0.7, *11 * [np.nan]]))
    many = unit_mean(np.linspace(0, 1, 12))
    assert (alone.n_units, many.n_units, minus(many, alone).n_units) == (1, 12, 1)
    with pytest.raises(NotEstimable, match="1 unit gives no interval"):
        normal_interval(minus(many, alone))
    some = unit_mean(np.array([0.2, 0.4, 0.9, np.nan]))
    se = np.std([0.2, 0.4, 0.9], ddof=1) / np.sqrt(3)
    assert normal_interval(some) == pytest.approx((0.5 - 1.959964 * se, 0.5 + 1.959964 * se))
