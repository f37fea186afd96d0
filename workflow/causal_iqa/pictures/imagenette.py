"""Imagenette (fast.ai): ten of ImageNet's classes, free to download, by WordNet id.

The archive is a compressed tar, which cannot be read in place; it is unpacked once to a plain one.
"""

from __future__ import annotations

import gzip
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from causal_iqa.core.contract import atomic
from causal_iqa.core.errors import UserError
from causal_iqa.core.refusals import WRITING, error_number
from causal_iqa.pictures.classes import Labels
from causal_iqa.pictures.finding import Skipped, below, inside
from causal_iqa.pictures.folders import by_class
from causal_iqa.pictures.picture import Picture

if TYPE_CHECKING:
    from causal_iqa.core.config import Pictures

NAME = "imagenette2-320"
TAR = Path("resources/pictures") / f"{NAME}.tar"
"""Where the pictures are kept, below the working directory."""


def tar_of(config: Pictures) -> list[str]:
    """The tar that the manifest is listed from; none for other sources and unpacked folders."""
    unpacked = config.path is not None and config.path.is_dir()
    return [str(TAR)] if config.source == "imagenette" and not unpacked else []


def write_tar(archive: Path | None, tar: Path) -> None:
    """Make the plain tar from ``archive``, the published .tgz, or from a download (None).

    The download is torchvision's, which compares the MD5.
    """
    if archive is not None:
        _unpack(archive, tar)
        return
    from torchvision.datasets import Imagenette
    from torchvision.datasets.utils import download_url

    # torchvision's own table, though private: URL and MD5 stay in one place.
    url, md5 = Imagenette._ARCHIVES["320px"]
    tar.parent.mkdir(parents=True, exist_ok=True)
    packed = tar.parent / f"{NAME}.tgz"
    try:
        download_url(url, str(tar.parent), packed.name, md5)
    # RuntimeError: torchvision's, for another MD5.
    except (OSError, RuntimeError) as error:
        if error_number(error) in WRITING:
            raise
        raise UserError(
            f"{url} cannot be fetched: {error}. Fetch it where there is a network, and give "
            f"the path of {NAME}.tgz as pictures.path"
        ) from error
    _unpack(packed, tar)
    packed.unlink()  # last: a fault while unpacking costs no second download


def _unpack(archive: Path, tar: Path) -> None:
    try:
        with gzip.open(archive) as packed, atomic(tar) as temporary, temporary.open("wb") as plain:
            shutil.copyfileobj(packed, plain, 1 << 20)
    # For an archive that is none, cut short, damaged; other OSErrors are of the disk.
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UserError(f"{archive} cannot be unpacked: {error}. Fetch it again.") from error


def list_imagenette(path: Path | None, labels: Labels) -> Iterator[Picture | Skipped]:
    """The validation pictures of an unpacked folder, or (else) of the tar at ``TAR``.

    Raises UserError where neither is there.
    """
    if path is not None and path.is_dir():
        yield from by_class(below(path / "val"), labels, str(path / "val"))
        return
    if not TAR.exists():
        raise UserError(f"{TAR} is not there yet; the target weights fetches it")
    top = f"{NAME}/val/"
    entries = (entry for entry in inside(TAR) if entry.name.startswith(top))
    inner = (entry._replace(name=entry.name.removeprefix(top)) for entry in entries)
    yield from by_class(inner, labels, f"{TAR}: {NAME}/val")
