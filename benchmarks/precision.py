"""How far the AUCs of P(correct | Q) move with the precision of the networks.

    python benchmarks/precision.py RESULTS RESULTS

of two runs of one experiment that differ in scoring.precision alone. Fails where one moves by
0.001 or more.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import polars as pl

from causal_iqa.analyses.pooled.schema import POOLED
from causal_iqa.core.contract import Results, read_table
from causal_iqa.core.kinds import TABLE_KINDS

ALLOWED = 0.001
KEYS = ["quality_source", "quality_variant", "task_model", "solver"]


def moves(first: Results, second: Results, table: str) -> pl.DataFrame:
    """A row per pair of quality score and task model: both runs' AUC, and how far it moved."""
    here, there = (
        read_table(results.table(table), POOLED).select(*KEYS, "auc") for results in (first, second)
    )
    joined = here.join(there, on=KEYS, how="full", coalesce=True, suffix="_second")
    return joined.with_columns(moved=(pl.col("auc_second") - pl.col("auc")).abs())


def main() -> None:
    """Compare, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", nargs=2, type=Path)
    first, second = map(Results, parser.parse_args().results)
    print("| table | AUCs | median move | largest move | of |\n|---|---:|---:|---:|---|")
    failed = False
    for table in TABLE_KINDS:
        pairs = moves(first, second, table).sort("moved", descending=True, nulls_last=False)
        if pairs.is_empty():
            continue
        worst = pairs.row(0, named=True)
        compared = pairs["moved"].drop_nulls()
        failed |= len(compared) < len(pairs) or worst["moved"] >= ALLOWED
        name = f"{worst['quality_variant']} of {worst['quality_source']} with {worst['task_model']}"
        largest = "only in one" if worst["moved"] is None else f"{worst['moved']:.5f}"
        middle = compared.median()
        shown = "" if middle is None else f"{middle:.5f}"
        print(f"| {table} | {len(pairs)} | {shown} | {largest} | {name}, {worst['solver']} |")
    if failed:
        sys.exit(f"an AUC moved by {ALLOWED} or more, or is in one of the runs only")


if __name__ == "__main__":
    main()
