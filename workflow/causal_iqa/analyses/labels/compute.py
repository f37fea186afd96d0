"""Does Q predict M where the label is fixed? One logistic regression a label (paper 2.2)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from causal_iqa.analyses.per_unit_fits import Judged, judge_folds, judge_pairs, part, with_totals
from causal_iqa.analyses.per_unit_schema import UNITS
from causal_iqa.analyses.registry import Job
from causal_iqa.core.columns import MANIFEST
from causal_iqa.core.conditions import Condition
from causal_iqa.core.contract import Results, read_table, write_table
from causal_iqa.data.panel import Booleans, Floats, groups_of
from causal_iqa.data.splits import read_splits


def write_labels(
    results: Results, conditions: Sequence[Condition], *, include_clean: bool, threads: int = 1
) -> None:
    """Write ``label.csv``: AUC and CE on the held-out pictures of a label, over labels.

    A label without a held-out or a training picture, or with one class of M in either part, is
    skipped and counted. Rows ``all`` pool the no-reference metrics, the networks, or both.
    """
    panel = groups_of(results, conditions, include_clean=include_clean)
    is_test = read_splits(results, "is_test", panel.image_ids)
    split = part(
        over_conditions(label_codes(results), panel.conditions),
        over_conditions(is_test, panel.conditions),
    )

    def judge_labels(_: str, q: Floats, m: Booleans) -> Judged:
        return judge_folds(q.ravel(), m.ravel(), [split])

    judged = judge_pairs(panel, judge_labels, threads)
    rows = with_totals(panel, judged, "labels", whole=False)
    write_table(pl.DataFrame(rows, schema=UNITS), results.table("label"), UNITS)


def label_codes(results: Results) -> NDArray[np.int64]:
    """Codes 0 .. n_labels - 1 of the pictures' labels, [picture]."""
    labels = read_table(results.manifest, MANIFEST)["label"].fill_null(-1)
    codes: NDArray[np.int64] = np.unique(labels.to_numpy(), return_inverse=True)[1]
    return codes


def over_conditions(values: NDArray, conditions: Sequence[Condition]) -> NDArray:
    """What holds for a picture [picture], for each row of the flattened [condition, picture]."""
    return np.tile(values, len(conditions))


def run(job: Job) -> None:
    """``label.csv``."""
    write_labels(
        job.results,
        job.settings.conditions(),
        include_clean=job.settings["analysis.include_clean"],
        threads=job.threads,
    )
