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
    Part,
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
    panel = _panel(results, conditions, include_clean)
    _write(results, "content_image", panel, picture_folds(results, panel), threads)


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
    panel = _panel(results, conditions, include_clean)
    _write(results, "content_label", panel, label_folds(results, panel, by), threads)


def picture_folds(results: Results, panel: Panel) -> list[Part]:
    """Training and held-out rows of every picture, a fold of its conditions each."""
    folds = read_folds(results, "image_fold", panel.conditions, panel.image_ids)
    units = over_conditions(np.arange(len(panel.image_ids)), panel.conditions)
    return _parts(units, folds.ravel())


def label_folds(results: Results, panel: Panel, by: str) -> list[Part]:
    """Training and held-out rows of every label, a fold each; by: as ``write_content_label``."""
    if by == "image":
        dealt = read_splits(results, "label_fold", panel.image_ids)
        folds = over_conditions(dealt, panel.conditions)
    elif by == "row":
        folds = read_folds(results, "row_fold", panel.conditions, panel.image_ids).ravel()
    else:
        raise ValueError(f"by is one of {BY}, not {by!r}")
    return _parts(over_conditions(label_codes(results), panel.conditions), folds)


def _parts(unit: NDArray, fold: NDArray) -> list[Part]:
    """unit, fold: [row] of the flattened [condition, picture]."""
    return [part(unit, fold == k) for k in range(FOLDS)]


def _panel(results: Results, conditions: Sequence[Condition], include_clean: bool) -> Panel:
    return Panel(results.root, [c for c in conditions if include_clean or c.corruption != CLEAN])


def _write(results: Results, table: str, panel: Panel, splits: list[Part], threads: int) -> None:
    def judge_units(q: Floats, m: Booleans) -> Judged:
        return judge_folds(q, m, splits)

    rows = [
        {**pair._asdict(), **summarise(judged, "folds")}
        for pair, judged in judge_pairs(panel, judge_units, threads).items()
    ]
    write_table(pl.DataFrame(rows, schema=CONTENT), results.table(table), CONTENT)
