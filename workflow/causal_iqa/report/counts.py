"""How many there are of what a number is taken over, in words."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from causal_iqa.report.cautions import test_pictures
from causal_iqa.report.enough import PICTURES, too_few


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


def held_out_words(pairs: pl.DataFrame) -> str:
    """Of how many the AUCs of the pooled tables are, at most.

    ``40 held-out pictures``, ``held-out pictures (4 pictures: too few to tell)``.
    """
    n = test_pictures(pairs)
    few = too_few(n, PICTURES, "pictures")
    return f"held-out pictures ({few})" if few else f"{n or ''} held-out pictures".lstrip()
