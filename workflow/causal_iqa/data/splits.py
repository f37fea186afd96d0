"""The train/test split of the pooled analysis and the labels' folds of pictures, in a file."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from causal_iqa.core.bounds import Seed, TestFraction
from causal_iqa.core.columns import MANIFEST
from causal_iqa.core.contract import ContractError, Results, read_table, write_table
from causal_iqa.core.errors import UserError
from causal_iqa.core.seeding import generator
from causal_iqa.data.folds import deal
from causal_iqa.data.schema import SPLITS


def held_out(pictures: int, test_fraction: float) -> int:
    """How many of so many pictures are held out, at least one.

    Raises UserError where fewer than two pictures, or too large a fraction, leave none to train on.
    """
    if pictures < 2:
        raise UserError(
            f"pictures: there is {pictures or 'no'} picture; at least 2 are needed, one to train "
            "on and one to test on"
        )
    count = max(1, round(test_fraction * pictures))
    if count >= pictures:
        largest = (pictures - 1) / pictures
        raise UserError(
            f"analysis.test_fraction: {test_fraction} of {pictures} pictures leaves none to train "
            # floor: rounded up it would be too large again.
            f"on; give {math.floor(100 * largest) / 100:g} or less, or more pictures"
        )
    return count


def write_splits(results: Results, test_fraction: TestFraction, seed: Seed) -> None:
    """Hold out a share of the image ids (paper 2.2: 80/20 by image ID), at least one.

    ``label_fold`` deals each label's pictures into five folds (paper, Appendix G); pictures
    without a label are dealt like those of one label.

    Raises UserError where nothing is left to train on.
    """
    manifest = read_table(results.manifest, MANIFEST)
    taken = held_out(manifest.height, test_fraction)
    is_test = np.zeros(manifest.height, dtype=bool)
    is_test[generator(seed, "test split").permutation(manifest.height)[:taken]] = True
    label_fold = deal(manifest["label"].fill_null(-1).to_numpy(), generator(seed, "label folds"))
    splits = manifest.select("image_id", is_test=pl.Series(is_test), label_fold=label_fold)
    write_table(splits, results.splits, SPLITS)


def read_splits(results: Results, column: str, image_ids: pl.Series) -> NDArray[Any]:
    """``is_test`` or ``label_fold`` of each picture, [picture].

    Raises ContractError where the file's pictures are not those given.
    """
    splits = read_table(results.splits, SPLITS)
    if not splits["image_id"].equals(image_ids):
        raise ContractError(
            f"{results.splits} does not hold the manifest's {len(image_ids)} pictures"
        )
    return splits[column].to_numpy()
