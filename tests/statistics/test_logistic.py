"""Logistic fits against scikit-learn, hand values and the paper's Table 3."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from causal_iqa.statistics import NotEstimable
from causal_iqa.statistics.logistic import (
    LogisticFit,
    base_rate_cross_entropy,
    cross_entropy,
    cross_entropy_groups,
    fit_logistic,
    fit_logistic_groups,
    fit_sklearn_default,
    log_losses,
    predict,
)

# mean, sd and slope (per sd) of scores like the paper's
SCALES = {
    "unit": (0.0, 1.0, 0.7),
    "clip_iqa": (0.6, 0.1, 0.1),
    "brisque": (40.0, 20.0, -0.5),
    "total_variation": (1.2e4, 6e3, 0.3),
    "max_prob_zero_shot": (1.069e-3, 1.5e-5, 0.4),
    "entropy_zero_shot": (6.90755, 5.9e-5, -0.7),
}


def draw(scale, n, seed=0, intercept=0.4):
    mean, sd, slope = SCALES[scale]
    rng = np.random.default_rng(seed)
    z = rng.normal(size=n)
    m = rng.random(n) < 1 / (1 + np.exp(-slope * z - intercept))
    return mean + sd * z, m.astype(int)


def sklearn_standardised(q, m, weight=1.0):
    z = (q - q.mean()) / q.std()
    model = LogisticRegression(C=weight, tol=1e-10, max_iter=10_000).fit(z[:, None], m)
    slope = model.coef_[0, 0] / q.std()
    return slope, model.intercept_[0] - slope * q.mean()


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("weight", [0.01, 1.0, 30.0])
def test_optimum_is_sklearns_on_the_standardised_score(scale, weight):
    q, m = draw(scale, 400)
    fit = fit_logistic(q, m, C=weight)
    slope, intercept = sklearn_standardised(q, m, weight)
    assert fit.converged
    assert_allclose(fit.slope, slope, rtol=1e-5)
    assert_allclose(predict(fit, q), predict(LogisticFit(slope, intercept, True, 0), q), atol=1e-6)


def test_gradient_vanishes_at_the_answer():
    q, m = draw("brisque", 500)
    fit = fit_logistic(q, m, C=2.0)
    z = (q - q.mean()) / q.std()
    error = 2.0 * (predict(fit, q) - m)
    assert abs(error.sum()) < 1e-6
    assert abs(error @ z + fit.slope * q.std()) < 1e-6


def test_two_points_by_hand():
    # z = -1, 1 and m = 0, 1: by symmetry b = 0, and w solves w = 2 / (1 + exp(w)).
    w = 0.0
    for _ in range(200):
        w = 0.5 * w + 0.5 * 2 / (1 + np.exp(w))
    fit = fit_logistic([3.0, 7.0], [0, 1])
    assert_allclose([fit.slope, fit.intercept], [w / 2, -5 * w / 2], rtol=1e-8)


@pytest.mark.parametrize("m", [[0, 0, 1, 1], [1, 1, 0, 0]])
def test_separable_data_with_a_weak_penalty_converge(m):
    q = np.array([1.0, 2.0, 3.0, 4.0])
    fit = fit_logistic(q, m, C=1e8)
    assert fit.converged
    assert_array_equal(predict(fit, q) > 0.5, np.array(m) == 1)


def test_an_outlier_a_million_sd_away_does_not_throw_newton_off():
    q, m = draw("unit", 1000)
    q[0], m[0] = 1e6, 0
    fit = fit_logistic(q, m)
    assert fit.converged
    assert_allclose(fit.slope, sklearn_standardised(q, m)[0], rtol=1e-4)


def test_heavy_tails_and_a_rare_class_converge():
    """Full Newton steps end in a singular Hessian from seeds 34 and 59."""
    for seed in (0, 34, 59):
        rng = np.random.default_rng(seed)
        q, m = np.exp(3 * rng.normal(size=160)), np.arange(160) < 3
        fit = fit_logistic(q, m, C=100.0)
        error = 100.0 * (predict(fit, q) - m)
        assert fit.converged
        assert abs(error.sum()) < 1e-4
        assert abs(error @ (q - q.mean()) / q.std() + fit.slope * q.std()) < 1e-4


def test_a_score_too_large_to_square_ends_unconverged():
    assert not fit_logistic([1.7e308, 1.7e308, -1.0, 0.0], [0, 1, 0, 1]).converged


def test_the_fit_does_not_depend_on_the_unit_of_q():
    q, m = draw("unit", 300)
    one, other = fit_logistic(q, m), fit_logistic(1e4 * q - 77, m)
    assert_allclose(other.slope * 1e4, one.slope, rtol=1e-9)
    assert_allclose(predict(other, 1e4 * q - 77), predict(one, q), rtol=1e-9)


@pytest.mark.parametrize("value", [0.0, 0.1, 6.90755])
def test_constant_score_gives_the_base_rate(value):
    q = np.full(30, value)  # the mean of thirty 0.1 is not 0.1: the sd is not 0
    fit = fit_logistic(q, [1] * 20 + [0] * 10)
    assert fit == LogisticFit(0.0, pytest.approx(np.log(2)), True, 0)


problems = st.lists(
    st.tuples(st.floats(-1e3, 1e3).map(lambda v: round(v, 3)), st.integers(0, 1)),
    min_size=2,
    max_size=60,
).filter(lambda rows: len({m for _, m in rows}) == 2)


@settings(deadline=None)
@given(problems)
def test_slope_has_the_sign_of_the_covariance_and_beats_the_base_rate(rows):
    q, m = np.array(rows).T
    fit = fit_logistic(q, m)
    covariance = np.mean((q - q.mean()) * (m - m.mean()))
    assert fit.converged
    if abs(covariance) > 1e-6 * (1 + q.std()):
        assert np.sign(fit.slope) == np.sign(covariance)
    base = base_rate_cross_entropy(m, m)
    assert cross_entropy(fit, q, m) <= base + 1e-12


@pytest.mark.filterwarnings("error")
@settings(deadline=None)
@given(st.lists(st.lists(st.tuples(st.floats(-9, 9), st.integers(0, 1)), max_size=12), max_size=8))
def test_groups_equal_the_plain_fit_of_each(groups):
    groups = [*groups, [(0.0, 0), (1.0, 1)]]
    q, m = np.array([row for group in groups for row in group]).T
    offsets = np.cumsum([0] + [len(group) for group in groups])
    fits = fit_logistic_groups(q, m, offsets)
    entropies = cross_entropy_groups(fits, q, m, offsets)
    assert fits.slope.shape == entropies.shape == (len(groups),)
    for g, group in enumerate(groups):
        if len({correct for _, correct in group}) == 2:
            rows = slice(offsets[g], offsets[g + 1])
            plain = fit_logistic(q[rows], m[rows])
            found = (fits.slope[g], fits.intercept[g], fits.converged[g], fits.iterations[g])
            assert found == (plain.slope, plain.intercept, plain.converged, plain.iterations)
            assert_allclose(entropies[g], cross_entropy(plain, q[rows], m[rows]), rtol=1e-12)
        else:
            assert np.isnan([fits.slope[g], fits.intercept[g], entropies[g]]).all()
            assert not fits.converged[g]


def test_cross_entropy_is_sklearns_log_loss():
    q, m = draw("clip_iqa", 200)
    fit = fit_logistic(q, m)
    assert_allclose(cross_entropy(fit, q, m), log_loss(m, predict(fit, q)), rtol=1e-12)
    assert_allclose(log_losses(fit, q, m).mean(), log_loss(m, predict(fit, q)), rtol=1e-12)


def test_losses_of_confident_predictions_by_hand():
    fit = LogisticFit(1000.0, 0.0, True, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_array_equal(log_losses(fit, [1.0, 1.0, -1.0, 0.0], [1, 0, 1, 1])[:3], [0, 1e3, 1e3])
        assert_allclose(log_losses(fit, [0.0], [1]), np.log(2))
        assert_array_equal(predict(fit, [1.0, -1.0, 0.0]), [1.0, 0.0, 0.5])


def test_base_rate_cross_entropy_by_hand():
    # training rate 3/4, test rate 1/2
    found = base_rate_cross_entropy([1, 1, 1, 0], [1, 0])
    assert_allclose(found, -(np.log(0.75) + np.log(0.25)) / 2)


# clip_iqa: few rows, where the penalty on the raw scale weighs; many, where the noise is small
@pytest.mark.parametrize(
    ("scale", "n"), [("unit", 2000), ("brisque", 2000), ("clip_iqa", 300), ("clip_iqa", 20_000)]
)
def test_sklearn_default_is_sklearns_and_converged_on_a_sane_scale(scale, n):
    q, m = draw(scale, n)
    model = LogisticRegression().fit(q[:, None], m)
    fit = fit_sklearn_default(q, m)
    assert (fit.slope, fit.intercept) == (model.coef_[0, 0], model.intercept_[0])
    assert fit.iterations == model.n_iter_[0]
    assert fit.converged


def test_sklearn_default_on_a_flat_score_has_the_wrong_sign_and_says_so():
    """The paper's Table 3: zero-shot entropy, a base rate above one half."""
    q, m = draw("entropy_zero_shot", 20_000)
    default, optimum = fit_sklearn_default(q, m), fit_logistic(q, m)
    assert optimum.slope < 0 < default.slope
    assert not default.converged


def test_sklearn_default_is_converged_where_there_is_nothing_to_learn():
    rng = np.random.default_rng(3)
    assert fit_sklearn_default(rng.normal(size=5000), rng.integers(0, 2, 5000)).converged
    assert fit_sklearn_default(np.ones(100), np.arange(100) % 2).converged


@pytest.mark.parametrize("fit", [fit_logistic, fit_sklearn_default])
@pytest.mark.parametrize("value", [0, 1])
def test_one_class_is_not_estimable(fit, value):
    with pytest.raises(NotEstimable, match=f"M is {value} in all 3 rows") as caught:
        fit([1.0, 2.0, 3.0], [value] * 3)
    assert caught.value.reason == str(caught.value)


def test_a_certain_base_rate_is_not_estimable():
    with pytest.raises(NotEstimable, match="M is 1 in all 2 rows"):
        base_rate_cross_entropy([1, 1], [0, 1])


def test_groups_must_match_the_fits():
    fits = fit_logistic_groups([0.0, 1.0], [0, 1], [0, 2])
    with pytest.raises(ValueError, match=r"lengths differ: \{'fits': 1, 'groups': 2\}"):
        cross_entropy_groups(fits, [0.0, 1.0], [0, 1], [0, 1, 2])


@pytest.mark.parametrize("weight", [0.0, -1.0, np.inf, np.nan])
def test_penalty_weight_must_be_positive(weight):
    with pytest.raises(ValueError, match="C must be positive"):
        fit_logistic([0.0, 1.0], [0, 1], C=weight)
