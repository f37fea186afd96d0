"""ImageNet's validation pictures as published: ILSVRC2012_img_val.tar, or what was unpacked of it.

The archive is flat and names pictures by their number; their classes stand in the development kit:
line i of the ground truth is the ILSVRC2012_ID of picture i, and ``meta.mat`` says which WordNet id
that is. A network's class index is the rank of the WordNet id among the thousand (``Labels``),
not the ILSVRC2012_ID. Facts: torchvision/datasets/imagenet.py.
"""

from __future__ import annotations

import io
import re
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath

from causal_iqa.core.errors import UserError
from causal_iqa.pictures.checksums import check_md5
from causal_iqa.pictures.classes import Labels
from causal_iqa.pictures.finding import Entry, Skipped, below, inside
from causal_iqa.pictures.folders import by_class
from causal_iqa.pictures.picture import Picture

VAL_TAR, VAL_MD5 = "ILSVRC2012_img_val.tar", "29b22e2961454d5413ddabcf34fc5622"
DEVKIT_TAR, DEVKIT_MD5 = "ILSVRC2012_devkit_t12.tar.gz", "fa75699e90414af021442c21a62c3abf"
CLASS_FOLDERS = "n[0-9]*"
GROUND_TRUTH, META = "data/ILSVRC2012_validation_ground_truth.txt", "data/meta.mat"


def list_imagenet(
    path: Path, devkit: Path | None, verify: bool, labels: Labels
) -> Iterator[Picture | Skipped]:
    """The validation pictures below ``path``: the tar, a folder that holds it, an unpacked folder.

    An unpacked folder is flat or has a folder per WordNet id; only the latter needs no devkit (the
    published .tar.gz or its unpacked folder; None: beside the pictures). verify: compare the
    published archives with their published MD5 first.
    """
    path = _place(path)
    if path.is_dir() and _by_class(path):
        return by_class(below(path), labels, str(path))
    if path.is_file() and verify:
        check_md5(path, VAL_MD5, "pictures.verify")
    entries = inside(path) if path.is_file() else below(path)
    return _labelled(
        entries, path, _wnids_by_number(devkit or _devkit_beside(path), verify), labels
    )


def files_of(path: Path, devkit: Path | None) -> list[Path]:
    """What a listing of ``path`` reads: the pictures' place and, where it is needed, the devkit."""
    path = _place(path)
    if path.is_dir() and _by_class(path):
        return [path, *sorted(path.glob(CLASS_FOLDERS))]
    return [path, devkit or _devkit_beside(path)]


def _place(path: Path) -> Path:
    """The tar where ``path`` is its folder."""
    if (path / VAL_TAR).is_file():
        return path / VAL_TAR
    if not path.exists():
        raise UserError(
            f"pictures.path: {path} is neither {VAL_TAR} nor a folder that holds it or its pictures"
        )
    return path


def _by_class(path: Path) -> bool:
    return next(path.glob(CLASS_FOLDERS), None) is not None


def _labelled(
    entries: Iterable[Entry], source: Path, wnids: list[str], labels: Labels
) -> Iterator[Picture | Skipped]:
    for entry in entries:
        if entry.skipped or (source.is_dir() and "/" in entry.name):
            yield Skipped(entry.name, entry.skipped or "in a folder of a flat set")
            continue
        stem = PurePath(entry.name).stem
        number = re.fullmatch(r"ILSVRC2012_val_(\d{8})", stem)
        if number is None or not 1 <= int(number[1]) <= len(wnids):
            raise UserError(
                f"{source}: {entry.name} is not ILSVRC2012_val_NNNNNNNN with a number from 1 to "
                f"{len(wnids)}, as many as the ground truth has lines"
            )
        label = labels.index(wnids[int(number[1]) - 1], f"{source}: {entry.name}")
        yield Picture(stem, label, entry.path, entry.offset, entry.size)


def _devkit_beside(path: Path) -> Path:
    folder = path if path.is_dir() else path.parent
    places = [
        candidate
        for base in (folder, folder.parent)
        for candidate in (base / DEVKIT_TAR, base / DEVKIT_TAR.removesuffix(".tar.gz"))
    ]
    for place in places:
        if place.exists():
            return place
    raise UserError(
        f"pictures.devkit: the labels of {path} stand in ImageNet's development kit, and there is "
        f"none at {' or '.join(map(str, places))}. Get {DEVKIT_TAR} from image-net.org, or give a "
        "folder with a folder per WordNet id."
    )


def _wnids_by_number(devkit: Path, verify: bool) -> list[str]:
    """WordNet id of each validation picture; the first is of picture number 1."""
    import scipy.io

    if verify and devkit.is_file():
        check_md5(devkit, DEVKIT_MD5, "pictures.verify")
    # squeeze_me: MATLAB wraps every value into an array. WordNet's inner nodes are listed too, but
    # no line of the ground truth names one.
    synsets = scipy.io.loadmat(io.BytesIO(_devkit_file(devkit, META)), squeeze_me=True)["synsets"]
    wnid_of = {int(synset["ILSVRC2012_ID"]): str(synset["WNID"]) for synset in synsets.ravel()}
    numbers = _devkit_file(devkit, GROUND_TRUTH).split()
    try:
        return [wnid_of[int(number)] for number in numbers]
    except (KeyError, ValueError) as error:
        raise UserError(f"{devkit}: {GROUND_TRUTH} holds {error}, no id of {META}") from None


def _devkit_file(devkit: Path, name: str) -> bytes:
    """A file of the kit, packed or not, below its top folder or not."""
    try:
        if devkit.is_dir():
            top = devkit / DEVKIT_TAR.removesuffix(".tar.gz")
            return ((top if top.is_dir() else devkit) / name).read_bytes()
        with tarfile.open(devkit) as archive:
            for member in archive:
                if member.name.endswith(name):
                    file = archive.extractfile(member)
                    if file is not None:
                        return file.read()
    # The last two: of a .tar.gz that is cut short or damaged.
    except (OSError, tarfile.TarError, EOFError, zlib.error) as error:
        raise UserError(f"pictures.devkit: {devkit}: {error}") from error
    raise UserError(f"pictures.devkit: {devkit} holds no {name}")
