"""Sources of labelled pictures. Adding one is an entry in SOURCES: config -> listing."""

from __future__ import annotations

import hashlib
import importlib.util
import itertools
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from causal_iqa.archives import stamp
from causal_iqa.errors import UserError
from causal_iqa.pictures.classes import Labels, read_class_map, read_classes
from causal_iqa.pictures.folders import list_folder
from causal_iqa.pictures.imagenet import files_of, list_imagenet
from causal_iqa.pictures.imagenette import list_imagenette
from causal_iqa.pictures.picture import SUFFIXES, Picture
from causal_iqa.pictures.webdataset import list_webdataset
from causal_iqa.seeding import generator

if TYPE_CHECKING:
    from causal_iqa.config import Pictures


class Source(NamedTuple):
    """How the pictures of a source are listed.

    archives: the files and folders that stand for a listing that takes long; what is listed is
    listed anew once one of them has another size or time. None: a listing is quick, and every
    picture's own size and time count.
    """

    pictures: Callable[[Pictures, Labels], list[Picture]]
    archives: Callable[[Pictures], Sequence[Path]] | None = None


def list_pictures(config: Pictures) -> list[Picture]:
    """The pictures of the configured source and subset, by image_id. No picture is opened.

    Raises UserError for a missing folder, an empty set, a doubled id, an unknown label.
    """
    labels = Labels(read_classes(config.classes), class_map_of(config))
    pictures = sorted(SOURCES[config.source].pictures(config, labels))
    if not pictures:
        raise UserError(
            f"pictures.path: {config.path} holds no picture; looked for {', '.join(SUFFIXES)} in "
            "its sub-folders (a folder per class), or list them in a CSV file,label"
        )
    for picture in pictures:
        if "/" in picture.image_id:
            raise UserError(
                f"pictures: image_id {picture.image_id!r} of {picture.path} holds a '/'"
            )
    for one, two in itertools.pairwise(pictures):
        if one.image_id == two.image_id:
            raise UserError(
                f"pictures: id {one.image_id!r} is both {one.path} and {two.path}; rename one, or "
                "list the pictures in a CSV image_id,file,label"
            )
    if config.subset is None:
        return pictures
    return take_subset(pictures, config.subset.per_class, config.subset.seed)


def take_subset(pictures: Sequence[Picture], per_class: int, seed: int) -> list[Picture]:
    """At most ``per_class`` pictures of every class, drawn once: a larger subset holds a smaller.

    pictures: sorted. The draw depends on a class's own pictures and on nothing else.
    """
    by_label: dict[int, list[Picture]] = {}
    for picture in pictures:
        by_label.setdefault(picture.label, []).append(picture)
    taken = []
    for label, mine in by_label.items():
        order = generator(seed, "subset", str(label)).permutation(len(mine))
        taken += [mine[place] for place in np.sort(order[:per_class])]
    return sorted(taken)


def listing_fingerprint(config: Pictures) -> str:
    """Changes with what ``list_pictures`` would find, as far as can be told within a second.

    Raises UserError as ``list_pictures`` where a listing is quick, and for missing archives.
    """
    digest = hashlib.sha256()
    archives = SOURCES[config.source].archives
    if archives is None:
        for image_id, label, path, *_ in list_pictures(config):
            digest.update(f"{image_id}\0{label}\0{path}\0{stamp(path)}\n".encode())
    else:
        for path in archives(config):
            if not path.exists():
                raise UserError(f"pictures.path: there is no {path}")
            digest.update(f"{path}\0{stamp(path)}\n".encode())
    return digest.hexdigest()[:16]


def class_map_of(config: Pictures) -> dict[str, int] | None:
    """The user's class names -> indices of the classes; None without ``class_map``."""
    if config.class_map is None:
        return None
    return read_class_map(config.class_map, read_classes(config.classes))


def _embedded(config: Pictures, labels: Labels) -> list[Picture]:
    """foolbox's ImageNet photographs, ``imagenet_NN_CLASS.jpg`` with the class index in the name.

    The package is found, not imported.
    """
    spec = importlib.util.find_spec("foolbox")
    if spec is None or spec.origin is None:
        raise UserError("Package foolbox is not installed. Run: pip install foolbox==3.3.4")
    folder = Path(spec.origin).parent / "data"
    found = ((path, re.fullmatch(r"imagenet_(\d+)_(\d+)", path.stem)) for path in folder.iterdir())
    return [
        Picture(f"foolbox_{match[1]}", labels.index(match[2], str(path)), path)
        for path, match in found
        if match
    ]


def _path(config: Pictures) -> Path:
    assert config.path is not None  # the configuration sees to it
    return config.path


SOURCES: dict[str, Source] = {
    "embedded": Source(_embedded),
    "imagefolder": Source(lambda config, labels: list_folder(_path(config), labels)),
    "webdataset": Source(
        lambda config, labels: list_webdataset(_path(config), labels),
        lambda config: sorted(_path(config).glob("*.tar")) or [_path(config)],
    ),
    "imagenet": Source(
        lambda config, labels: list_imagenet(_path(config), config.devkit, config.verify, labels),
        lambda config: files_of(_path(config), config.devkit),
    ),
    "imagenette": Source(
        lambda config, labels: list_imagenette(config.path, labels),
        lambda config: [] if config.path is None else [config.path],
    ),
}
