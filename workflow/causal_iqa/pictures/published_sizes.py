"""How large published pictures are and how many there are: what can be told before a download.

Bytes of ImageNet-C's archives are Zenodo's (record 2235448), as others quote them; those of
ImageNet are the length that image-net.org states; those of Imagenette are Hugging Face's
(frgfm/imagenette), of the archive with the MD5 that torchvision knows. None could be downloaded
where this was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from causal_iqa.core.config import Pictures
from causal_iqa.pictures.imagenet import DEVKIT_TAR, VAL_TAR
from causal_iqa.pictures.imagenette import NAME, TAR

IMAGENET_C = {
    "noise.tar": 22_565_673_785,
    "blur.tar": 7_112_704_951,
    "weather.tar": 12_797_438_995,
    "digital.tar": 7_757_510_705,
    "extra.tar": 15_789_490_144,
}
FETCHED = "the target weights fetches it"


class Download(NamedTuple):
    """A file that is not here yet; size None: nobody says."""

    name: str
    size: int | None
    how: str


class Count(NamedTuple):
    """Pictures of a published set and their classes, each of about as many."""

    pictures: int
    classes: int


COUNTS = {"imagenet": Count(50_000, 1000), "imagenette": Count(3_925, 10)}
"""Of the validation pictures, by source."""


def known_count(config: Pictures) -> int | None:
    """So many pictures a published set has, or the subset of it; None for any other set."""
    known = COUNTS.get(config.source)
    if known is None or config.subset is None:
        return known and known.pictures
    return min(known.pictures, config.subset.per_class * known.classes)


def missing_pictures(config: Pictures) -> Iterator[Download]:
    """What a published set lacks here."""
    if config.source == "imagenette" and config.path is None and not TAR.exists():
        yield Download(f"{NAME}.tgz", 341_663_724, FETCHED)
    if config.source == "imagenet" and config.path is not None and _is_empty(config.path):
        where = f"from image-net.org, which asks for an account, into {config.path}"
        yield Download(VAL_TAR, 6_744_924_160, where)
        yield Download(DEVKIT_TAR, 2_568_634, where)


def _is_empty(place: Path) -> bool:
    return not place.exists() or (place.is_dir() and next(place.iterdir(), None) is None)


def missing_archives(archives: Iterable[Path]) -> Iterator[Download]:
    """Those of ImageNet-C that are not here."""
    for archive in archives:
        if not archive.exists():
            where = f"from zenodo.org/records/2235448, into {archive.parent}"
            yield Download(archive.name, IMAGENET_C.get(archive.name), where)
