"""The checked reader refuses what a stage must not work on; the writer leaves no half file."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from causal_iqa.core.columns import MANIFEST, Columns
from causal_iqa.core.contract import (
    ContractError,
    atomic,
    read_provenance,
    read_scores,
    read_table,
    write_scores,
    write_table,
)
from causal_iqa.core.kinds import SCORES

METRIC = Columns(SCORES["metric"])  # in which no cell may be empty


def metric_scores(ids: list[str], values: list[float | None]) -> pl.DataFrame:
    return pl.DataFrame({"image_id": ids, "score": values}, schema=METRIC)


def test_table_comes_back_with_its_provenance(tmp_path: Path) -> None:
    frame = metric_scores(["a", "b"], [1.5, -2.0])
    write_table(frame, tmp_path / "deep" / "1.parquet", METRIC, {"seed": 3})
    assert read_table(tmp_path / "deep" / "1.parquet", METRIC).equals(frame)
    assert read_provenance(tmp_path / "deep" / "1.parquet") == {"seed": 3}


def test_columns_stand_in_the_contracts_order(tmp_path: Path) -> None:
    frame = metric_scores(["a"], [1.5]).select("score", "image_id")
    write_table(frame, tmp_path / "1.csv", METRIC)
    assert (tmp_path / "1.csv").read_text().splitlines()[0] == "image_id,score"


def test_same_table_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_table(metric_scores(["a"], [1.0]), tmp_path / f"{name}.parquet", METRIC, {"k": 1})
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()


def test_parquet_opens_in_pandas_without_project_code(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    write_table(metric_scores(["a", "b"], [1.0, 2.0]), tmp_path / "1.parquet", METRIC)
    assert pandas.read_parquet(tmp_path / "1.parquet")["score"].tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("frame", "fault"),
    [
        (metric_scores(["a", "a"], [1.0, 2.0]), "'a' stands more than once"),
        (metric_scores(["b", "a"], [1.0, 2.0]), "not sorted"),
        (metric_scores(["a", "b"], [1.0, float("nan")]), r"NaN \(image b\)"),
        (metric_scores(["a", "b"], [1.0, None]), "1 empty values"),
        (pl.DataFrame({"image_id": ["a"]}), "'score' is missing"),
        (pl.DataFrame({"image_id": ["a"], "score": [1.0]}), "is Float64, expected Float32"),
    ],
)
def test_faulty_table_is_neither_written_nor_read(
    tmp_path: Path, frame: pl.DataFrame, fault: str
) -> None:
    with pytest.raises(ContractError, match=fault):
        write_table(frame, tmp_path / "1.parquet", METRIC)
    assert not list(tmp_path.iterdir())
    frame.write_parquet(tmp_path / "2.parquet")
    with pytest.raises(ContractError, match=fault):
        read_table(tmp_path / "2.parquet", METRIC)


def test_label_may_be_unknown(tmp_path: Path) -> None:
    frame = pl.DataFrame([("a", None)], schema=MANIFEST, orient="row")
    write_table(frame, tmp_path / "manifest.parquet", MANIFEST)
    assert read_table(tmp_path / "manifest.parquet", MANIFEST)["label"].null_count() == 1


def test_truncated_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "1.parquet"
    write_table(metric_scores(["a"], [1.0]), path, METRIC)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ContractError, match=r"1\.parquet cannot be read"):
        read_table(path, METRIC)
    assert read_provenance(path) == {}


def test_scores_hold_exactly_the_manifests_ids(tmp_path: Path) -> None:
    path = tmp_path / "1.parquet"
    write_table(metric_scores(["a", "b"], [1.0, 2.0]), path, METRIC)
    with pytest.raises(ContractError, match="lacks 'c'"):
        read_scores(path, "metric", pl.Series(["a", "b", "c"]))
    with pytest.raises(ContractError, match="unknown id 'b'"):
        read_scores(path, "metric", pl.Series(["a"]))


def test_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    target = tmp_path / "1.json"
    target.write_text("old")
    with pytest.raises(RuntimeError), atomic(target) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]
    with atomic(target) as temporary:
        temporary.write_text(json.dumps(1))
    assert target.read_text() == "1"


WRITER = """
import sys, time
from pathlib import Path
from causal_iqa.core.contract import atomic
with atomic(Path(sys.argv[1])) as temporary:
    temporary.write_text("half")
    print("writing", flush=True)
    time.sleep(60)
"""


def start_writer(target: Path) -> subprocess.Popen[str]:
    """A process in the middle of writing ``target``."""
    command = [sys.executable, "-c", WRITER, str(target)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "writing\n"
    return process


def test_what_a_killed_writer_left_goes_with_the_next_one(tmp_path: Path) -> None:
    target, other = tmp_path / "1.parquet", tmp_path / "1.parquet.json"
    killed = [start_writer(target), start_writer(other)]
    for process in killed:
        process.kill()
        process.wait()
    left = {path for path in tmp_path.iterdir() if path.name.startswith(f".{other.name}.")}
    assert len(left) == 1 and len(list(tmp_path.iterdir())) == 2
    with atomic(target) as temporary:
        temporary.write_text("whole")
    assert {*tmp_path.iterdir()} == {target, *left}


def test_what_a_live_writer_holds_stays(tmp_path: Path) -> None:
    target = tmp_path / "1.parquet"
    alive = start_writer(target)
    try:
        (held,) = tmp_path.iterdir()
        with atomic(target) as temporary:
            temporary.write_text("whole")
        assert held.read_text() == "half"
    finally:
        alive.terminate()
        alive.wait()


@pytest.mark.parametrize(
    ("undefined", "fault"),
    [
        ({}, "the score of 'b' is empty, and its provenance does not say why"),
        ({"b": "flat", "c": "flat"}, "the score of 'c' is undefined by its provenance, but"),
    ],
)
def test_empty_scores_are_those_that_are_undefined(
    tmp_path: Path, undefined: dict[str, str], fault: str
) -> None:
    path = tmp_path / "1.parquet"
    ids = pl.Series("image_id", ["a", "b", "c"])
    frame = pl.DataFrame({"image_id": ids, "score": [1.0, None, 2.0]}, SCORES["metric"])
    facts = {"scorer": {"metric": "niqe"}}
    with pytest.raises(ContractError, match=f"1.parquet: {fault}"):
        write_scores(frame, path, "metric", facts | {"undefined": undefined})
    assert not path.exists()
    metadata = {"provenance": json.dumps(facts | {"undefined": undefined})}
    frame.write_parquet(path, metadata=metadata)
    with pytest.raises(ContractError, match=f"1.parquet: {fault}"):
        read_scores(path, "metric", ids)
    write_scores(frame, path, "metric", facts | {"undefined": {"b": "flat"}})
    assert read_scores(path, "metric", ids).equals(frame)
    frame.write_parquet(path)  # from elsewhere: it says nothing of itself
    assert read_scores(path, "metric", ids).equals(frame)
