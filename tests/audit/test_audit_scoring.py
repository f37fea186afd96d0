"""Scores of an audited set: of its clean form, each content once, kept and gone on with."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch
from PIL import Image
from samples import make_photograph

from causal_iqa.audit import scoring
from causal_iqa.audit.files import score_columns
from causal_iqa.audit.pictures.inventory import write_listing
from causal_iqa.audit.whole_softmax import unpacked
from causal_iqa.core.columns import CLASSES, MANIFEST
from causal_iqa.core.config import Scoring
from causal_iqa.core.contract import read_table, write_table
from causal_iqa.core.errors import UserError
from causal_iqa.core.jpeg import decode, encode_jpeg
from causal_iqa.core.scorer_config import Classifier, Metric, Scorer
from causal_iqa.pictures.classes import imagenet_classes
from causal_iqa.pictures.matched import matched
from causal_iqa.scorers import engine
from causal_iqa.scorers.freshness import NOTHING

TV = Metric(kind="metric", metric="tv_l1_mean")
BRISQUE = Metric(kind="metric", metric="brisque")
LITE0 = Classifier(kind="classifier", model="package:efficientnet_lite0")
CPU = Scoring(device="cpu", batch_size=2)


class Set:
    """A folder of pictures and what an audit writes of it."""

    def __init__(self, root: Path) -> None:
        self.root, self.pictures = root, root / "set"
        self.listing, self.out = root / "listing.parquet", root / "scores.parquet"
        write_table(imagenet_classes(), root / "classes.csv", CLASSES)
        manifest = pl.DataFrame(schema=MANIFEST)
        write_table(manifest, root / "manifest.parquet", MANIFEST, {"restrict_to": None})

    def score(self, spec: Scorer = TV, packages: Path = Path()) -> pl.DataFrame:
        write_listing(self.pictures, self.listing, self.listing.with_name("skipped.csv"), threads=1)
        self.score_only(spec, packages)
        return read_table(self.out, score_columns(spec.kind))

    def score_only(
        self, spec: Scorer = TV, packages: Path = Path(), *, softmax: bool = False
    ) -> None:
        files = (self.root / "classes.csv", self.root / "manifest.parquet", packages)
        scoring.score_pictures(spec, self.listing, self.out, *files, CPU, NOTHING, softmax=softmax)

    def digests(self) -> dict[str, str]:
        listing = pl.read_parquet(self.listing)
        return dict(listing.select("name", "sha256").iter_rows())


@pytest.fixture
def made(tmp_path: Path) -> Set:
    made = Set(tmp_path)
    for number in range(3):
        make_photograph(made.pictures / f"p{number}.png", number)
    return made


def test_scores_are_those_of_the_clean_picture(made: Set) -> None:
    found = dict(made.score(LITE0).select("sha256", "max_prob").iter_rows())
    loaded = engine.load(LITE0, imagenet_classes(), Path(), "cpu", "float32")
    for name, digest in made.digests().items():
        data = (made.pictures / name).read_bytes()
        clean = decode(encode_jpeg(matched(data, name)), name)
        with torch.inference_mode():
            by_hand = loaded.score(loaded.prepare(clean)[None], np.array([np.nan]))
        assert found[digest] == pytest.approx(by_hand["max_prob"][0], rel=1e-4)


def test_the_whole_softmax_is_kept_where_it_is_asked_for(
    made: Set, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = made.score(LITE0)
    made.score_only(LITE0, softmax=True)
    assert capsys.readouterr().err.count("picture 3/3") == 2
    columns = score_columns("classifier", softmax=True)
    kept = read_table(made.out, columns)
    assert kept.drop("softmax").equals(plain)
    softmax = unpacked(kept["softmax"])
    assert softmax.shape == (3, 1000)
    assert softmax.argmax(axis=1).tolist() == kept["prediction"].to_list()
    made.score_only(LITE0)
    assert read_table(made.out, score_columns("classifier")).equals(plain)
    assert capsys.readouterr().err == ""
    made.score_only(TV, softmax=True)
    assert "softmax" not in pl.read_parquet_schema(made.out)


def test_one_picture_more_is_one_picture_scored(
    made: Set, capsys: pytest.CaptureFixture[str]
) -> None:
    before = made.score()
    assert "picture 3/3" in capsys.readouterr().err
    content = made.out.read_bytes()
    made.score_only()
    assert made.out.read_bytes() == content and capsys.readouterr().err == ""
    make_photograph(made.pictures / "p3.png", 3)
    after = made.score()
    assert "picture 1/1" in capsys.readouterr().err
    assert after.height == 4
    assert after.join(before, on="sha256", how="semi").equals(before)


def test_a_copy_is_scored_once_and_a_picture_that_has_gone_is_forgotten(made: Set) -> None:
    shutil.copy(made.pictures / "p0.png", made.pictures / "copy.png")
    assert made.score().height == 3
    (made.pictures / "p1.png").unlink()
    assert set(made.score()["sha256"]) == set(made.digests().values())


def test_another_scorer_or_other_code_scores_everything(
    made: Set, capsys: pytest.CaptureFixture[str]
) -> None:
    made.score()
    made.score(Metric(kind="metric", metric="tv_l2"))
    assert capsys.readouterr().err.count("picture 3/3") == 2


def test_an_interrupted_audit_keeps_what_it_had(
    made: Set, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(scoring, "KEPT_EVERY", 2)
    write_listing(made.pictures, made.listing, made.listing.with_name("skipped.csv"), threads=1)
    last = pl.read_parquet(made.listing)["name"][-1]
    content = (made.pictures / last).read_bytes()
    make_photograph(made.pictures / last, 99)
    with pytest.raises(UserError, match=f"{last} was changed since it was listed"):
        made.score_only()
    assert read_table(made.out, score_columns("metric")).height == 2
    (made.pictures / last).write_bytes(content)
    capsys.readouterr()
    made.score_only()
    assert "picture 1/1" in capsys.readouterr().err
    assert read_table(made.out, score_columns("metric")).height == 3


def test_a_score_that_is_not_defined_is_empty_and_stops_nothing(made: Set, packages: Path) -> None:
    """pyiqa refuses a flat grey picture."""
    Image.new("RGB", (64, 64), (128, 128, 128)).save(made.pictures / "flat.png")
    scores = made.score(BRISQUE, packages)
    flat = scores.filter(pl.col("sha256") == made.digests()["flat.png"])
    assert flat["score"].to_list() == [None]
    assert scores["score"].null_count() == 1
