"""How far a long piece of work has come, as lines of its log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from causal_iqa.core.quantities import duration

EVERY = 5.0
"""Seconds between two lines, at least."""


class Progress:
    """Counts pictures and says how many a second are done and how long the rest will take.

    total: pictures in all; at: where the work stands, which each line begins with; clock: seconds.
    Lines go to stderr, which is a job's log.
    """

    def __init__(
        self, total: int, at: str = "", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.total, self.at, self.clock = total, at, clock
        self.done = 0
        self.began = self.said = clock()

    def add(self, count: int) -> None:
        """So many more are done; says so if nothing was said for a while."""
        self.done += count
        if self.clock() - self.said >= EVERY:
            self.say()

    def say(self) -> None:
        """Write a line now."""
        self.said = self.clock()
        print(self, file=sys.stderr, flush=True)

    def __str__(self) -> str:
        """``condition 3/76 (fog/3), picture 96/1,520, 31 pictures/s, 46 s left``."""
        taken = self.clock() - self.began
        parts = [self.at] * bool(self.at) + [f"picture {self.done:,}/{self.total:,}"]
        if self.done and taken > 0:
            rate = self.done / taken
            parts.append(f"{rate:,.0f} pictures/s" if rate >= 10 else f"{rate:.1f} pictures/s")
            left = (self.total - self.done) / rate
            parts.append(f"{duration(left)} left" if left else f"took {duration(taken)}")
        return ", ".join(parts)
