"""Times and sizes are said in units that read well, at their borders too."""

from __future__ import annotations

import pytest

from causal_iqa.core.quantities import duration, size

MINUTE, HOUR, DAY = 60, 3600, 86400


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "less than 0.1 s"),
        (0.4, "0.4 s"),
        (12.4, "12 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (90, "1 min 30 s"),
        (9 * MINUTE + 59.7, "10 min"),
        (40.4 * MINUTE, "40 min"),
        (59.6 * MINUTE, "1 h"),
        (2 * HOUR + 5 * MINUTE, "2 h 5 min"),
        (23.7 * HOUR, "1 d"),
        (3 * DAY + 4 * HOUR, "3 d 4 h"),
        (40 * DAY, "40 d"),
    ],
)
def test_a_time(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (3_400, "3.4 kB"),
        (9_960, "10 kB"),
        (999_600, "1.0 MB"),
        (341_663_724, "342 MB"),
        (6_744_924_160, "6.7 GB"),
        (50_233_328_344, "50 GB"),
        (1.2e12, "1.2 TB"),
        (3e15, "3,000 TB"),
    ],
)
def test_a_size(count: float, said: str) -> None:
    assert size(count) == said
