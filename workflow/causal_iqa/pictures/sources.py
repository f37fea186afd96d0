"""Sources of labelled pictures. Adding one is an entry in SOURCES: config -> listing."""

from __future__ import annotations

import hashlib
import importlib.util
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from causal_iqa.core.archives import stamp
from causal_iqa.core.errors import UserError, nearest
from causal_iqa.core.seeding import generator
from causal_iqa.pictures.classes import Labels, read_class_map, read_classes
from causal_iqa.pictures.finding import Skipped, aside, printable, said
from causal_iqa.pictures.folders import list_folder
from causal_iqa.pictures.imagenet import files_of, list_imagenet
from causal_iqa.pictures.imagenette import list_imagenette
from causal_iqa.pictures.picture import Picture
from causal_iqa.pictures.webdataset import list_webdataset, shards_of

if TYPE_CHECKING:
    from causal_iqa.core.config import Pictures


Found = Picture | Skipped


class Source(NamedTuple):
    """How the pictures of a source are listed.

    archives: the files and folders that stand for a listing that takes long; what is listed is
    listed anew once one of them has another size or time. None: a listing is quick, and every
    picture's own size and time count. as_published: its files are ImageNet's own, and read as its
    users read them (``matched.matched``).
    """

    found: Callable[[Pictures, Labels], Iterable[Found]]
    archives: Callable[[Pictures], Sequence[Path]] | None = None
    as_published: bool = False


class Listing(NamedTuple):
    """What can be told of a listing within a second.

    pictures, skipped: change with what would be listed and passed over. found: so many pictures;
    None where they stand in archives, whose listing takes long.
    """

    pictures: str
    skipped: str
    found: int | None


FORMS = "a folder with a folder per class, or a CSV file,label"


def list_pictures(config: Pictures) -> list[Picture]:
    """The pictures of the configured source and subset, by image_id. No picture is opened.

    Pictures of one file name take their folder or shard into their ids. Raises UserError for a
    missing folder, an empty set, a doubled id, an unknown label.
    """
    return _pictures(config, _found(config))


def list_skipped(config: Pictures) -> list[Skipped]:
    """The files that ``list_pictures`` passes over, and why. Raises UserError as it does."""
    return [found for found in _found(config) if isinstance(found, Skipped)]


def _found(config: Pictures) -> list[Found]:
    labels = Labels(read_classes(config.classes), class_map_of(config))
    return list(SOURCES[config.source].found(config, labels))


def _pictures(config: Pictures, found: Iterable[Found]) -> list[Picture]:
    pictures, skipped = [], []
    for one in found:
        pictures.append(one) if isinstance(one, Picture) else skipped.append(one)
    if not pictures:
        raise UserError(
            f"pictures.path: {config.path} holds no picture: "
            f"{said(skipped) or 'it is empty'}. It needs "
            + ("shards: .tar files" if config.source == "webdataset" else FORMS)
        )
    pictures = sorted(told_apart(pictures))
    for picture in pictures:
        _check_id(picture)
    for one, two in itertools.pairwise(pictures):  # sorted: what shares an id is side by side
        if one[2:4] == two[2:4]:
            raise UserError(f"pictures: {one.path} is listed twice; leave one out")
        if one.image_id == two.image_id:
            raise UserError(
                f"pictures: id {one.image_id!r} is both {one.path} and {two.path}; rename one, or "
                "list the pictures in a CSV image_id,file,label"
            )
    if config.subset is None:
        return pictures
    return take_subset(pictures, config.subset.per_class, config.subset.seed)


def told_apart(pictures: Iterable[Picture]) -> list[Picture]:
    """Pictures whose ids no two share, as far as their folders or shards and suffixes tell.

    ``a/1.jpg`` and ``b/1.jpg`` become ``a_1`` and ``b_1``; ``a/1.jpg`` and ``a/1.png`` become
    ``a_1.jpg`` and ``a_1.png``. An id that nothing shares stays as it is.
    """
    return _apart(_apart(list(pictures), _with_folder), _with_suffix)


def _apart(pictures: list[Picture], longer: Callable[[Picture], str]) -> list[Picture]:
    counts = Counter(picture.image_id for picture in pictures)
    return [
        picture._replace(image_id=longer(picture)) if counts[picture.image_id] > 1 else picture
        for picture in pictures
    ]


def _with_folder(picture: Picture) -> str:
    return "_".join((*PurePath(picture.folder).parts, picture.image_id))  # "." has no parts


def _with_suffix(picture: Picture) -> str:
    # Without a folder the id may have been given; with an offset the suffix would be a tar's.
    suffix = picture.path.suffix if picture.folder and picture.offset is None else ""
    return picture.image_id + suffix


def _check_id(picture: Picture) -> None:
    """Raise UserError for an id that no table or archive can hold."""
    image_id, path = picture.image_id, picture.path
    if printable(image_id) != image_id or printable(str(path)) != str(path):
        raise UserError(
            f"pictures: the file name of {printable(str(path))} is not UTF-8; rename it"
        )
    if "/" in image_id:
        raise UserError(f"pictures: image_id {image_id!r} of {path} holds a '/'")


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


def listing(config: Pictures) -> Listing:
    """Raises UserError as ``list_pictures`` where a listing is quick, and for missing archives."""
    archives = SOURCES[config.source].archives
    if archives is not None:
        paths = archives(config)
        for path in paths:
            if not path.exists():
                raise UserError(f"pictures.path: there is no {path}")
        stamps = _digest(f"{path}\0{stamp(path)}" for path in paths)
        return Listing(stamps, stamps, None)
    found = _found(config)
    pictures = _pictures(config, found)
    return Listing(
        _digest(f"{p.image_id}\0{p.label}\0{p.path}\0{_stamp(p.path)}" for p in pictures),
        _digest(sorted(f"{one.name}\0{one.reason}" for one in found if isinstance(one, Skipped))),
        len(pictures),
    )


def _stamp(path: Path) -> str:
    """Raises UserError for a link that leads nowhere."""
    if found := stamp(path):
        return found
    link = f", a link to {path.readlink()}," if path.is_symlink() else ""
    raise UserError(f"pictures: {path}{link} is not there; restore it, or remove it from the set")


def _digest(lines: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for line in lines:
        # Names of files may hold bytes that are no UTF-8.
        digest.update(f"{line}\n".encode(errors="surrogateescape"))
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
    """Where the pictures are, the split that is asked for."""
    assert config.path is not None  # the configuration sees to it
    if config.split is None:
        return config.path
    path = config.path / config.split
    if not path.is_dir():
        folders = (child.name for child in config.path.glob("*") if child.is_dir())
        inside = sorted(name for name in folders if not aside(name))
        raise UserError(
            f"pictures.split: there is no folder {path}; {nearest(config.split, inside)}"
        )
    return path


SOURCES: dict[str, Source] = {
    "embedded": Source(_embedded),
    "imagefolder": Source(lambda config, labels: list_folder(_path(config), labels)),
    "webdataset": Source(
        lambda config, labels: list_webdataset(_path(config), labels),
        # Without a shard, the folder: its time changes when one comes.
        lambda config: shards_of(_path(config)) or [_path(config)],
    ),
    "imagenet": Source(
        lambda config, labels: list_imagenet(_path(config), config.devkit, config.verify, labels),
        lambda config: files_of(_path(config), config.devkit),
        as_published=True,
    ),
    "imagenette": Source(
        lambda config, labels: list_imagenette(config.path, labels),
        lambda config: [] if config.path is None else [config.path],
    ),
}
