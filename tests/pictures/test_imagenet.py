"""ImageNet val as published: labels through the development kit, pictures where they lie."""

import tarfile
from pathlib import Path

import numpy as np
import pytest
from published_world import IDS, NAMES, TRUTH, jpeg, write_devkit, write_tar, write_val_tar

from causal_iqa.core.archives import read_bytes
from causal_iqa.core.errors import UserError
from causal_iqa.pictures.classes import Labels, imagenet_classes
from causal_iqa.pictures.imagenet import list_imagenet
from causal_iqa.pictures.picture import Picture

RANKS = {"n01440764": 0, "n02814533": 436, "n15075141": 999}
LABELS = Labels(imagenet_classes(), None)


def listed(path: Path, devkit: Path | None = None, verify: bool = False) -> list[Picture]:
    return sorted(list_imagenet(path, devkit, verify, LABELS))


def labels_of(pictures: list[Picture]) -> dict[str, int]:
    return {picture.image_id: picture.label for picture in pictures}


EXPECTED = {name: RANKS[wnid] for name, wnid in zip(NAMES, TRUTH, strict=True)}


def test_the_tar_is_read_in_place_and_labelled_by_rank_not_by_ilsvrc_id(tmp_path: Path) -> None:
    tar = write_val_tar(tmp_path)
    write_devkit(tmp_path)
    pictures = listed(tar)
    assert labels_of(pictures) == EXPECTED
    assert set(EXPECTED.values()).isdisjoint(IDS.values())
    for number, picture in enumerate(pictures):
        assert read_bytes(picture.path, picture.offset, picture.size) == jpeg(number)


def test_the_folder_that_holds_the_tar_is_as_good(tmp_path: Path) -> None:
    tar = write_val_tar(tmp_path)
    write_devkit(tmp_path)
    assert listed(tmp_path) == listed(tar)


@pytest.mark.parametrize("packed", [True, False])
def test_a_flat_folder_needs_the_devkit(tmp_path: Path, packed: bool) -> None:
    with tarfile.open(write_val_tar(tmp_path / "tars")) as archive:
        archive.extractall(tmp_path / "val", filter="data")
    with pytest.raises(UserError, match="development kit"):
        listed(tmp_path / "val")
    devkit = write_devkit(tmp_path / "kit")
    if not packed:
        with tarfile.open(devkit) as archive:
            archive.extractall(tmp_path / "open", filter="data")
        devkit = tmp_path / "open" / "ILSVRC2012_devkit_t12"
    pictures = listed(tmp_path / "val", devkit)
    assert labels_of(pictures) == EXPECTED
    assert read_bytes(*pictures[2][2:5]) == jpeg(2)


def test_a_folder_per_wnid_needs_no_devkit(tmp_path: Path) -> None:
    for number, (name, wnid) in enumerate(zip(NAMES, TRUTH, strict=True)):
        (tmp_path / wnid).mkdir(exist_ok=True)
        (tmp_path / wnid / f"{name}.JPEG").write_bytes(jpeg(number))
    assert labels_of(listed(tmp_path)) == EXPECTED


def test_another_archive_than_the_published_one_is_refused(tmp_path: Path) -> None:
    tar = write_val_tar(tmp_path)
    write_devkit(tmp_path)
    with pytest.raises(UserError, match=r"as published it has 29b22e29.*pictures.verify: false"):
        listed(tar, verify=True)


def test_a_tar_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    tar = write_val_tar(tmp_path)
    write_devkit(tmp_path)
    tar.write_bytes(tar.read_bytes()[:15_000])
    with pytest.raises(UserError, match="cut short"):
        listed(tar)


def test_a_picture_without_a_ground_truth_is_named(tmp_path: Path) -> None:
    write_devkit(tmp_path)
    tar = write_tar(tmp_path / "ILSVRC2012_img_val.tar", [("ILSVRC2012_val_00000005.JPEG", b"x")])
    with pytest.raises(UserError, match=r"ILSVRC2012_val_00000005.*from 1 to 4"):
        listed(tar)


@pytest.mark.parametrize("share", [0.3, 0.6])
def test_a_devkit_that_is_cut_short_is_named(tmp_path: Path, share: float) -> None:
    write_val_tar(tmp_path)
    kit = write_devkit(tmp_path)
    whole = kit.read_bytes()
    kit.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(UserError, match=r"pictures\.devkit: "):
        listed(tmp_path / "ILSVRC2012_img_val.tar")


def test_a_devkit_without_its_files_is_named(tmp_path: Path) -> None:
    tar = write_val_tar(tmp_path)
    kit = write_tar(tmp_path / "ILSVRC2012_devkit_t12.tar.gz", [("top/readme.txt", b"")], "w:gz")
    with pytest.raises(UserError, match=r"holds no data/meta\.mat"):
        listed(tar, kit)


def test_bytes_that_are_not_there_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(np.zeros(100, np.uint8).tobytes())
    with pytest.raises(UserError, match="cut short: 40 of 50 bytes at offset 60"):
        read_bytes(tmp_path / "a.tar", 60, 50)
