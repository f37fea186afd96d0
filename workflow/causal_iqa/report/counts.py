"""How many there are of what a number is taken over, in words."""

from __future__ import annotations

from collections.abc import Collection


def counted(n: int, units: str) -> str:
    """``4 pictures``, ``1 picture``. units: the word for several."""
    return f"{n} {units.removesuffix('s') if n == 1 else units}"


def span(counts: Collection[int], units: str) -> str:
    """``18 to 20 pictures``; one number where they are all the same."""
    low, high = min(counts), max(counts)
    return counted(high, units) if low == high else f"{low} to {high} {units}"
