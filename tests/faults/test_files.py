"""Files between the stages: conditions, scores and imports that are not what they should be."""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from trials import World

SPEC = json.dumps({"kind": "metric", "metric": "tv_l1_mean"})
CONDITIONS = ("clean/0", "pixelate/1", "pixelate/2")
FIRST, SECOND = CONDITIONS[1:]


def condition(results: Path, name: str, suffix: str = "tar") -> Path:
    return results / "conditions" / f"{name}.{suffix}"


def scores(results: Path, name: str = FIRST, scorer: str = "tv") -> Path:
    return results / "scores" / scorer / f"{name}.parquet"


def make(world: World) -> None:
    assert world.list()[0] == 0 and world.make_clean()[0] == 0
    assert world.make(FIRST, SECOND)[0] == 0


def score(world: World, spec: str = SPEC, scorer: str = "tv") -> tuple[int, str]:
    return world.run(
        "score",
        scorer=scorer,
        spec=json.loads(spec),
        conditions=CONDITIONS,
        seed=0,
        packages=world.root,
        weights=world.root,
        scoring={"device": "cpu", "batch_size": 4},
    )


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 64] = bytes(255 - byte for byte in data[middle : middle + 64])
    path.write_bytes(data)


def swap(results: Path, suffixes: tuple[str, ...]) -> None:
    for suffix in suffixes:
        shutil.copy(condition(results, SECOND, suffix), condition(results, FIRST, suffix))


def cut(path: Path, keep: float = 0.5) -> None:
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])


TAR, INDEX = "tar", "index.parquet"
DAMAGED: dict[str, tuple[Callable[[Path], object], str]] = {
    "64 flipped bytes": (lambda r: flip(condition(r, FIRST)), "its SHA-256 is not the one in its"),
    "cut short": (lambda r: cut(condition(r, FIRST)), "pixelate/1.tar or its index is missing or"),
    "the archive of another condition": (lambda r: swap(r, (TAR,)), "its SHA-256 is not the one"),
    "the index of another condition": (lambda r: swap(r, (INDEX,)), "pixelate/1.tar has another"),
    "both of another condition": (lambda r: swap(r, (TAR, INDEX)), "pixelate/1.tar has another"),
    "no index": (lambda r: condition(r, FIRST, INDEX).unlink(), "index is missing or cut short"),
    "an index of junk": (
        lambda r: condition(r, FIRST, INDEX).write_bytes(b"junk"),
        "pixelate/1.tar or its index is missing or cut short",
    ),
    "no archive": (
        lambda r: condition(r, FIRST).unlink(),
        "pixelate/1.tar or its index is missing",
    ),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_condition_is_never_scored(world: World, name: str) -> None:
    fault, words = DAMAGED[name]
    make(world)
    fault(world.results.root)
    world.refuses(score(world), words)
    assert not scores(world.results.root).exists()


def test_pictures_that_changed_after_they_were_listed_are_named(world: World) -> None:
    assert world.list()[0] == 0
    picture = world.pictures / "n01440764" / "p00.png"
    shutil.copy(world.pictures / "n02814533" / "p10.png", picture)
    world.refuses(world.make_clean(), "p00.png was changed since it was listed")


def edit(change: Callable[[pl.DataFrame], pl.DataFrame]) -> Callable[[Path], object]:
    """A score file with other rows that still says of itself what it did."""

    def fault(results: Path) -> None:
        path = scores(results)
        metadata = {"provenance": pl.read_parquet_metadata(path)["provenance"]}
        change(pl.read_parquet(path)).write_parquet(path, metadata=metadata)

    return fault


def first(value: float | None) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda frame: frame.with_columns(
        score=pl.when(pl.col("image_id") == "p00").then(value).otherwise("score").cast(pl.Float32)
    )


SCORES: dict[str, tuple[Callable[[Path], object], str]] = {
    "of another condition": (
        lambda r: shutil.copy(scores(r, SECOND), scores(r)),
        "pixelate/1.parquet holds scores of another condition, pixelate/2",
    ),
    "of another scorer": (
        lambda r: shutil.copy(scores(r, FIRST, "tv2"), scores(r)),
        "pixelate/1.parquet holds scores of another scorer",
    ),
    "that says nothing of itself": (
        lambda r: pl.read_parquet(scores(r)).write_parquet(scores(r)),
        "pixelate/1.parquet does not say which scorer it is of",
    ),
    "cut short": (lambda r: cut(scores(r)), "pixelate/1.parquet"),
    "of junk": (lambda r: scores(r).write_bytes(b"junk"), "pixelate/1.parquet"),
    "not there": (lambda r: scores(r).unlink(), "pixelate/1.parquet"),
    "not a number": (edit(first(float("nan"))), "column 'score' holds NaN (image p00"),
    "infinite": (edit(first(float("inf"))), "column 'score' is infinite (image p00"),
    "empty without a reason": (edit(first(None)), "the score of 'p00' is empty"),
    "a picture less": (edit(lambda f: f.filter(pl.col("image_id") != "p00")), "lacks 'p00'"),
    "a picture twice": (
        edit(lambda f: pl.concat([f, f[:1]]).sort("image_id")),
        "'p00' stands more",
    ),
    "in another order": (edit(lambda f: f.reverse()), "rows are not sorted by image_id"),
    "of another type": (
        edit(lambda f: f.with_columns(pl.col("score").cast(pl.String))),
        "column 'score' is String, expected Float32",
    ),
    "without its column": (edit(lambda f: f.drop("score")), "column 'score' is missing"),
}


@pytest.mark.parametrize("name", SCORES)
def test_a_score_file_is_believed_after_a_look(world: World, name: str) -> None:
    fault, words = SCORES[name]
    make(world)
    assert score(world)[0] == 0
    if "another scorer" in name:
        assert score(world, SPEC.replace("mean", "sum"), "tv2")[0] == 0
    described = {"tv": json.loads(SPEC)}
    assert world.run("scorers", scorers=described)[0] == 0
    fault(world.results.root)
    asked = {"scorer": "tv", "spec": json.loads(SPEC), "conditions": CONDITIONS}
    world.refuses(world.run("panel", **asked, max_undefined=0.01), words)


NETWORK = {
    "image_id": ["a", "b"],
    "prediction": [0, 1],
    "max_prob": [0.5, 0.6],
    "entropy": [1.0, 0.9],
    "max_logit": [2.0, 3.0],
    "logsumexp": [3.0, 4.0],
    "true_prob": [0.5, 0.6],
}


def network(**columns: list[float]) -> pl.DataFrame:
    floats = {name: pl.Float32 for name in NETWORK if name not in ("image_id", "prediction")}
    return pl.DataFrame({**NETWORK, **columns}).cast({"prediction": pl.Int32, **floats})


def write_import(folder: Path) -> None:
    """Two labelled pictures and one network, under three conditions."""
    folder.mkdir()
    ids = {"image_id": ["a", "b"], "label": [0, 1]}
    pl.DataFrame(ids).cast({"label": pl.Int32}).write_parquet(folder / "manifest.parquet")
    (folder / "classes.csv").write_text("index,wnid,name\n0,n0,fox\n1,n1,owl\n")
    (folder / "scorers.csv").write_text("scorer,kind\nnet,classifier\n")
    for number, name in enumerate(CONDITIONS):
        file = scores(folder, name, "net")
        file.parent.mkdir(parents=True, exist_ok=True)
        network(max_logit=[2.0 + number, 3.0]).write_parquet(file)


def take(world: World) -> tuple[int, str]:
    """Import what ``write_import`` wrote."""
    taken = {"conditions": CONDITIONS, "names": ["net"], "max_undefined": 0.01}
    return world.run("import-scores", folder=world.root / "import", **taken)


def value(column: str, wrong: float) -> Callable[[Path], object]:
    frame = network(**{column: [NETWORK[column][0], wrong]})  # type: ignore[arg-type, list-item]
    return lambda folder: frame.write_parquet(scores(folder, FIRST, "net"))


IMPORTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "an infinite logit": (value("max_logit", float("inf")), "'max_logit' is infinite (image b"),
    "a negative probability": (value("max_prob", -0.1), "max_prob"),
    "a probability above 1": (value("max_prob", 1.5), "max_prob"),
    "an entropy below 0": (value("entropy", -1.0), "entropy"),
    "a prediction of no class": (value("prediction", 2), "prediction 2 of 'b' is outside"),
    "no number": (value("max_prob", float("nan")), "holds NaN (image b"),
    "a score file that is missing": (lambda f: scores(f, FIRST, "net").unlink(), "is missing"),
    "a condition that is a copy of another": (
        lambda f: shutil.copy(scores(f, SECOND, "net"), scores(f, FIRST, "net")),
        "pixelate/1.parquet",
    ),
    "an empty list of scorers": (lambda f: (f / "scorers.csv").write_text(""), "scorers.csv"),
    "a list of scorers of junk": (
        lambda f: (f / "scorers.csv").write_bytes(b"\xff\xfe\0"),
        "scorers.csv",
    ),
    "a kind that is none": (
        lambda f: (f / "scorers.csv").write_text("scorer,kind\nnet,clasifier\n"),
        "net has kind 'clasifier'; allowed: classifier",
    ),
    "a manifest of junk": (
        lambda f: (f / "manifest.parquet").write_bytes(b"x"),
        "manifest.parquet",
    ),
    "classes in a table by semicolons": (
        lambda f: (f / "classes.csv").write_text("index;wnid;name\n0;n0;fox\n"),
        "classes.csv",
    ),
    "an index that is no number": (
        lambda f: (f / "classes.csv").write_text("index,wnid,name\n0,n0,fox\none,n1,owl\n"),
        "line 3: index is 'one'; it needs a whole number",
    ),
}


@pytest.mark.parametrize("name", IMPORTS)
def test_an_import_is_checked_before_it_is_taken(world: World, name: str) -> None:
    fault, words = IMPORTS[name]
    folder = world.root / "import"
    write_import(folder)
    fault(folder)
    status, printed = take(world)
    assert status == 1 and "Traceback" not in printed and words in printed, printed
    assert not world.results.manifest.exists()


def test_the_import_without_a_fault_is_taken(world: World) -> None:
    write_import(world.root / "import")
    assert take(world)[0] == 0
    assert world.results.manifest.exists()


@pytest.mark.parametrize("name", ["manifest.parquet", "classes.csv", "scorers.csv", "scores"])
def test_a_pipe_in_an_import_is_named_and_not_waited_for(world: World, name: str) -> None:
    folder = world.root / "import"
    write_import(folder)
    pipe = scores(folder, FIRST, "net") if name == "scores" else folder / name
    pipe.unlink()
    os.mkfifo(pipe)
    status, printed = take(world)
    assert status == 1 and f"{pipe} is a pipe, not a file" in printed


def test_every_violation_of_a_file_is_named(world: World) -> None:
    write_import(world.root / "import")
    broken = network(max_logit=[math.inf, 3.0], max_prob=[1.5, 0.6], entropy=[1.0, -1.0])
    broken.write_parquet(scores(world.root / "import", FIRST, "net"))
    status, printed = take(world)
    assert status == 1 and "has 3 violation(s)" in printed
    for column in ("max_logit", "max_prob", "entropy"):
        assert column in printed
