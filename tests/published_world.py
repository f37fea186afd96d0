"""ImageNet, ImageNet-C and WebDataset as published, in miniature: true layouts, few pictures."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import scipy.io
from PIL import Image

WNIDS = ("n01440764", "n02814533", "n15075141")
"""Ranks 0, 436 and 999 of the thousand; their ILSVRC2012_IDs are other numbers."""
IDS = {"n01440764": 449, "n02814533": 12, "n15075141": 1000}
TRUTH = ("n02814533", "n01440764", "n15075141", "n02814533")
"""Class of validation pictures 1 to 4."""
NAMES = tuple(f"ILSVRC2012_val_{number:08d}" for number in range(1, 5))


def jpeg(seed: int, size: tuple[int, int] = (300, 260)) -> bytes:
    """A picture of low-frequency colour, as JPEG."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(small).resize(size, Image.Resampling.BICUBIC).save(buffer, "JPEG")
    return buffer.getvalue()


def write_tar(path: Path, files: Iterable[tuple[str, bytes]], mode: str = "w") -> Path:
    """A tar of (name, content), with the entries of its folders before them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        folders: set[str] = set()
        for name, content in files:
            folder = name.rpartition("/")[0]
            if folder and folder not in folders:
                folders.add(folder)
                entry = tarfile.TarInfo(folder)
                entry.type = tarfile.DIRTYPE
                archive.addfile(entry)
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def write_val_tar(folder: Path) -> Path:
    """ILSVRC2012_img_val.tar: flat."""
    files = [(f"{name}.JPEG", jpeg(number)) for number, name in enumerate(NAMES)]
    return write_tar(folder / "ILSVRC2012_img_val.tar", files)


def write_devkit(folder: Path) -> Path:
    """ILSVRC2012_devkit_t12.tar.gz with ``meta.mat`` and the ground truth."""
    synsets = np.zeros(
        len(IDS) + 1, dtype=[("ILSVRC2012_ID", object), ("WNID", object), ("words", object)]
    )
    for row, (wnid, number) in enumerate([*IDS.items(), ("n00001740", 1001)]):
        synsets[row] = (number, wnid, f"words of {wnid}")
    meta = io.BytesIO()
    scipy.io.savemat(meta, {"synsets": synsets})
    truth = "".join(f"{IDS[wnid]}\n" for wnid in TRUTH).encode()
    top = "ILSVRC2012_devkit_t12"
    files = [
        (f"{top}/data/meta.mat", meta.getvalue()),
        (f"{top}/data/ILSVRC2012_validation_ground_truth.txt", truth),
    ]
    return write_tar(folder / f"{top}.tar.gz", files, "w:gz")


def corrupted_files(corruptions: Iterable[str], severities: Iterable[int]) -> dict[str, bytes]:
    """Members of an ImageNet-C archive: 224x224 pictures of every validation picture."""
    return {
        f"{corruption}/{severity}/{wnid}/{name}.JPEG": jpeg(
            hash_of(corruption, severity, name), (224, 224)
        )
        for corruption in corruptions
        for severity in severities
        for name, wnid in zip(NAMES, TRUTH, strict=True)
    }


def hash_of(*parts: object) -> int:
    """A small number that is the same in every process."""
    return sum(ord(letter) * (place + 1) for place, letter in enumerate(repr(parts))) % 10_000


def write_shards(folder: Path) -> Path:
    """Two WebDataset shards: labels in .cls and in .json, one sample below a folder."""
    write_tar(
        folder / "val-000000.tar",
        [("000.jpg", jpeg(1)), ("000.cls", b"436"), ("a/001.JPEG", jpeg(2)), ("a/001.cls", b"0\n")],
    )
    described = json.dumps({"label": "n15075141", "caption": "x"}).encode()
    write_tar(folder / "val-000001.tar", [("002.json", described), ("002.jpg", jpeg(3))])
    return folder
