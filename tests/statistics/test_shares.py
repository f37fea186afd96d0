"""Wilson's interval against SciPy's."""

import pytest
from scipy.stats import binomtest

from causal_iqa.statistics.shares import wilson_interval


@pytest.mark.parametrize(("right", "n"), [(0, 4), (2, 4), (4, 4), (15, 30), (1, 1), (4321, 50_000)])
def test_wilson_is_scipys(right: int, n: int) -> None:
    oracle = binomtest(right, n).proportion_ci(0.95, method="wilson")
    assert wilson_interval(right / n, n) == pytest.approx((oracle.low, oracle.high), abs=1e-12)


@pytest.mark.parametrize(("share", "n"), [(1.1, 4), (-0.1, 4), (0.5, 0), (float("nan"), 4)])
def test_what_is_no_share_is_refused(share: float, n: int) -> None:
    with pytest.raises(ValueError, match="a share of"):
        wilson_interval(share, n)
