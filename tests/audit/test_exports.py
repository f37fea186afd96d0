"""Exports hold what ``pictures.parquet`` holds, and harm no spreadsheet."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import card_world
import polars as pl
import pytest
from card_world import NETWORKS
from samples import make_photograph

from causal_iqa.audit.card.exports import write_exports
from causal_iqa.audit.files import AuditFiles
from causal_iqa.core.contract import Results

N = 6


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> AuditFiles:
    results = card_world.write_experiment(tmp_path_factory.mktemp("root"), pictures=24)
    pictures = card_world.make_pictures(tmp_path_factory.mktemp("pictures"), N, 0)
    make_photograph(pictures / "-x.png", 77, (40, 30))
    make_photograph(pictures / "@y.png", 78, (40, 30))
    found = card_world.audit(results, pictures, "mine", 0.5)
    write_exports(results.root, "mine")
    return found


def rows_of(files: AuditFiles) -> list[dict[str, str]]:
    with (files.root / "pictures.csv").open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def test_the_table_has_a_row_a_picture_and_every_column(files: AuditFiles) -> None:
    rows, pictures = rows_of(files), pl.read_parquet(files.pictures)
    assert len(rows) == pictures.height == N + 6
    assert list(rows[0]) == pictures.columns
    for row, picture in zip(rows, pictures.iter_rows(named=True), strict=True):
        assert row["name"].removeprefix("'") == picture["name"]
        assert row["status"] == picture["status"]
        value = picture["net0.p_correct"]
        assert (
            row["net0.p_correct"] == ""
            if value is None
            else float(row["net0.p_correct"]) == (pytest.approx(value))
        )


def test_classes_have_the_names_that_the_card_has(files: AuditFiles) -> None:
    root = files.root.parent.parent
    write_exports(root, "mine", [f"mine {k}" for k in range(1000)])
    samples = json.loads((files.root / "fiftyone.json").read_text("utf-8"))["samples"]
    write_exports(root, "mine")
    labels = [sample["net0"]["label"] for sample in samples if sample.get("net0")]
    assert labels and all(label.startswith("mine ") for label in labels)


def test_no_text_begins_as_a_formula(files: AuditFiles) -> None:
    rows = rows_of(files)
    names = {row["name"] for row in rows}
    assert {"'=1+1.png", "'-x.png", "'@y.png", "a/p000.png"} <= names
    texts = [name for name, dtype in pl.read_parquet_schema(files.pictures).items()
             if dtype == pl.String]  # fmt: skip
    assert not [row for row in rows for text in texts if row[text].startswith(("=", "-", "+", "@"))]


def test_fiftyone_gets_scores_predictions_and_tags(files: AuditFiles) -> None:
    found = json.loads((files.root / "fiftyone.json").read_text("utf-8"))
    pictures = {row["name"]: row for row in pl.read_parquet(files.pictures).iter_rows(named=True)}
    paths = dict(pl.read_parquet(files.listing).select("path", "name").iter_rows())
    assert found["num_samples"] == len(found["samples"]) == len(pictures)
    for sample in found["samples"]:
        row = pictures[paths[sample["filepath"]]]
        assert Path(sample["filepath"]).is_file()
        assert set(sample) <= {*found["sample_fields"], "_media_type"}
        assert not any("." in field for field in sample)
        assert sample["sharp_score"] == row["sharp.score"]
        assert sample["net1_p_correct"] == row["net1.p_correct"]
        assert (row["status"] in sample["tags"]) and ("outside" in sample["tags"]) == bool(
            row["outside"]
        )
        assert ("near duplicate" in sample["tags"]) == (row["name"] == "b/twin.png")
        for network in NETWORKS:
            if row["status"] == "scored":
                assert (
                    sample[network]["label"]
                    == (card_world.CLASS_NAMES[row[f"{network}.prediction"]])
                )
                assert sample[network]["confidence"] == row[f"{network}.max_prob"]
            else:
                assert sample[network] is None


def test_fiftyone_tags_the_outside_and_gets_no_picture_out_of_an_archive(
    files: AuditFiles, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    (root / "audit" / "mine").mkdir(parents=True)
    source = Results(files.root.parent.parent)
    for path in (source.manifest, source.classes, source.scorers):
        (root / path.name).symlink_to(path)
    moved = AuditFiles(Results(root).audit("mine"))
    outside = pl.when(pl.col("name") == "=1+1.png").then(True).otherwise("outside").alias("outside")
    pl.read_parquet(files.pictures).with_columns(outside).write_parquet(moved.pictures)
    listing = pl.read_parquet(files.listing)
    packed = pl.when(pl.col("name") == "a/p000.png").then(512).cast(pl.Int64).alias("offset")
    listing.with_columns(packed).write_parquet(moved.listing)
    write_exports(root, "mine")
    found = json.loads((moved.root / "fiftyone.json").read_text("utf-8"))
    assert len(found["samples"]) == listing.height - 1
    assert not [s for s in found["samples"] if s["filepath"].endswith("a/p000.png")]
    tagged = [Path(s["filepath"]).name for s in found["samples"] if "outside" in s["tags"]]
    assert "=1+1.png" in tagged


def test_croissant_describes_the_table(files: AuditFiles) -> None:
    found = json.loads((files.root / "croissant.json").read_text("utf-8"))
    table = (files.root / "pictures.csv").read_bytes()
    (file,) = found["distribution"]
    assert found["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    assert file["sha256"] == hashlib.sha256(table).hexdigest()
    assert file["contentUrl"] == "pictures.csv" and "license" not in found
    fields = {field["name"]: field for field in found["recordSet"][0]["field"]}
    header = table.decode().splitlines()[0].split(",")
    assert list(fields) == header
    assert fields["name"]["dataType"] == "sc:Text"
    assert fields["width"]["dataType"] == "sc:Integer"
    assert fields["sharp.score"]["dataType"] == "sc:Float"
    assert fields["outside"]["dataType"] == "sc:Boolean"
    for field in fields.values():
        assert field["source"]["fileObject"]["@id"] == file["@id"]
        assert field["source"]["extract"]["column"] == field["name"]


def test_the_same_files_give_the_same_bytes(files: AuditFiles) -> None:
    names = ("pictures.csv", "fiftyone.json", "croissant.json")
    first = [(files.root / name).read_bytes() for name in names]
    write_exports(files.root.parent.parent, "mine")
    assert [(files.root / name).read_bytes() for name in names] == first
