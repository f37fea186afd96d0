"""Draws of mildly corrupted variants of the data set (paper 2.5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from causal_iqa.analyses.mixtures.schema import MIXTURES
from causal_iqa.core.columns import MANIFEST
from causal_iqa.core.conditions import CLEAN, Condition
from causal_iqa.core.contract import ContractError, Results, read_table, write_table
from causal_iqa.core.errors import UserError
from causal_iqa.core.seeding import generator
from causal_iqa.data.panel import Panel

# By division: np.arange's 0.07 is off in the last digit, and a share is a key of tables.
SHARES = tuple(percent / 100 for percent in range(1, 21))
"""The paper's p_c: 1 to 20 %."""
MILD = (1, 2, 3)
"""The paper's severities."""


class Mixtures(NamedTuple):
    """What ``mixtures.parquet`` says, for looking up.

    names: (p_c, seed) of each mixture; place: [mixture, picture], the row number in the flattened
    [condition, picture] arrays of the panel's conditions.
    """

    names: list[tuple[float, int]]
    place: NDArray[np.int64]


def mild(conditions: Sequence[Condition]) -> list[Condition]:
    """The conditions that mixtures draw from: every corruption at severities 1 to 3."""
    return [c for c in conditions if c.corruption != CLEAN and c.severity in MILD]


def draw_mixtures(
    results: Results,
    conditions: Sequence[Condition],
    *,
    seeds: Sequence[int],
    shares: Sequence[float] = SHARES,
) -> None:
    """Write ``mixtures.parquet``: which condition each picture has, by p_c and seed.

    Exactly ``round(p_c * n)`` of the n pictures are corrupted, each by a condition drawn evenly
    from the mild ones. Mixtures are drawn independently (they are not nested). Raises UserError
    where there is no mild condition.
    """
    # Sorted, so that the draws do not hang on the order of the configuration.
    choices = sorted(mild(conditions))
    if not choices:
        raise UserError(
            f"conditions: mixtures need a corruption at severity {MILD[0]} to {MILD[-1]}"
        )
    image_ids = read_table(results.manifest, MANIFEST)["image_id"]
    named = [Condition(CLEAN, 0), *choices]
    corruptions = pl.Series([c.corruption for c in named])
    severities = pl.Series([c.severity for c in named], dtype=pl.Int32)
    frames = []
    for p_c in shares:
        for seed in seeds:
            # By share and seed: a mixture does not change with how many others are drawn.
            rng = generator(seed, "mixture", f"{p_c:g}")
            chosen = np.zeros(len(image_ids), dtype=np.int64)
            # The paper takes a fraction of the ids, so their number is not left to chance.
            corrupted = rng.permutation(len(image_ids))[: round(p_c * len(image_ids))]
            # 1 and up: 0 is clean.
            chosen[corrupted] = 1 + rng.integers(len(choices), size=len(corrupted))
            frame = pl.DataFrame(
                {
                    "image_id": image_ids,
                    "corruption": corruptions[chosen],
                    "severity": severities[chosen],
                }
            )
            frames.append(frame.with_columns(p_c=pl.lit(p_c), seed=pl.lit(seed, pl.Int64)))
    write_table(pl.concat(frames).select(*MIXTURES), results.mixtures, MIXTURES)


def read_mixtures(
    results: Results, conditions: Sequence[Condition], image_ids: pl.Series
) -> Mixtures:
    """Read ``mixtures.parquet`` against the conditions and the pictures of a panel.

    Raises ContractError where a mixture does not hold each picture once, or an unknown condition.
    """
    frame = read_table(results.mixtures, MIXTURES)
    keys = pl.DataFrame(conditions, schema=["corruption", "severity"], orient="row").with_columns(
        pl.col("severity").cast(pl.Int32), condition=pl.int_range(pl.len(), dtype=pl.Int64)
    )
    found = frame.join(keys, on=["corruption", "severity"], how="left", maintain_order="left")
    if found["condition"].null_count():
        row = found.filter(pl.col("condition").is_null()).row(0, named=True)
        unknown = Condition(row["corruption"], row["severity"])
        raise ContractError(f"{results.mixtures}: {unknown} is none of the experiment's conditions")
    names, places = [], []
    for (p_c, seed), rows in found.partition_by("p_c", "seed", as_dict=True).items():
        if not rows["image_id"].equals(image_ids):
            raise ContractError(
                f"{results.mixtures}: p_c {p_c}, seed {seed} does not hold the manifest's "
                f"{len(image_ids)} pictures in order"
            )
        names.append((float(p_c), int(seed)))
        places.append(rows["condition"].to_numpy() * len(image_ids) + np.arange(len(image_ids)))
    return Mixtures(names, np.stack(places))


def look_up(results: Results, conditions: Sequence[Condition]) -> tuple[Panel, Mixtures]:
    """The panel of the clean and the mild conditions, and the mixtures' rows in it."""
    used = [c for c in conditions if c.corruption == CLEAN] + mild(conditions)
    panel = Panel(results.root, used)
    return panel, read_mixtures(results, used, panel.image_ids)
