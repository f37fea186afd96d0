"""Data sets of which a small share is mildly corrupted (paper 2.5, Appendix H).

A mixture takes each picture once: clean, or with probability p_c under a mild condition. Nothing
is scored anew; every Q and M is looked up in the score files. A picture for which Q is not defined
under every one of the conditions that mixtures draw from is in no mixture of that score's pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from causal_iqa.analyses.mixtures.density import write_mixture_density
from causal_iqa.analyses.mixtures.schema import MIXTURE_AUC, MIXTURES
from causal_iqa.analyses.per_unit_fits import (
    REASONS,
    Judged,
    Part,
    Rows,
    judge_folds,
    judge_pairs,
    left_out,
    of_complete_pictures,
    part,
    with_totals,
)
from causal_iqa.analyses.per_unit_schema import UNITS
from causal_iqa.analyses.registry import Job
from causal_iqa.core.columns import MANIFEST
from causal_iqa.core.conditions import CLEAN, Condition
from causal_iqa.core.contract import ContractError, Results, read_table, write_table
from causal_iqa.core.errors import UserError
from causal_iqa.core.seeding import generator
from causal_iqa.data.panel import Booleans, Floats, Panel
from causal_iqa.data.splits import read_splits

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
            rng = generator(seed, "mixture", f"{p_c:g}")
            chosen = np.zeros(len(image_ids), dtype=np.int64)
            corrupted = rng.permutation(len(image_ids))[: round(p_c * len(image_ids))]
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


def write_mixtures(results: Results, conditions: Sequence[Condition], *, threads: int = 1) -> None:
    """Write ``mixtures.csv`` (Fig. 22) and ``mixtures_mean.csv``, its means over p_c and seeds.

    The logistic regression of a mixture is fitted on its training pictures and judged on its
    held-out ones (``splits.is_test``). Rows ``all`` of the means: ``units.with_totals``.
    """
    panel, mixtures = look_up(results, conditions)
    split = _part(mixtures, read_splits(results, "is_test", panel.image_ids))

    def judge_mixtures(_: str, q: Floats, m: Booleans) -> Judged:
        return judge_folds(of_complete_pictures(q).ravel(), m.ravel(), [split])

    judged = judge_pairs(panel, judge_mixtures, threads)
    lost = {pair: left_out(panel.quality(*pair[1:]), whole=True) for pair in judged}
    table = pl.concat(
        pl.DataFrame(
            {
                "p_c": [p_c for p_c, _ in mixtures.names],
                "seed": [seed for _, seed in mixtures.names],
                **pair._asdict(),
                "auc": found.auc[:, 0],
                "ce": found.ce[:, 0],
                "reason": [
                    "; ".join(filter(None, (REASONS[place], lost[pair])))
                    for place in found.why[:, 0]
                ],
            },
            schema_overrides=MIXTURE_AUC,
        ).with_columns(pl.col("auc", "ce").fill_nan(None))
        for pair, found in judged.items()
    )
    table = table.sort("p_c", "seed", maintain_order=True)
    write_table(table, results.table("mixtures"), MIXTURE_AUC)
    means = pl.DataFrame(with_totals(panel, judged, "mixtures", whole=True), schema=UNITS)
    write_table(means, results.table("mixtures_mean"), UNITS)


def look_up(results: Results, conditions: Sequence[Condition]) -> tuple[Panel, Mixtures]:
    """The panel of the clean and the mild conditions, and the mixtures' rows in it."""
    used = [c for c in conditions if c.corruption == CLEAN] + mild(conditions)
    panel = Panel(results.root, used)
    return panel, read_mixtures(results, used, panel.image_ids)


def _part(mixtures: Mixtures, is_test: Booleans) -> Part:
    """Training and held-out rows of every mixture, as rows of the panel's flattened arrays."""
    count = len(mixtures.names)
    unit = np.repeat(np.arange(count), is_test.size)
    train, test = part(unit, np.tile(is_test, count))
    place = mixtures.place.ravel()
    return Part(Rows(place[train.rows], train.offsets), Rows(place[test.rows], test.offsets))


def run(job: Job) -> None:
    """The draws, or the tables and densities of what was drawn."""
    conditions = job.settings.conditions()
    if job.name == "mixture_draws":
        draw_mixtures(job.results, conditions, seeds=range(job.settings["paper.mixture_seeds"]))
        return
    write_mixtures(job.results, conditions, threads=job.threads)
    write_mixture_density(job.results, conditions)
