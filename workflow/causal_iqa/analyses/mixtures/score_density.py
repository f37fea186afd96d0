"""How quality is distributed in mildly corrupted data sets (paper, Appendix H, Fig. 21)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from causal_iqa.analyses.mixtures.draws import look_up
from causal_iqa.analyses.mixtures.schema import MIXTURE_DENSITY
from causal_iqa.analyses.per_unit_fits import KINDS
from causal_iqa.core.conditions import Condition
from causal_iqa.core.contract import Results, write_table
from causal_iqa.data.panel import Floats, complete
from causal_iqa.statistics import NotEstimable
from causal_iqa.statistics.density import gaussian_density, scott_bandwidth

POINTS = 256
"""Of a curve."""
TAIL = 0.001
"""Share of the pictures beyond either end of the grid, at most, so that outliers stay out."""


def write_mixture_density(results: Results, conditions: Sequence[Condition]) -> None:
    """Write ``mixture_density.parquet``: a kernel density of Q in the first mixture of each p_c.

    All p_c of a quality score share one grid of ``quality``; a picture for which it is not defined
    under every condition takes no part. A score that is the same for all
    pictures of a mixture has no density: one row, with that score and an empty density.
    """
    panel, mixtures = look_up(results, conditions)
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
                    [q[mixtures.place[place][kept]] for place in first.values()]
                )
                for place, curve in zip(first.values(), curves, strict=True):
                    rows.append(_frame(source, variant, mixtures.names[place], curve))
    write_table(pl.concat(rows), results.mixture_density, MIXTURE_DENSITY)


def density_curves(samples: Sequence[Floats]) -> list[tuple[Floats, list[float | None]]]:
    """(quality, density) of each sample on a grid that all share."""
    # The widest of all, since one grid has to hold every curve.
    spread = max((_bandwidth(values) for values in samples), default=0.0)
    together = np.concatenate(samples)
    lo, hi = np.quantile(together, [TAIL, 1 - TAIL])
    # Three bandwidths further on a kernel has fallen to 1 % of its peak.
    grid = np.linspace(lo - 3 * spread, hi + 3 * spread, POINTS)
    return [
        (grid, gaussian_density(values, grid).tolist())
        if _bandwidth(values)
        else (values[:1], [None])
        for values in samples
    ]


def _bandwidth(values: Floats) -> float:
    try:
        return scott_bandwidth(values)
    except NotEstimable:
        return 0.0


def _frame(source: str, variant: str, name: tuple[float, int], curve: Any) -> pl.DataFrame:
    p_c, seed = name
    columns = {
        "quality_source": source,
        "quality_variant": variant,
        "p_c": p_c,
        "seed": seed,
        "quality": curve[0],
        "density": curve[1],
    }
    return pl.DataFrame(columns, schema_overrides=MIXTURE_DENSITY)
