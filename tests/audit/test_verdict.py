"""A set is called harder or easier only where its whole interval says so."""

from __future__ import annotations

import numpy as np
import pytest

from causal_iqa.audit.card.parts_of_set import half_width, interval
from causal_iqa.audit.card.verdict import overall, verdict


@pytest.mark.parametrize(
    ("lo", "hi", "said"),
    [
        (0.5, 0.79, "harder than"),
        (0.81, 0.9, "easier than"),
        (0.72, 0.88, "like"),
        (0.69, 0.88, "cannot tell"),
        (0.5, 0.8, "cannot tell"),
        (None, None, "cannot tell"),
    ],
)
def test_the_verdict_needs_the_whole_interval(
    lo: float | None, hi: float | None, said: str
) -> None:
    assert verdict({"lo": lo, "hi": hi}, clean=0.8) == said


def test_the_sentence_says_for_how_many() -> None:
    assert overall(["cannot tell"] * 2).startswith("Cannot tell whether")
    assert overall(["harder than"] * 3) == (
        "This set is harder than the calibration's clean pictures."
    )
    assert "harder than the calibration's clean pictures for 1 of 3 networks; for the others" in (
        overall(["cannot tell", "harder than", "cannot tell"])
    )
    assert "harder than these for 2 and like these for 1 of 3 networks" in (
        overall(["harder than", "harder than", "like"])
    )


def test_a_parts_interval_is_no_narrower_than_the_wholes_or_than_chance() -> None:
    whole = {"estimate": 0.6, "lo": 0.5, "hi": 0.75, "level": 0.9}
    chances = np.full(25, 0.5)
    # 1.645 standard errors of 25 fair coins
    assert half_width(chances, 0.9) == pytest.approx(1.6449 * 0.1, abs=1e-4)
    lo, hi = interval(chances, whole) or (0, 0)
    assert 0.5 - lo == pytest.approx(np.hypot(0.1, 0.16449), abs=1e-4)
    assert hi - 0.5 == pytest.approx(np.hypot(0.15, 0.16449), abs=1e-4)
    assert interval(chances, {**whole, "lo": None, "hi": None}) is None
    assert interval(np.full(4, 0.99), whole) == (
        pytest.approx(0.99 - np.hypot(0.1, 0.0818), abs=1e-3),
        1.0,
    )
