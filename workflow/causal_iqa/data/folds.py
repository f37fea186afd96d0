"""Folds of the content control (paper, Appendix G): every random choice of it, in a file.

``image_fold`` deals the conditions, once for all pictures and networks; ``row_fold`` deals every
label's rows (a row: a picture under a condition), which lets a picture stand on both sides.
``stratified_folds`` deals a picture's conditions anew for every network, by what it gets right.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from causal_iqa.core.bounds import ConditionList, Seed
from causal_iqa.core.columns import MANIFEST
from causal_iqa.core.conditions import Condition
from causal_iqa.core.contract import ContractError, Results, read_table, write_table
from causal_iqa.core.seeding import generator
from causal_iqa.data.schema import SPLITS_ROWS

FOLDS = 5
"""Of every cross-validation (paper, Appendix G)."""

Folds = NDArray[np.int32]


def deal(groups: ArrayLike, rng: np.random.Generator, *, strata: ArrayLike | None = None) -> Folds:
    """A fold 0 to 4 for each member [n]: each group is shuffled and dealt out in turn.

    groups, strata: [n] numbers or strings, equal for members of one. Within a group the folds'
    sizes differ by one at most, and the first folds are the larger ones. A group is dealt stratum
    by stratum, so that the folds' numbers of each stratum differ by one at most, too.
    """
    _, code, sizes = np.unique(np.asarray(groups), return_inverse=True, return_counts=True)
    inner = np.zeros(code.size) if strata is None else np.asarray(strata)
    # lexsort sorts by its last key first: groups, strata in them, chance in those.
    order = np.lexsort((rng.permutation(code.size), inner, code))
    first = np.repeat(np.cumsum(sizes) - sizes, sizes)
    folds = np.empty(code.size, dtype=np.int32)
    folds[order] = (np.arange(code.size) - first) % FOLDS
    return folds


def write_splits_rows(results: Results, conditions: ConditionList, seed: Seed) -> None:
    """Write ``splits_rows.parquet``: conditions in the order given, pictures by image_id."""
    manifest = read_table(results.manifest, MANIFEST)
    ordered = sorted(conditions)  # so that the configuration's order deals nothing otherwise
    dealt = deal(np.zeros(len(ordered)), generator(seed, "condition folds"))
    image_fold = dict(zip(ordered, dealt, strict=True))
    labels = np.tile(manifest["label"].fill_null(-1).to_numpy(), len(ordered))
    row_fold = deal(labels, generator(seed, "row folds")).reshape(len(ordered), -1)
    rows = pl.concat(
        manifest.select(
            "image_id",
            corruption=pl.lit(condition.corruption),
            severity=pl.lit(condition.severity, pl.Int32),
            image_fold=pl.lit(image_fold[condition], pl.Int32),
            row_fold=pl.Series(row_fold[ordered.index(condition)]),
        )
        for condition in conditions
    )
    write_table(rows, results.splits_rows, SPLITS_ROWS)


def stratified_folds(m: ArrayLike, network: str, seed: int) -> Folds:
    """Folds of each picture's conditions, stratified by a network's correctness m, [row].

    m: [condition, picture]; the rows are those of ``m.ravel()``. Seeded by the network's name.
    """
    correct = np.asarray(m)
    pictures = np.tile(np.arange(correct.shape[1]), correct.shape[0])
    rng = generator(seed, "stratified folds", network)
    return deal(pictures, rng, strata=correct.ravel())


def read_folds(
    results: Results, column: str, conditions: Sequence[Condition], image_ids: pl.Series
) -> Folds:
    """``image_fold`` or ``row_fold`` as [condition, picture].

    Raises ContractError where a condition or a picture is absent or stands twice.
    """
    frame = read_table(results.splits_rows, SPLITS_ROWS)
    parts = frame.partition_by("corruption", "severity", as_dict=True)
    folds = []
    for condition in conditions:
        part = parts.get(tuple(condition))
        if part is None or not part["image_id"].equals(image_ids):
            raise ContractError(
                f"{results.splits_rows}: the rows of {condition} are not the manifest's "
                f"{len(image_ids)} pictures in order"
            )
        folds.append(part[column].to_numpy())
    found: Folds = np.stack(folds)
    if found.min() < 0 or found.max() >= FOLDS:
        raise ContractError(f"{results.splits_rows}: {column} must be 0 to {FOLDS - 1}")
    return found
