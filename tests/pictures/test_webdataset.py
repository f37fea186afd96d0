"""WebDataset shards: samples, labels, and pictures read where they lie."""

from pathlib import Path

import pytest
from published_world import jpeg, write_shards, write_tar

from causal_iqa.archives import read_bytes
from causal_iqa.errors import UserError
from causal_iqa.pictures.classes import Labels, imagenet_classes
from causal_iqa.pictures.webdataset import list_webdataset

LABELS = Labels(imagenet_classes(), None)


def test_samples_of_all_shards_with_their_labels(tmp_path: Path) -> None:
    pictures = list_webdataset(write_shards(tmp_path), LABELS)
    assert [(p.image_id, p.label) for p in pictures] == [("000", 436), ("a_001", 0), ("002", 999)]
    for number, picture in enumerate(pictures, start=1):
        assert read_bytes(picture.path, picture.offset, picture.size) == jpeg(number)


def test_one_shard(tmp_path: Path) -> None:
    write_shards(tmp_path)
    assert len(list_webdataset(tmp_path / "val-000001.tar", LABELS)) == 1


def test_a_sample_without_a_label_is_named(tmp_path: Path) -> None:
    write_tar(tmp_path / "a.tar", [("7.jpg", jpeg(0)), ("7.json", b"{}")])
    with pytest.raises(UserError, match=r"a\.tar: sample 7 has no label; it needs 7\.cls"):
        list_webdataset(tmp_path, LABELS)
