"""Whether there are enough of what a number is taken over: one gate for all pages and figures."""

from __future__ import annotations

import polars as pl

from causal_iqa.report.counts import counted
from causal_iqa.report.findings import held_out_pictures

# The 95 % interval (Wilson) of a share of one half reaches from 33 to 67 % at 30 pictures.
PICTURES = 30
"""Fewer pictures than this carry no percentage, rank or curve."""
# A sd over 10 units is itself known to within a quarter (1 / sqrt(2 (n - 1))).
UNITS = 10
"""Fewer labels, corruptions or draws than this carry no mean with a spread."""
TOO_FEW = "too few to tell"


def too_few(n: int | None, least: int, units: str) -> str:
    """``4 pictures: too few to tell`` where n is below ``least``, else ''.

    n: how many there are; None: not known, which is no reason to doubt them. units: the word for
    several.
    """
    return "" if n is None or n >= least else f"{counted(n, units)}: {TOO_FEW}"


def counted_or_few(n: int, least: int, units: str) -> str:
    """``40 pictures``, or ``4 pictures: too few to tell`` where n is below ``least``."""
    return too_few(n, least, units) or counted(n, units)


def held_out_words(pairs: pl.DataFrame) -> str:
    """Of how many the AUCs of the pooled tables are, at most.

    ``40 held-out pictures``, ``held-out pictures (4 pictures: too few to tell)``.
    """
    n = held_out_pictures(pairs)
    few = too_few(n, PICTURES, "pictures")
    return f"held-out pictures ({few})" if few else f"{n or ''} held-out pictures".lstrip()
