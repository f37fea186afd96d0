"""What a log says of work that goes on: how much is done, how fast, how long it will take."""

from __future__ import annotations

import pytest

from causal_iqa.core.progress import EVERY, Progress


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_line_says_where_it_stands_how_fast_and_how_long() -> None:
    clock = Clock()
    progress = Progress(1520, "condition 3/76 (fog/3)", clock)
    assert str(progress) == "condition 3/76 (fog/3), picture 0/1,520"
    clock.now = 4
    progress.add(96)
    assert str(progress) == ("condition 3/76 (fog/3), picture 96/1,520, 24 pictures/s, 59 s left")
    clock.now = 1000
    progress.add(1424)
    assert str(progress).endswith("picture 1,520/1,520, 1.5 pictures/s, took 17 min")


def test_lines_come_every_few_seconds_however_often_something_is_done(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock = Clock()
    progress = Progress(100, clock=clock)
    for _ in range(40):
        clock.now += EVERY / 10
        progress.add(1)
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(",")[0] for line in lines] == [f"picture {n}/100" for n in (10, 20, 30, 40)]
