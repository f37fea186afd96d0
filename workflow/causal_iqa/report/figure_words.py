"""How a figure stands on a page: where it can be linked to, what it shows, its caption."""

from __future__ import annotations

from typing import NamedTuple


class FigureWords(NamedTuple):
    """A figure on the page of the paper.

    stem: its file below ``figures/``, without suffix. anchor: to link to. alt: what it shows, for
    who cannot see it. number, said: the paper's, where it is one of its figures, and what the index
    says of it.
    """

    stem: str
    anchor: str
    alt: str
    caption: str
    number: str = ""
    said: str = ""
