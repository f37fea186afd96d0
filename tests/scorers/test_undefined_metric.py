"""Scores that a metric is not defined for: recorded, limited, kept by shards."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scoring_world import CPU, MakeWorld, read, run

from causal_iqa.core import columns, contract, kinds
from causal_iqa.core.errors import UserError
from causal_iqa.core.scorer_config import Metric
from causal_iqa.scorers import engine, shards

BRISQUE = Metric(kind="metric", metric="brisque")
FLAT = np.full((224, 224, 3), 128, np.uint8)
FIFTH = CPU.model_copy(update={"max_undefined": 0.2})


def test_more_undefined_scores_than_the_limit_stop_the_job_with_ids(
    make_world: MakeWorld, packages: Path
) -> None:
    world = make_world(5, replace={1: FLAT, 3: FLAT})
    words = r"3\.tar: .* not defined for 2 of 5 .*40\.0%.*20\.0%.*p01 \(brisque is not.*nan\); p03"
    with pytest.raises(UserError, match=words):
        run(world, BRISQUE, FIFTH, packages)
    assert not world.out.exists()


def test_an_undefined_score_is_null_with_a_reason(make_world: MakeWorld, packages: Path) -> None:
    world = make_world(5)
    run(world, BRISQUE, packages=packages)
    full = read(world, BRISQUE)
    assert "undefined" not in contract.read_provenance(world.out)
    world = make_world(5, replace={3: FLAT})
    run(world, BRISQUE, FIFTH, packages)
    found = read(world, BRISQUE)
    assert found["score"].is_null().to_list() == [False, False, False, True, False]
    assert found.drop_nulls().equals(full.filter(pl.col("image_id") != "p03"))
    reason = {"p03": "brisque is not defined for it: nan"}
    assert contract.read_provenance(world.out)["undefined"] == reason


def test_what_is_undefined_makes_no_score_stale_but_counts_under_another_limit(
    make_world: MakeWorld, packages: Path
) -> None:
    world = make_world(5, replace={3: FLAT})
    run(world, BRISQUE, FIFTH, packages)
    before = (world.out.stat().st_ino, world.out.read_bytes())
    run(world, BRISQUE, CPU.model_copy(update={"max_undefined": 0.5}), packages)
    with pytest.raises(UserError, match=r"3\.parquet: .* 1 of 5 .*: p03 \(brisque is not defined"):
        run(world, BRISQUE, CPU, packages)
    run(world, BRISQUE, FIFTH, packages)
    assert (world.out.stat().st_ino, world.out.read_bytes()) == before


@pytest.mark.parametrize("total", [2, 3])
def test_shards_join_what_is_undefined(make_world: MakeWorld, packages: Path, total: int) -> None:
    world = make_world(11, replace={1: FLAT, 9: FLAT})
    run(world, BRISQUE, FIFTH, packages)
    whole = world.out.read_bytes()
    arguments = (world.manifest, world.classes, packages, FIFTH)
    pieces = [world.out.with_name(f"piece{number}.parquet") for number in range(1, total + 1)]
    for number, piece in enumerate(pieces, start=1):
        shard = shards.Shard(number, total)
        engine.score(BRISQUE, "name", [(world.tar, piece)], *arguments, shard=shard)
    ids = contract.read_table(world.manifest, columns.MANIFEST)["image_id"]
    shards.merge(pieces, kinds.SCORES["metric"], ids, world.out, 0.2)
    assert world.out.read_bytes() == whole
    with pytest.raises(UserError, match=r"2 of 11 pictures .*: p01 \(.*; p09 \("):
        shards.merge(pieces, kinds.SCORES["metric"], ids, world.out, 0.1)
