"""Geometry of the card's histograms: a row a condition of the calibration, the set in each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from causal_iqa.report.page_tables import true_minus
from causal_iqa.statistics.inputs import Floats

WIDTH, LEFT, RIGHT = 330, 72, 14
TOP, ROW, BOTTOM = 12, 36, 20
TALLEST = 33
"""Height of the tallest bin of a figure; rows are ROW apart."""


def histograms(quality: Mapping[str, Any]) -> dict[str, Any]:
    """One score's figure as SVG needs it, in its own units; quality: an entry of the card's.

    title, axis and median_quantile as in the card; width, height, left, right (of the axis), base
    (its y); rows: label, y (of the baseline), fill
    (path of the calibration's bins), line (path of the set's); ticks: x, text. Bins of all rows
    have one scale, the share of that row's pictures.
    """
    rows = {"clean": quality["reference"]}
    rows |= {f"severity {severity}": counts for severity, counts in quality["severities"].items()}
    shares = {label: _shares(counts) for label, counts in rows.items()}
    mine = _shares(quality["set"])
    tallest = max(float(share.max()) for share in (mine, *shares.values()))
    base = TOP + ROW * len(rows)
    return {
        "title": quality["title"],
        "axis": quality["axis"],
        "median_quantile": quality["median_quantile"],
        "width": WIDTH,
        "height": base + BOTTOM,
        "left": LEFT,
        "right": WIDTH - RIGHT,
        "base": base,
        "rows": [
            {
                "label": label,
                "y": y,
                "fill": _steps(share / tallest, y) + "Z",
                "line": _steps(mine / tallest, y),
            }
            for y, (label, share) in zip(
                range(TOP + ROW, base + 1, ROW), shares.items(), strict=True
            )
        ],
        "ticks": _ticks(quality["edges"]),
    }


def _shares(counts: Sequence[int]) -> Floats:
    values = np.array(counts, dtype=np.float64)
    shares: Floats = values / max(values.sum(), 1)
    return shares


def _steps(heights: Floats, base: int) -> str:
    """Path of a histogram's outline; heights: [bins] in [0, 1]."""
    right = np.linspace(LEFT, WIDTH - RIGHT, len(heights) + 1)[1:]
    steps = (
        f"V{base - TALLEST * height:.1f}H{x:.1f}" for height, x in zip(heights, right, strict=True)
    )
    return f"M{LEFT} {base}{''.join(steps)}V{base}"


def _ticks(edges: Sequence[float]) -> list[dict[str, Any]]:
    """Round numbers within the axis."""
    from matplotlib.ticker import MaxNLocator

    low, high = edges[0], edges[-1]
    values = [v for v in MaxNLocator(4).tick_values(low, high) if low <= v <= high]
    scale = (WIDTH - RIGHT - LEFT) / (high - low)
    return [
        {"x": f"{LEFT + scale * (value - low):.1f}", "text": true_minus(f"{value:.6g}")}
        for value in values
    ]
