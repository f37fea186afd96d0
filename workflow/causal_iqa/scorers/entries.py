"""What is known of a scorer without running it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

TORCH = ("torch", "numpy", "pillow")
"""Distributions whose version can change any score."""


@dataclass(frozen=True)
class Entry:
    """What is known of a scorer without running it.

    loader: ``module:function`` below this package, (options, Setting) -> LoadedScorer.
    libraries: distributions whose version can change a score. files: packaged files that it
    reads. user_files: files of the user's that it reads. fetched: whether it reads published
    weights from the weights folder; weights_size: their bytes (None: nobody says). outputs: number
    of classes (None: any, or no classifier). weights_group: scorers of one group share weights, so
    a pair of them is circular. value_range: of a metric, in words; ~: about (None: it has several
    scores, or nobody says).
    """

    title: str
    loader: str
    libraries: tuple[str, ...] = TORCH
    files: tuple[str, ...] = ()
    user_files: tuple[Path, ...] = ()
    fetched: bool = False
    weights_size: int | None = None
    outputs: int | None = None
    lower_better: bool | None = None
    trained_on_labels: bool | None = None
    weights_group: str | None = None
    value_range: str | None = None
