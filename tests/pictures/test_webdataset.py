"""WebDataset shards: samples, labels, and pictures read where they lie."""

from pathlib import Path

import pytest
from published_world import jpeg, write_shards, write_tar

from causal_iqa.core.archives import read_bytes
from causal_iqa.core.errors import UserError
from causal_iqa.pictures.classes import Labels, imagenet_classes
from causal_iqa.pictures.finding import Skipped
from causal_iqa.pictures.picture import Picture
from causal_iqa.pictures.webdataset import list_webdataset

LABELS = Labels(imagenet_classes(), None)


def pictures_of(path: Path) -> list[Picture]:
    return [found for found in list_webdataset(path, LABELS) if isinstance(found, Picture)]


def skipped_of(path: Path) -> dict[str, str]:
    found = list_webdataset(path, LABELS)
    return {one.name: one.reason for one in found if isinstance(one, Skipped)}


def test_a_shard_that_is_not_there_is_not_called_damaged(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"gone\.tar is not there$"):
        pictures_of(tmp_path / "gone.tar")


def test_samples_of_all_shards_with_their_labels(tmp_path: Path) -> None:
    pictures = pictures_of(write_shards(tmp_path))
    assert [(p.image_id, p.label) for p in pictures] == [("000", 436), ("a_001", 0), ("002", 999)]
    for number, picture in enumerate(pictures, start=1):
        assert read_bytes(picture.path, picture.offset, picture.size) == jpeg(number)


def test_one_shard(tmp_path: Path) -> None:
    write_shards(tmp_path)
    assert len(pictures_of(tmp_path / "val-000001.tar")) == 1


def test_a_sample_without_a_label_is_named(tmp_path: Path) -> None:
    write_tar(tmp_path / "a.tar", [("7.jpg", jpeg(0)), ("7.json", b"{}")])
    with pytest.raises(UserError, match=r"a\.tar: sample 7 has no label; it needs 7\.cls"):
        pictures_of(tmp_path)


@pytest.mark.parametrize(
    ("label", "message"),
    [
        (("7.cls", b"\xff\xfe"), r"7\.cls is no text in UTF-8"),
        (("7.json", b"{label: 3}"), r"a\.tar: 7\.json is no JSON"),
        (("7.json", b"[3]"), r"7\.json is no JSON object"),
    ],
)
def test_a_label_that_cannot_be_read_is_named(
    tmp_path: Path, label: tuple[str, bytes], message: str
) -> None:
    write_tar(tmp_path / "a.tar", [("7.jpg", jpeg(0)), label])
    with pytest.raises(UserError, match=message):
        pictures_of(tmp_path)


def test_nothing_in_a_shard_or_beside_it_vanishes(tmp_path: Path) -> None:
    write_tar(
        tmp_path / "a.tar",
        [
            ("1.jpg", jpeg(1)),
            ("1.seg.png", jpeg(2)),
            ("1.cls", b"436"),
            ("2.left.jpg", jpeg(3)),
            ("2.cls", b"0"),
            ("3.cls", b"0"),
            ("._4.jpg", b"what macOS leaves"),
            ("__MACOSX/5.jpg", jpeg(5)),
            ("1.JPG", jpeg(8)),
            ("6.npy", b"\x93NUMPY"),
            ("6.cls", b"0"),
        ],
    )
    write_tar(tmp_path / "below" / "b.tar", [("7", jpeg(7)), ("7.cls", b"9")])
    (tmp_path / "c.tar.gz").write_bytes(b"")
    assert [p.image_id for p in pictures_of(tmp_path)] == ["1", "2", "7"]
    assert skipped_of(tmp_path) == {
        "c.tar.gz": "compressed: unpack it first",
        "a.tar:1.seg.png": "a further picture of its sample",
        "a.tar:1.JPG": "beside 1.jpg",
        "a.tar:3.cls": "of a sample without a picture",
        "a.tar:._4.jpg": "hidden",
        "a.tar:__MACOSX/5.jpg": "a by-product of a system",
        "a.tar:6.npy": "not a picture",
        "a.tar:6.cls": "of a sample without a picture",
    }


def test_a_shard_with_a_damaged_header_is_not_read_up_to_there(tmp_path: Path) -> None:
    shard = write_tar(tmp_path / "a.tar", [(f"{n}.jpg", jpeg(n)) for n in range(3)])
    second = shard.read_bytes().index(b"1.jpg\0")
    damaged = bytearray(shard.read_bytes())
    damaged[second : second + 3] = b"???"
    shard.write_bytes(damaged)
    with pytest.raises(UserError, match=rf"a\.tar, byte {second}: it is damaged there"):
        pictures_of(tmp_path)


def test_shards_joined_or_cut_at_a_header_are_refused(tmp_path: Path) -> None:
    one = write_tar(tmp_path / "one.tar", [("1.jpg", jpeg(1))]).read_bytes()
    shard = tmp_path / "set" / "a.tar"
    shard.parent.mkdir()
    shard.write_bytes(one + one)
    with pytest.raises(UserError, match="goes on after its end"):
        pictures_of(shard)
    shard.write_bytes(one[: 512 + -(-len(jpeg(1)) // 512) * 512])
    with pytest.raises(UserError, match="ends without the mark of an archive's end"):
        pictures_of(shard)
