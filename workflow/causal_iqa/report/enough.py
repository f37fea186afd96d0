"""Whether there are enough of what a number is taken over: one gate for all pages and figures."""

from __future__ import annotations

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
    several, whose last letter is left out for one.
    """
    if n is None or n >= least:
        return ""
    return f"{n} {units.removesuffix('s') if n == 1 else units}: {TOO_FEW}"
