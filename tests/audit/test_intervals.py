"""Hierarchical conformal half widths against hand values, split conformal and simulation."""

from math import ceil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causal_iqa.audit.intervals import groups_needed, half_width, interval


def test_half_width_by_hand() -> None:
    """Masses over 1 / 3: 1/2 each of 1 and 4, 1 of 2, and 1 at infinity."""
    residuals = [np.array([4.0, 1.0]), np.array([2.0])]
    for alpha, expected in ((0.84, 1), (0.6, 2), (0.5, 2), (0.4, 4), (1 / 3, 4), (0.3, np.inf)):
        assert half_width(residuals, alpha) == expected


@given(
    st.lists(st.integers(0, 20), min_size=1, max_size=60),
    st.sampled_from([0.05, 0.1, 0.2, 0.3, 0.5]),
)
def test_groups_of_one_are_split_conformal(values: list[int], alpha: float) -> None:
    """The ceil((1 - alpha)(K + 1))-th smallest of K residuals, infinite where there is none."""
    rank = ceil(round((1 - alpha) * (len(values) + 1), 9))
    expected = sorted(values)[rank - 1] if rank <= len(values) else np.inf
    assert half_width([np.array([v], float) for v in values], alpha) == expected


def test_members_repeated_change_nothing() -> None:
    rng = np.random.default_rng(0)
    residuals = [rng.random(3) for _ in range(12)]
    repeated = [np.repeat(group, 1 + k % 4) for k, group in enumerate(residuals)]
    assert half_width(repeated) == half_width(residuals)


def test_nine_groups_are_the_fewest_at_a_tenth() -> None:
    assert (groups_needed(0.1), groups_needed(0.05), groups_needed(0.3)) == (9, 19, 3)
    assert groups_needed(1 - 0.9) == 9  # though 1 - 0.9 is less than 0.1 by the last bit
    groups = [np.array([k / 10]) for k in range(9)]
    assert half_width(groups) == 0.8
    assert half_width(groups[:8]) == np.inf


@pytest.mark.parametrize(("n_groups", "alpha"), [(9, 0.1), (14, 0.1), (14, 0.2), (30, 0.1)])
def test_coverage_of_exchangeable_groups(n_groups: int, alpha: float) -> None:
    """Members alike within a group of 1 to 5; a new group's member is held often enough."""
    rng = np.random.default_rng(n_groups)
    trials, held = 2000, 0
    for _ in range(trials):
        level = rng.lognormal(size=n_groups + 1)
        *known, new = (rng.exponential(scale, rng.integers(1, 6)) for scale in level)
        held += rng.choice(new) <= half_width(known, alpha)
    error = 3 * np.sqrt(alpha * (1 - alpha) / trials)
    assert held / trials >= 1 - alpha - error
    assert held / trials <= 1 - alpha + 1 / (n_groups + 1) + error


def test_interval_is_cut_to_the_unit() -> None:
    assert interval(0.5, 0.2) == pytest.approx((0.3, 0.7))
    assert interval(0.1, 0.2) == pytest.approx((0, 0.3))
    assert interval(0.9, np.inf) == (0, 1)


@pytest.mark.parametrize("group", [[], [-0.1], [np.nan], [np.inf]])
def test_groups_that_are_no_residuals(group: list[float]) -> None:
    with pytest.raises(ValueError, match="finite and not negative"):
        half_width([np.array([0.1]), np.array(group)])


@pytest.mark.parametrize("alpha", [0.0, 1.0, -0.1])
def test_alpha_out_of_range(alpha: float) -> None:
    with pytest.raises(ValueError, match="alpha must be between 0 and 1"):
        half_width([np.array([0.1])], alpha)
