"""How quality is distributed in mildly corrupted data sets (paper, Appendix H, Fig. 21)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from causal_iqa.analyses.mixtures.draws import look_up
from causal_iqa.analyses.mixtures.schema import MIXTURE_DENSITY
from causal_iqa.analyses.per_unit_fits import KINDS
from causal_iqa.core.columns import CLASSES
from causal_iqa.core.conditions import Condition
from causal_iqa.core.contract import Results, read_table, write_table
from causal_iqa.data.panel import Floats, complete
from causal_iqa.statistics import NotEstimable
from causal_iqa.statistics.density import gaussian_density, scott_bandwidth

POINTS = 256
"""Of a curve."""
TAIL = 0.001
"""Share of the pictures beyond either end of the grid, at most, so that outliers stay out."""
ROUNDING = 1e-5
"""How far a score in float32 may lie beyond a bound that holds."""


class Bounds(NamedTuple):
    """The least and the greatest value that a score can have; infinite where nobody says."""

    low: float = -np.inf
    high: float = np.inf


def bounds(variant: str, value_range: str | None, classes: int) -> Bounds:
    """What a quality score is bounded by: what it is, or what its metric says of itself.

    value_range: as ``scorers.csv`` has it: ``0 to 100``, where ``~0`` (about) is no bound.
    classes: that a probability can be spread over.
    """
    if variant.startswith("max_prob"):
        return Bounds(0.0, 1.0)
    if variant.startswith("entropy"):
        return Bounds(0.0, float(np.log(classes)))
    said = re.match(r"(~?-?[\d.]+) to (~?-?[\d.]+)", value_range or "")
    if said is None:
        return Bounds()
    low, high = (None if end.startswith("~") else float(end) for end in said.groups())
    return Bounds(-np.inf if low is None else low, np.inf if high is None else high)


def write_mixture_density(results: Results, conditions: Sequence[Condition]) -> None:
    """Write ``mixture_density.parquet``: a kernel density of Q in the first mixture of each p_c.

    All p_c of a quality score share one grid of ``quality``; a picture for which it is not defined
    under every condition takes no part (``n_pictures``: those that do). A score that is the same
    for all pictures of a mixture has no density: one row, with that score and an empty density.
    """
    panel, mixtures = look_up(results, conditions)
    classes = read_table(results.classes, CLASSES).height
    first: dict[float, int] = {}
    for place, (p_c, _) in enumerate(mixtures.names):
        # One seed's, as the paper draws one line a p_c.
        first.setdefault(p_c, place)
    rows = []
    for kind in KINDS:
        for source in panel.of_kind(kind):
            for variant in panel.variants(source):
                grid = panel.quality(source, variant)
                kept, q = complete(grid), grid.ravel()
                curves = density_curves(
                    [q[mixtures.place[place][kept]] for place in first.values()],
                    bounds(variant, panel.fact(source, "value_range"), classes),
                )
                named = {"quality_source": source, "quality_variant": variant}
                for place, (quality, density) in zip(first.values(), curves, strict=True):
                    p_c, seed = mixtures.names[place]
                    columns: dict[str, Any] = {
                        **{**named, "p_c": p_c, "seed": seed, "n_pictures": int(kept.sum())},
                        **{"quality": quality, "density": density},
                    }
                    rows.append(pl.DataFrame(columns, schema_overrides=MIXTURE_DENSITY))
    write_table(pl.concat(rows), results.mixture_density, MIXTURE_DENSITY)


def density_curves(
    samples: Sequence[Floats], within: Bounds
) -> list[tuple[Floats, list[float | None]]]:
    """(quality, density) of each sample on a grid that all share, none of it beyond the bounds."""
    together = np.concatenate(samples)
    low, high = _kept(together, within)
    samples = [np.clip(values, low, high) for values in samples]
    # The widest of all, since one grid has to hold every curve.
    spread = max((_bandwidth(values) for values in samples), default=0.0)
    start, end = np.quantile(together, [TAIL, 1 - TAIL])
    # Three bandwidths further on a kernel has fallen to 1 % of its peak.
    grid = np.linspace(max(low, start - 3 * spread), min(high, end + 3 * spread), POINTS)
    return [
        (grid, gaussian_density(values, grid, low, high).tolist())
        if _bandwidth(values)
        else (values[:1], [None])
        for values in samples
    ]


def _kept(values: Floats, within: Bounds) -> Bounds:
    """The bounds that no value lies beyond: one that a value refutes is none."""
    low = within.low if values.min() >= within.low - ROUNDING else -np.inf
    high = within.high if values.max() <= within.high + ROUNDING else np.inf
    return Bounds(low, high)


def _bandwidth(values: Floats) -> float:
    try:
        return scott_bandwidth(values)
    except NotEstimable:
        return 0.0
