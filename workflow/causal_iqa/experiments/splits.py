"""The train/test split of the pooled analysis: every random choice of it, in a file."""

from __future__ import annotations

import numpy as np
import polars as pl

from causal_iqa.contract import MANIFEST, SPLITS, Results, read_table, write_table
from causal_iqa.errors import UserError
from causal_iqa.seeding import generator


def write_splits(results: Results, test_fraction: float, seed: int) -> None:
    """Hold out a share of the image ids (paper 2.2: 80/20 by image ID), at least one.

    Raises UserError where fewer than two pictures leave nothing to hold out.
    """
    image_ids = read_table(results.manifest, MANIFEST)["image_id"]
    count = len(image_ids)
    held_out = max(1, round(test_fraction * count))
    if held_out >= count:
        raise UserError(
            f"analysis.test_fraction: {test_fraction} of {count} pictures leaves none to train on"
        )
    is_test = np.zeros(count, dtype=bool)
    is_test[generator(seed, "test split").permutation(count)[:held_out]] = True
    write_table(pl.DataFrame({"image_id": image_ids, "is_test": is_test}), results.splits, SPLITS)
