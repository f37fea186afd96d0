"""Group means: accuracy and mean quality of every condition over all its pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from causal_iqa.conditions import Condition
from causal_iqa.contract import Results, write_table
from causal_iqa.experiments.panel import Panel
from causal_iqa.schemas import ACCURACY, GROUPS


def write_groups(results: Results, conditions: Sequence[Condition]) -> None:
    """Write ``groups.parquet`` (a point of the scatter figures a row) and ``accuracy.csv``."""
    panel = Panel(results.root, conditions)
    rows = []
    for scorer in panel.of_kind("classifier"):
        rows += _means(panel, scorer, "accuracy", panel.correct(scorer).astype(np.float64))
    for kind in ("classifier", "zero_shot", "metric"):
        for scorer in panel.of_kind(kind):
            for variant in panel.variants(scorer):
                rows += _means(panel, scorer, variant, panel.quality(scorer, variant))
    groups = pl.DataFrame(rows, schema=GROUPS, orient="row")
    write_table(groups, results.groups, GROUPS)
    accuracy = groups.filter(pl.col("variant") == "accuracy").select(
        pl.col("scorer").alias("task_model"),
        "corruption",
        "severity",
        pl.col("mean").alias("accuracy"),
        "n",
    )
    write_table(accuracy, results.table("accuracy"), ACCURACY)


def _means(panel: Panel, scorer: str, variant: str, values: np.ndarray) -> list[tuple]:
    return [
        (scorer, variant, corruption, severity, float(mean), values.shape[1])
        for (corruption, severity), mean in zip(panel.conditions, values.mean(axis=1), strict=True)
    ]
