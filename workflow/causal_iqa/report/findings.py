"""The analysis stage's files, read together for the report."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import polars as pl

from causal_iqa.analyses.pooled.schema import POOLED
from causal_iqa.core.columns import SCORERS
from causal_iqa.core.contract import UNREADABLE, ContractError, Results, read_table
from causal_iqa.core.kinds import TABLE_KINDS, VARIANTS, Kind
from causal_iqa.core.unreadable import reason
from causal_iqa.data.schema import CONDITION_MEANS


class Findings(NamedTuple):
    """What the page speaks of: counts, and the tables of ``contract`` (see ``read_pairs``)."""

    pictures: int
    classes: int
    scorers: pl.DataFrame
    groups: pl.DataFrame
    pairs: pl.DataFrame


def read_findings(results: Results) -> Findings:
    """Read an experiment's manifest, classes, scorers, groups and pair tables.

    Raises ContractError naming the file that is absent or not as the contract says.
    """
    return Findings(
        pictures=_height(results.manifest),
        classes=_height(results.classes),
        scorers=read_table(results.scorers, SCORERS),
        groups=read_table(results.groups, CONDITION_MEANS),
        pairs=read_pairs(results),
    )


def undefined(findings: Findings) -> dict[str, tuple[int, int]]:
    """Scorer -> scores that are not defined, and all that were asked for; those with some alone."""
    counted = findings.groups.group_by("scorer", "variant", maintain_order=True).agg(
        # Int64 before the subtraction: a length is unsigned.
        lost=findings.pictures * pl.len().cast(pl.Int64) - pl.col("n").cast(pl.Int64).sum(),
        total=findings.pictures * pl.len().cast(pl.Int64),
    )
    rows = counted.filter(pl.col("lost") > 0).select("scorer", "lost", "total")
    return {scorer: (lost, total) for scorer, lost, total in rows.iter_rows()}


def _height(path: Path) -> int:
    try:
        frame = pl.scan_csv(path) if path.suffix == ".csv" else pl.scan_parquet(path)
        return int(frame.select(pl.len()).collect().item())
    except UNREADABLE as error:
        raise ContractError(f"{path} cannot be read: {reason(path, {})}") from error


def read_pairs(results: Results) -> pl.DataFrame:
    """The three pooled tables under each other; ``family`` names the table of a row.

    Columns: ``POOLED`` and ``family``. What could not be estimated is null.
    """
    return pl.concat(
        read_pair_table(results.table(family)).with_columns(family=pl.lit(family))
        for family in TABLE_KINDS
    )


def read_pair_table(path: Path) -> pl.DataFrame:
    """One pooled table; task models and sources in the file's order, variants in the usual one.

    Raises ContractError where the file is not as ``POOLED`` says.
    """
    frame = read_table(path, POOLED)
    order = {name: place for place, name in enumerate(("score", *VARIANTS[Kind.ZERO_SHOT]))}
    return frame.sort(
        _place("task_model", frame),
        _place("quality_source", frame),
        pl.col("quality_variant").replace_strict(order, return_dtype=pl.Int32),
        "solver",
        maintain_order=True,
    )


def _place(column: str, frame: pl.DataFrame) -> pl.Expr:
    """Each name's place by first appearance."""
    names = frame[column].unique(maintain_order=True).to_list()
    places = {name: place for place, name in enumerate(names)} or {"": 0}
    return pl.col(column).replace_strict(places, return_dtype=pl.Int32)


def held_out_pictures(pairs: pl.DataFrame) -> int | None:
    """Held-out pictures by the tables: test points over conditions; None where that is no whole.

    Of the pairs that lack none: where Q is not defined there are fewer points.
    """
    if pairs.is_empty():
        return None
    # The most, since pairs whose Q is not defined everywhere have fewer points.
    points, conditions = pairs.select(pl.col("n_test", "n_groups").max()).row(0)
    return int(points // conditions) if conditions and points % conditions == 0 else None
