"""An archive that is not what its index says, or not what was asked for, is not used."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from causal_iqa.core.columns import INDEX
from causal_iqa.core.condition_archive import Archive, Member, index_path, write_condition
from causal_iqa.core.contract import write_table
from causal_iqa.core.errors import UserError
from causal_iqa.core.jpeg import encode_jpeg
from causal_iqa.core.provenance.damage import RECORD
from causal_iqa.core.provenance.wholeness import check_asked, checked_fingerprints


def make(root: Path, condition: str, seed: int = 0) -> Path:
    tar = root / f"{condition}.tar"
    rng = np.random.default_rng([seed, *condition.encode()])
    pictures = [encode_jpeg(p) for p in rng.integers(0, 256, (3, 16, 24, 3), dtype=np.uint8)]
    members = [Member(f"id{k}", f"{condition}/n0/id{k}.JPEG", p) for k, p in enumerate(pictures)]
    write_condition(tar, members, {"condition": condition, "seed": seed})
    return tar


def flip(path: Path, start: int, count: int = 64) -> None:
    content = bytearray(path.read_bytes())
    content[start : start + count] = bytes(255 - byte for byte in content[start : start + count])
    path.write_bytes(content)


def test_whole_archives_are_left_alone(tmp_path: Path) -> None:
    tars = [make(tmp_path, "fog/1"), make(tmp_path, "fog/3")]
    found = checked_fingerprints(tars)
    assert set(found) == set(tars) and len(set(found.values())) == 2
    check_asked({tar: {"condition": f"fog/{tar.stem}", "seed": 0} for tar in tars})
    assert sorted(p.name for p in (tmp_path / "fog").iterdir()) == [
        *("1.index.parquet", "1.tar", "3.index.parquet", "3.tar")
    ]


def test_flipped_bytes_are_found_and_moved_aside(tmp_path: Path) -> None:
    tars = [make(tmp_path, f"fog/{severity}") for severity in (1, 2, 3)]
    for tar in tars[:2]:
        flip(tar, tar.stat().st_size // 2)
    with pytest.raises(UserError) as caught:
        checked_fingerprints(tars)
    for words in (f"{tars[0]} was changed: its SHA-256", str(tars[1]), "snakemake command again"):
        assert words in str(caught.value)
    assert str(tars[2]) not in str(caught.value)
    names = {path.name for path in (tmp_path / "fog").iterdir()}
    assert {"1.tar.damaged", "1.index.parquet.damaged", "2.tar.damaged"} <= names
    assert {"3.tar", "3.index.parquet"} <= names and not {"1.tar", "2.index.parquet"} & names


def test_another_condition_in_its_place_is_named(tmp_path: Path) -> None:
    tar, other = make(tmp_path, "fog/1"), make(tmp_path, "snow/4")
    shutil.copy(other, tar)
    shutil.copy(index_path(other), index_path(tar))
    with pytest.raises(UserError, match=r"fog/1\.tar holds another condition, snow/4"):
        checked_fingerprints([tar, other])
    assert not tar.exists() and other.exists()


def test_another_seed_is_named(tmp_path: Path) -> None:
    tar = make(tmp_path, "fog/1", seed=5)
    with pytest.raises(UserError, match=r"fog/1\.tar has another seed, 5, than the 0 asked for"):
        check_asked({tar: {"condition": "fog/1", "seed": 0}})
    assert not tar.exists()


def test_an_archive_without_its_index_is_moved_aside(tmp_path: Path) -> None:
    tar = make(tmp_path, "fog/1")
    index_path(tar).unlink()
    with pytest.raises(UserError, match=r"fog/1\.tar or its index is missing or cut short"):
        checked_fingerprints([tar])
    assert {path.name for path in tar.parent.iterdir()} == {"1.tar.damaged", RECORD}
    assert (tar.parent / RECORD).read_text() == "1.tar or its index is missing or cut short\n"
    with pytest.raises(UserError, match="is missing or cut short"):
        checked_fingerprints([tar])
    assert (tar.parent / RECORD).read_text().count("\n") == 1


def published(root: Path) -> tuple[Path, Path]:
    """An archive from elsewhere, and the condition's own path, where only an index stands."""
    theirs, tar = make(root / "theirs", "fog/1"), root / "fog" / "1.tar"
    with Archive(theirs) as archive:
        frame = archive.index
    said = {"condition": "fog/1", "archive": str(theirs), "fingerprint": "abc"}
    write_table(frame, index_path(tar), INDEX, said)
    return theirs, tar


def test_of_a_published_archive_the_size_counts(tmp_path: Path) -> None:
    theirs, tar = published(tmp_path)
    check_asked({tar: {"condition": "fog/1", "seed": 0}})
    assert checked_fingerprints([tar]) == {tar: "abc"}
    theirs.write_bytes(theirs.read_bytes()[:2000])
    with pytest.raises(UserError, match=r"theirs/fog/1\.tar is missing or cut short; fetch it"):
        checked_fingerprints([tar])
    assert theirs.exists() and index_path(tar).exists()
