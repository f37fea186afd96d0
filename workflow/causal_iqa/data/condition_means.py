"""Group means: accuracy and mean quality of every condition over all its pictures.

A mean of Q is over the pictures that Q is defined for, whose number is ``n``.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from causal_iqa.core.bounds import ConditionList
from causal_iqa.core.contract import Results, write_table
from causal_iqa.core.kinds import Kind
from causal_iqa.data.panel import Panel
from causal_iqa.data.schema import ACCURACY, CONDITION_MEANS


def write_groups(results: Results, conditions: ConditionList) -> None:
    """Write ``groups.parquet`` (a row per point of the scatter figures) and ``accuracy.csv``."""
    panel = Panel(results.root, conditions)
    rows = []
    for scorer in panel.of_kind(Kind.CLASSIFIER):
        rows += _means(panel, scorer, "accuracy", panel.correct(scorer).astype(np.float64))
    for kind in (Kind.CLASSIFIER, Kind.ZERO_SHOT, Kind.METRIC):
        for scorer in panel.of_kind(kind):
            for variant in panel.variants(scorer):
                rows += _means(panel, scorer, variant, panel.quality(scorer, variant))
    groups = pl.DataFrame(rows, schema=CONDITION_MEANS, orient="row")
    write_table(groups, results.groups, CONDITION_MEANS)
    accuracy = groups.filter(pl.col("variant") == "accuracy").select(
        pl.col("scorer").alias("task_model"),
        "corruption",
        "severity",
        pl.col("mean").alias("accuracy"),
        "n",
    )
    write_table(accuracy, results.table("accuracy"), ACCURACY)


def _means(panel: Panel, scorer: str, variant: str, values: np.ndarray) -> list[tuple]:
    defined = ~np.isnan(values)
    means = values.mean(axis=1) if defined.all() else np.nanmean(values, axis=1)
    return [
        (scorer, variant, corruption, severity, float(mean), int(n))
        for (corruption, severity), mean, n in zip(
            panel.conditions, means, defined.sum(axis=1), strict=True
        )
    ]
