"""Does Q predict M where the content is fixed? Cross-validation a picture and a label (App. G).

A picture's rows are itself under the conditions; a label's rows are its pictures under them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from causal_iqa.conditions import CLEAN, Condition
from causal_iqa.contract import CONTENT, Results, write_table
from causal_iqa.experiments.folds import FOLDS, read_folds
from causal_iqa.experiments.labels import label_codes, over_conditions
from causal_iqa.experiments.panel import Booleans, Floats, Panel
from causal_iqa.experiments.splits import read_splits
from causal_iqa.experiments.units import (
    Judged,
    judge_folds,
    judge_pairs,
    part,
    summarise,
)

BY = ("image", "row")
"""What a label's folds are made of: pictures, or rows as the paper may have done."""


def write_content_image(
    results: Results, conditions: Sequence[Condition], *, include_clean: bool, threads: int = 1
) -> None:
    """Write ``content_image.csv`` (Fig. 20a): a fit a picture and fold, on its conditions."""
    panel, used = _panel(results, conditions, include_clean)
    folds = read_folds(results, "image_fold", used, panel.image_ids)
    pictures = np.arange(len(panel.image_ids))
    _write(results, "content_image", panel, over_conditions(pictures, used), folds.ravel(), threads)


def write_content_label(
    results: Results,
    conditions: Sequence[Condition],
    *,
    by: str,
    include_clean: bool,
    threads: int = 1,
) -> None:
    """Write ``content_label.csv`` (Fig. 20b): a fit a label and fold, on its pictures' rows.

    by: ``image`` keeps all rows of a picture in one fold; ``row`` does not, so that the held-out
    rows are of pictures that were trained on.
    """
    panel, used = _panel(results, conditions, include_clean)
    if by == "image":
        folds = over_conditions(read_splits(results, "label_fold", panel.image_ids), used)
    elif by == "row":
        folds = read_folds(results, "row_fold", used, panel.image_ids).ravel()
    else:
        raise ValueError(f"by is one of {BY}, not {by!r}")
    units = over_conditions(label_codes(results), used)
    _write(results, "content_label", panel, units, folds, threads)


def _panel(
    results: Results, conditions: Sequence[Condition], include_clean: bool
) -> tuple[Panel, list[Condition]]:
    used = [c for c in conditions if include_clean or c.corruption != CLEAN]
    return Panel(results.root, used), used


def _write(
    results: Results, table: str, panel: Panel, unit: NDArray, fold: NDArray, threads: int
) -> None:
    """unit, fold: [row] of the flattened [condition, picture]."""
    splits = [part(unit, fold == k) for k in range(FOLDS)]

    def judge_units(q: Floats, m: Booleans) -> Judged:
        return judge_folds(q, m, splits)

    rows = [
        {**pair._asdict(), **summarise(judged, "folds")}
        for pair, judged in judge_pairs(panel, judge_units, threads).items()
    ]
    write_table(pl.DataFrame(rows, schema=CONTENT), results.table(table), CONTENT)
