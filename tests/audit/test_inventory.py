"""The listing of an audited set: every picture a row, the unreadable with their reason."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest
from samples import make_photograph

from causal_iqa.audit.files import LISTING
from causal_iqa.audit.pictures import inventory
from causal_iqa.core.contract import read_table
from causal_iqa.core.errors import UserError


def listed(pictures: Path, out: Path) -> dict[str, dict[str, object]]:
    inventory.write_listing(pictures, out, out.with_name("skipped.csv"), threads=2)
    return {row["name"]: row for row in read_table(out, LISTING).iter_rows(named=True)}


def test_a_picture_that_cannot_be_read_is_a_row_with_its_reason(tmp_path: Path) -> None:
    make_photograph(tmp_path / "set" / "a" / "good.png", 1, (40, 30))
    (tmp_path / "set" / "text.jpg").write_text("no picture")
    (tmp_path / "set" / "empty.png").write_bytes(b"")
    rows = listed(tmp_path / "set", tmp_path / "listing.parquet")
    assert list(rows) == ["a/good.png", "empty.png", "text.jpg"]
    good = rows["a/good.png"]
    assert (good["width"], good["height"], good["group"], good["reason"]) == (40, 30, "a", "")
    assert len(str(good["sha256"])) == 64
    assert "empty" in str(rows["empty.png"]["reason"])
    assert "not a picture" in str(rows["text.jpg"]["reason"])
    assert rows["text.jpg"]["sha256"] == ""


def test_a_file_that_a_csv_names_and_that_is_not_there_stops_nothing(tmp_path: Path) -> None:
    make_photograph(tmp_path / "good.png", 1)
    (tmp_path / "set.csv").write_text("file\ngood.png\ngone.png\n")
    rows = listed(tmp_path / "set.csv", tmp_path / "listing.parquet")
    assert rows["good.png"]["reason"] == "" and "cannot be read" in str(rows["gone.png"]["reason"])


def test_a_name_that_is_no_utf8_is_a_row(tmp_path: Path) -> None:
    good = make_photograph(tmp_path / "set" / "good.png", 1)
    odd = os.fsencode(tmp_path / "set") + b"/\xff.png"
    Path(os.fsdecode(odd)).write_bytes(good.read_bytes())
    rows = listed(tmp_path / "set", tmp_path / "listing.parquet")
    assert rows[r"\xff.png"]["reason"] == "its file name is not UTF-8; rename it"


def test_a_set_of_which_nothing_can_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "text.jpg").write_text("no picture")
    with pytest.raises(UserError, match=r"holds 1 pictures and none can be read.*text\.jpg"):
        listed(tmp_path / "set", tmp_path / "listing.parquet")
    assert not (tmp_path / "listing.parquet").exists()


def test_only_a_picture_that_is_new_or_changed_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        make_photograph(tmp_path / "set" / f"p{number}.png", number)
    before = listed(tmp_path / "set", tmp_path / "listing.parquet")
    read: list[str] = []
    whole = inventory.read_bytes

    def counted(path: Path, offset: int | None, size: int) -> bytes:
        read.append(path.name)
        return whole(path, offset, size)

    monkeypatch.setattr(inventory, "read_bytes", counted)
    assert listed(tmp_path / "set", tmp_path / "listing.parquet") == before
    assert read == []
    make_photograph(tmp_path / "set" / "p1.png", 11)
    make_photograph(tmp_path / "set" / "p3.png", 3)
    (tmp_path / "set" / "p2.png").unlink()
    after = listed(tmp_path / "set", tmp_path / "listing.parquet")
    assert sorted(read) == ["p1.png", "p3.png"]
    assert list(after) == ["p0.png", "p1.png", "p3.png"]
    assert after["p1.png"]["sha256"] != before["p1.png"]["sha256"]
    monkeypatch.setattr(inventory, "code_fingerprint", lambda *_: "other code")
    listed(tmp_path / "set", tmp_path / "listing.parquet")
    assert len(read) == 5


def test_the_stamp_changes_with_the_pictures(tmp_path: Path) -> None:
    make_photograph(tmp_path / "set" / "p0.png", 0)
    stamps = [inventory.listing_stamp(tmp_path / "set")]
    assert inventory.listing_stamp(tmp_path / "set") == stamps[0]
    make_photograph(tmp_path / "set" / "p1.png", 1)
    stamps.append(inventory.listing_stamp(tmp_path / "set"))
    make_photograph(tmp_path / "set" / "p1.png", 2)
    stamps.append(inventory.listing_stamp(tmp_path / "set"))
    assert len(set(stamps)) == 3


def test_the_stamp_changes_with_what_a_list_says_of_them(tmp_path: Path) -> None:
    make_photograph(tmp_path / "p0.png", 0)
    stamps = []
    for rows in ("file\np0.png\n", "file,group\np0.png,a\n", "file,group\np0.png,b\n"):
        (tmp_path / "set.csv").write_text(rows)
        stamps.append(inventory.listing_stamp(tmp_path / "set.csv"))
    assert len(set(stamps)) == 3


def test_the_rows_are_those_of_the_schema(tmp_path: Path) -> None:
    make_photograph(tmp_path / "set" / "p0.png", 0)
    listed(tmp_path / "set", tmp_path / "listing.parquet")
    assert dict(pl.read_parquet_schema(tmp_path / "listing.parquet")) == LISTING
