"""Shards are joined where each says that it is of the scorer and condition that it stands for."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from causal_iqa.__main__ import main
from causal_iqa.core.columns import INDEX, MANIFEST
from causal_iqa.core.condition_archive import index_path
from causal_iqa.core.conditions import Condition
from causal_iqa.core.contract import Results, read_provenance, write_table
from causal_iqa.core.kinds import SCORES
from causal_iqa.core.provenance.score_files import digest

FOG, SNOW = Condition("fog", 1), Condition("snow", 2)
TV = {"kind": "metric", "metric": "tv_l2"}
OTHER = {"kind": "metric", "metric": "tv_l1_mean"}
IDS = ["a", "b", "c"]


@pytest.fixture
def results(tmp_path: Path) -> Results:
    """Two shards of two scorers on two conditions, and the conditions' indices."""
    made = Results(tmp_path)
    write_table(
        pl.DataFrame({"image_id": IDS, "label": [0] * 3}, MANIFEST), made.manifest, MANIFEST
    )
    for condition in (FOG, SNOW):
        index = index_path(made.condition(condition))
        write_table(pl.DataFrame(schema=INDEX), index, INDEX, {"fingerprint": f"of {condition}"})
        for name, spec in (("tv", TV), ("other", OTHER)):
            said = {"scorer": spec, "condition": f"of {condition}", "pictures": digest(IDS)}
            for shard, ids in (("1of2", IDS[:2]), ("2of2", IDS[2:])):
                frame = pl.DataFrame({"image_id": ids, "score": [1.0] * len(ids)}, SCORES["metric"])
                path = made.shard(name, shard, condition)
                write_table(frame, path, SCORES["metric"], {**said, "shard": shard})
    return made


def merge(results: Results, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    options = {
        "results": str(results.root),
        "scorer": "tv",
        "spec": TV,
        "conditions": [str(FOG), str(SNOW)],
        "total": 2,
        "softmax": False,
        "max_undefined": 0.01,
    }
    return main(["merge", json.dumps(options)]), capsys.readouterr().err


def test_shards_of_what_was_asked_for_are_joined(
    results: Results, capsys: pytest.CaptureFixture[str]
) -> None:
    assert merge(results, capsys) == (0, "")
    found = read_provenance(results.scores("tv", SNOW))
    assert found == {"scorer": TV, "condition": "of snow/2", "pictures": digest(IDS)}


@pytest.mark.parametrize(
    ("scorer", "condition", "said"),
    [
        ("other", FOG, "fog/1.parquet holds scores of another scorer"),
        ("tv", SNOW, "fog/1.parquet was computed from another archive of fog/1"),
    ],
)
def test_a_shard_of_something_else_is_refused_by_name(
    results: Results,
    capsys: pytest.CaptureFixture[str],
    scorer: str,
    condition: Condition,
    said: str,
) -> None:
    for shard in ("1of2", "2of2"):
        content = results.shard(scorer, shard, condition).read_bytes()
        results.shard("tv", shard, FOG).write_bytes(content)
    status, told = merge(results, capsys)
    assert status == 1 and f"shards/tv/1of2/{said}" in told
    assert not results.scores("tv", FOG).exists()
