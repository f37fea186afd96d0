"""Times and sizes as a person says them."""

from __future__ import annotations

STEPS = ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s"))
"""Seconds and name of a unit, and of the next smaller one, which is said beside it."""
FEW = 10
"""From so many of a unit on the smaller one is left out."""


def duration(seconds: float) -> str:
    """``0.4 s``, ``12 s``, ``1 min 30 s``, ``40 min``, ``2 h 5 min``, ``3 d 4 h``."""
    if seconds < 1:
        return f"{seconds:.1f} s" if seconds >= 0.05 else "less than 0.1 s"
    if round(seconds) < 60:
        return f"{round(seconds)} s"
    for size, unit, part, smaller in STEPS:
        # Rounded in the smaller unit first, so that 59.7 min is 1 h and not 60 min.
        whole, rest = divmod(round(seconds / part), size // part)
        if whole >= FEW:
            return f"{round(seconds / size)} {unit}"
        if whole:
            return f"{whole} {unit}" + (f" {rest} {smaller}" if rest else "")
    raise AssertionError(seconds)


def size(count: float) -> str:
    """``800 bytes``, ``3.4 kB``, ``120 MB``, ``6.7 GB``, ``1.2 TB``; powers of 1000."""
    if round(count) < 1000:
        return f"{round(count)} bytes"
    for unit in ("kB", "MB", "GB", "TB"):
        count /= 1000
        if count < 9.95:
            return f"{count:.1f} {unit}"
        if count < 999.5:
            return f"{count:.0f} {unit}"
    return f"{count:,.0f} TB"
