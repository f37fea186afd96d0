"""Archives: members in place, the same bytes each time, faults named by member and offset."""

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from causal_iqa.core.condition_archive import (
    Archive,
    Member,
    condition_provenance,
    condition_writer,
    index_path,
    write_condition,
)
from causal_iqa.core.contract import read_provenance
from causal_iqa.core.errors import UserError
from causal_iqa.core.jpeg import encode_jpeg


def members(count: int = 3) -> list[Member]:
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (count, 16, 24, 3), dtype=np.uint8)
    long_name = "x" * 120
    return [
        Member(f"id{k}", f"fog/1/n0/{long_name}{k}.JPEG", encode_jpeg(picture))
        for k, picture in enumerate(pictures)
    ]


def test_every_picture_is_found_where_the_index_says(tmp_path: Path) -> None:
    tar = tmp_path / "fog" / "1.tar"
    write_condition(tar, members(), {"seed": 0})
    with tarfile.open(tar) as archive, Archive(tar) as ours:
        assert len(ours) == 3
        for row, (info, picture) in enumerate(zip(archive, ours, strict=True)):
            assert ours.index["member"][row] == info.name
            assert ours.index["offset"][row] == info.offset_data
            assert ours.index["size"][row] == info.size
            assert np.array_equal(picture, np.asarray(Image.open(archive.extractfile(info))))


def test_jpeg_is_imagenet_c_s() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    stored = members(1)[0].jpeg
    assert encode_jpeg(picture) == encode_jpeg(picture.copy())
    header = Image.open(io.BytesIO(stored))
    theirs = io.BytesIO()
    Image.new("RGB", (8, 8)).save(theirs, format="JPEG", quality=85)
    # the tables of quality 85, chroma halved in both directions
    assert header.quantization == Image.open(theirs).quantization
    assert header.layer[0][1:3] == (2, 2)


def test_same_members_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("1.tar", "2.tar"):
        write_condition(tmp_path / name, members(), {"seed": 0})
    assert (tmp_path / "1.tar").read_bytes() == (tmp_path / "2.tar").read_bytes()
    assert (
        condition_provenance(tmp_path / "1.tar")["fingerprint"]
        == condition_provenance(tmp_path / "2.tar")["fingerprint"]
    )


def test_error_while_writing_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), condition_writer(tmp_path / "1.tar", {}) as add:
        add(members()[0])
        raise RuntimeError
    assert not list(tmp_path.iterdir())


def test_truncated_archive_is_named_and_counts_as_absent(tmp_path: Path) -> None:
    tar = tmp_path / "1.tar"
    write_condition(tar, members(), {"seed": 0})
    index = index_path(tar)
    end = 512 + 0
    with Archive(tar) as archive:
        end = archive.index["offset"][2] + 10
    tar.write_bytes(tar.read_bytes()[:end])
    assert condition_provenance(tar) == {}
    assert read_provenance(index)["seed"] == 0
    with Archive(tar) as archive, pytest.raises(UserError, match=r"1\.tar: member .* is cut short"):
        archive.read(2)


def test_broken_picture_is_named_by_member_and_offset(tmp_path: Path) -> None:
    tar = tmp_path / "1.tar"
    broken = members(2)[0]._replace(jpeg=b"not a picture")
    write_condition(tar, [broken], {})
    with Archive(tar) as archive, pytest.raises(UserError, match=r"member .* at offset \d+"):
        archive.read(0)
