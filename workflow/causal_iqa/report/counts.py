"""How many there are of what a number is taken over, in words."""

from __future__ import annotations

from collections.abc import Collection

from causal_iqa.report.enough import too_few


def counted(n: int, units: str) -> str:
    """``4 pictures``, ``1 picture``. units: the word for several."""
    return f"{n} {units.removesuffix('s') if n == 1 else units}"


def counted_or_few(n: int, least: int, units: str) -> str:
    """``40 pictures``, or ``4 pictures: too few to tell`` where n is below ``least``."""
    return too_few(n, least, units) or counted(n, units)


def span(counts: Collection[int], units: str) -> str:
    """``18 to 20 pictures``; one number where they are all the same."""
    low, high = min(counts), max(counts)
    return counted(high, units) if low == high else f"{low} to {high} {units}"
