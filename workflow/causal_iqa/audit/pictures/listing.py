"""Pictures of any kind, unlabelled: in a folder, a CSV list, a tar, or WebDataset shards."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from causal_iqa.core.archives import check_regular, read_bytes
from causal_iqa.core.errors import UserError
from causal_iqa.pictures.finding import (
    COMPRESSED,
    Entry,
    Skipped,
    aside_in_list,
    below,
    inside,
    said,
)
from causal_iqa.pictures.lists import read_csv
from causal_iqa.pictures.webdataset import is_shard, sample_of

FORMS = "a folder of pictures or of .tar shards, a .csv with the column file, or a .tar of pictures"


class Found(NamedTuple):
    """A picture before anything was read of it.

    name: its path below the folder, 'shard:path' in a tar, or as the CSV writes it; unique.
    group: the folder in the folder or shard, '' at the top, or the CSV's column ``group``.
    label: the CSV's column ``label`` or the sample's .cls in a shard, as written; None where there
    is none. path: its file, or the tar that holds it at ``offset`` (None: a file of its own),
    ``size`` bytes long (0 for a file of its own).
    """

    name: str
    group: str
    label: str | None
    path: Path
    offset: int | None = None
    size: int = 0


def list_any(path: Path) -> list[Found]:
    """The pictures of a folder (with all below it), CSV, tar or WebDataset, by name.

    What is a picture: ``pictures.finding``. No picture is opened, so that an entry may prove
    unreadable, or its file may even be absent where a CSV names it. Raises UserError where
    ``path`` is of another kind or holds no picture, for a folder or tar that cannot be read, and
    for a name listed twice.
    """
    return listed(path)[0]


def listed(path: Path) -> tuple[list[Found], list[Skipped]]:
    """``list_any``, and what was passed over. Raises UserError as it does."""
    pictures, skipped = [], []
    for one in _found(path):
        pictures.append(one) if isinstance(one, Found) else skipped.append(one)
    if not pictures:
        raise UserError(f"{path} holds no picture: {said(skipped) or 'it is empty'}")
    # By name: file systems list in an order of their own.
    pictures.sort(key=attrgetter("name"))
    for one, two in itertools.pairwise(pictures):
        if one.name == two.name:
            raise UserError(f"{path} lists {one.name!r} twice; leave one out")
    return pictures, skipped


def _found(path: Path) -> Iterator[Found | Skipped]:
    suffix = path.suffix.lower()
    if path.is_dir():
        return _of_folder(path)
    if not path.exists():
        raise UserError(f"{path} is not there; name {FORMS}")
    check_regular(path)
    if suffix == ".csv":
        return _of_csv(path)
    if suffix == ".tar":
        return _of_tar(path, path.name)
    if suffix in COMPRESSED:
        raise UserError(f"{path} is compressed; unpack it, then name the folder or the .tar")
    raise UserError(f"{path} is not of a kind that is listed; name {FORMS}")


def _of_folder(root: Path) -> Iterator[Found | Skipped]:
    for entry in below(root):
        if is_shard(entry):
            yield from _of_tar(entry.path, entry.name)
        elif entry.skipped:
            yield Skipped(entry.name, entry.skipped)
        else:
            yield Found(entry.name, entry.folder, None, entry.path)


def _of_tar(tar: Path, shard: str) -> Iterator[Found | Skipped]:
    """The pictures of a tar that is called ``shard`` in their names."""
    entries = list(inside(tar))
    labels = {key: e for e in entries for key, suffix in [sample_of(e.name)] if suffix == ".cls"}
    samples = {sample_of(entry.name)[0] for entry in entries if not entry.skipped}
    for entry in entries:
        name, (key, suffix) = f"{shard}:{entry.name}", sample_of(entry.name)
        if not entry.skipped:
            label = _text(labels.get(key))
            yield Found(name, entry.folder, label, tar, entry.offset, entry.size)
        # The .cls of a picture was read as its label, so that it was not passed over.
        elif suffix != ".cls" or key not in samples:
            yield Skipped(name, entry.skipped)


def _text(label: Entry | None) -> str | None:
    """What a .cls says."""
    if label is None:
        return None
    data = read_bytes(label.path, label.offset, label.size)
    # Replaced, not refused: a label that is not understood stops no audit.
    return data.decode("utf-8", "replace").strip() or None


def _of_csv(csv: Path) -> Iterator[Found | Skipped]:
    """Rows of a CSV ``file`` (optionally ``group``, ``label``); paths are relative to the CSV."""
    for line, row in read_csv(csv, ["file"], ", and may have group and label"):
        if not row["file"]:
            raise UserError(f"{csv}, line {line}: file is empty; name a picture or drop the line")
        if reason := aside_in_list(row["file"]):
            yield Skipped(row["file"], reason)
            continue
        file = csv.parent / row["file"]
        yield Found(row["file"], row.get("group", ""), row.get("label") or None, file)
