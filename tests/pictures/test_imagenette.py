"""Imagenette's archive, in miniature: unpacked once, then read in place."""

import errno
from pathlib import Path

import pytest
from published_world import jpeg, write_tar

from causal_iqa.core.archives import read_bytes
from causal_iqa.core.config import Pictures
from causal_iqa.core.errors import UserError
from causal_iqa.pictures import imagenette
from causal_iqa.pictures.classes import Labels, imagenet_classes

LABELS = Labels(imagenet_classes(), None)
FILES = {
    "imagenette2-320/val/n01440764/ILSVRC2012_val_00000293.JPEG": jpeg(0),
    "imagenette2-320/val/n03888257/ILSVRC2012_val_00001598.JPEG": jpeg(1),
    "imagenette2-320/train/n03888257/n03888257_1.JPEG": jpeg(2),
    "imagenette2-320/noisy_imagenette.csv": b"path",
}


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write_tar(tmp_path / "imagenette2-320.tgz", FILES.items(), "w:gz")


def test_validation_pictures_with_imagenets_labels(archive: Path) -> None:
    imagenette.write_tar(archive, imagenette.TAR)
    pictures = sorted(imagenette.list_imagenette(archive, LABELS))
    assert [(p.image_id, p.label) for p in pictures] == [
        ("ILSVRC2012_val_00000293", 0),
        ("ILSVRC2012_val_00001598", 701),
    ]
    assert read_bytes(*pictures[1][2:5]) == jpeg(1)


def test_what_was_not_fetched_yet_is_not_called_damaged(archive: Path) -> None:
    with pytest.raises(UserError, match=r"320\.tar is not there yet; the target weights"):
        list(imagenette.list_imagenette(None, LABELS))


def test_an_unpacked_folder_needs_no_tar(archive: Path, tmp_path: Path) -> None:
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    folder = tmp_path / "imagenette2-320"
    assert len(list(imagenette.list_imagenette(folder, LABELS))) == 2
    made = {"source": "imagenette", "path": folder}
    assert imagenette.tar_of(Pictures.model_validate(made)) == []
    assert imagenette.tar_of(Pictures(source="imagenette")) == [str(imagenette.TAR)]
    assert imagenette.tar_of(Pictures()) == []


@pytest.mark.parametrize("damage", ["cut short", "turned bits", "no archive"])
def test_a_damaged_archive_leaves_no_tar(archive: Path, damage: str) -> None:
    whole = archive.read_bytes()
    middle = bytes(255 - byte for byte in whole[40:80])
    damaged = {
        "cut short": whole[:-20],
        "turned bits": whole[:40] + middle + whole[80:],
        "no archive": b"<html>",
    }
    archive.write_bytes(damaged[damage])
    with pytest.raises(UserError, match="cannot be unpacked"):
        imagenette.write_tar(archive, imagenette.TAR)
    assert not list(imagenette.TAR.parent.iterdir())


def test_a_full_disk_is_not_called_a_damaged_archive(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("shutil.copyfileobj", full)
    with pytest.raises(OSError, match="No space left"):
        imagenette.write_tar(archive, imagenette.TAR)


def test_without_a_network_the_error_says_what_to_put_where(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_: object) -> None:
        raise OSError("no route")

    monkeypatch.setattr("torchvision.datasets.utils.download_url", unreachable)
    with pytest.raises(
        UserError, match=r"imagenette2-320\.tgz.*cannot be fetched.*as pictures\.path"
    ):
        imagenette.write_tar(None, imagenette.TAR)
