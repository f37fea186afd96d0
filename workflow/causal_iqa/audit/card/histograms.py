"""Geometry of the card's histograms: a row per condition of the calibration or part of the set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from causal_iqa.report.cells import signed
from causal_iqa.report.enough import PICTURES
from causal_iqa.statistics.inputs import Floats

WIDTH, LEFT, RIGHT = 330, 72, 14
NAMED = 118
"""Left margin where rows have names of groups, of at most LETTERS letters."""
LETTERS = 16
TOP_FOLDER = "(top)"
"""The folder without a name, in which others stand."""
TOP, ROW, BOTTOM = 12, 36, 20
# Less than a row, so that rows do not touch.
TALLEST = 33
"""Height of the tallest bin of a figure; rows are ROW apart."""


class Histograms(NamedTuple):
    """A row of a figure. label, and a second line below it; name: the label in full; fill, line:
    counts [bins] of the calibration and of the set."""

    label: str
    below: str
    name: str
    fill: Sequence[int]
    line: Sequence[int]


def by_severity(quality: Mapping[str, Any]) -> dict[str, Any]:
    """The whole set beside the calibration's clean pictures and each severity: see `_figure`."""
    conditions = {"clean": quality["reference"]}
    conditions |= {f"severity {severity}": c for severity, c in quality["severities"].items()}
    pairs = [
        Histograms(label, "", label, fill, quality["set"]) for label, fill in conditions.items()
    ]
    return _figure(quality, pairs, LEFT)


def by_group(quality: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """The set's groups of a kind with PICTURES or more, each beside the calibration's clean
    pictures: see `_figure`."""
    pairs = [
        Histograms(
            shortened(group["name"] or TOP_FOLDER),
            f"n = {group['n']}",
            group["name"] or TOP_FOLDER,
            quality["reference"],
            group["counts"],
        )
        for group in quality["groups"]
        if group["kind"] == kind and group["n"] >= PICTURES
    ]
    return _figure(quality, pairs, NAMED)


def shortened(name: str) -> str:
    """Both ends of a long name, where names of one set differ."""
    half = (LETTERS - 1) // 2
    return name if len(name) <= LETTERS else f"{name[:half]}…{name[-half:]}"


def _figure(quality: Mapping[str, Any], pairs: Sequence[Histograms], left: int) -> dict[str, Any]:
    """One score's figure as SVG needs it, in its own units; quality: an entry of the card's.

    title, axis and median_quantile as in the card; width, height, left, right (of the axis), base
    (its y); rows: label, below, name, y (of the baseline), fill (path of the calibration's bins),
    line (path of the set's); ticks: x, text. Bins of all rows have one scale, the share of that
    row's pictures.
    """
    shares = [(_shares(pair.fill), _shares(pair.line)) for pair in pairs]
    tallest = max(float(share.max()) for pair in shares for share in pair)
    base = TOP + ROW * len(pairs)
    return {
        "title": quality["title"],
        "axis": quality["axis"],
        "median_quantile": quality["median_quantile"],
        "width": WIDTH,
        "height": base + BOTTOM,
        "left": left,
        "right": WIDTH - RIGHT,
        "base": base,
        "rows": [
            {
                "label": pair.label,
                "below": pair.below,
                "name": pair.name,
                "y": y,
                "fill": _steps(fill / tallest, left, y) + "Z",
                "line": _steps(line / tallest, left, y),
            }
            for y, pair, (fill, line) in zip(
                range(TOP + ROW, base + 1, ROW), pairs, shares, strict=True
            )
        ],
        "ticks": _ticks(quality["edges"], left),
    }


def _shares(counts: Sequence[int]) -> Floats:
    values = np.array(counts, dtype=np.float64)
    # 0, not 0 / 0, of nothing.
    shares: Floats = values / max(values.sum(), 1)
    return shares


def _steps(heights: Floats, left: int, base: int) -> str:
    """Path of a histogram's outline; heights: [bins], cut at 1."""
    right = np.linspace(left, WIDTH - RIGHT, len(heights) + 1)[1:]
    steps = (
        f"V{base - TALLEST * min(height, 1):.1f}H{x:.1f}"
        for height, x in zip(heights, right, strict=True)
    )
    return f"M{left} {base}{''.join(steps)}V{base}"


def _ticks(edges: Sequence[float], left: int) -> list[dict[str, Any]]:
    """Round numbers within the axis."""
    from matplotlib.ticker import MaxNLocator

    low, high = edges[0], edges[-1]
    # Fewer where a left margin for names leaves less axis.
    values = [
        v for v in MaxNLocator(4 if left == LEFT else 3).tick_values(low, high) if low <= v <= high
    ]
    scale = (WIDTH - RIGHT - left) / (high - low)
    return [
        {"x": f"{left + scale * (value - low):.1f}", "text": signed(value, ".6g")}
        for value in values
    ]
