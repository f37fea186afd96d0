"""Which files are pictures, in folders and in tars: one answer for every source.

A file is one by its suffix, whatever it holds, so that a broken picture is named and not taken for
something else; and by its first bytes, whatever it is called. Everything else is passed over, each
with the reason: nothing is left out without a word.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple, NoReturn

import polars as pl

from causal_iqa.core.archives import TarMember, read_bytes, special_file, tar_entries
from causal_iqa.core.columns import SKIPPED
from causal_iqa.core.contract import read_table, write_table
from causal_iqa.core.errors import UserError
from causal_iqa.pictures.decode import HEAD, kind_of

SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".bmp", ".dib", ".gif", ".webp"),
    *(".tif", ".tiff", ".jp2", ".j2k", ".jpx", ".pbm", ".pgm", ".ppm", ".pnm", ".pfm"),
    *(".avif", ".heic", ".heif", ".jxl"),
)
"""Files that are pictures whatever they hold; of any other the first bytes are looked at."""
COMPRESSED = (".gz", ".tgz", ".bz2", ".tbz2", ".xz", ".txz", ".zst", ".zip", ".7z", ".rar")
RAW = (
    *(".3fr", ".arw", ".cr2", ".dcr", ".dng", ".erf", ".iiq", ".kdc", ".mrw", ".nef", ".nrw"),
    *(".orf", ".pef", ".raf", ".raw", ".rw2", ".srw", ".x3f"),
)
"""Cameras' raw files; many begin as a TIFF, of which a program would read the small preview."""
TEXTS = (".cls", ".csv", ".json", ".jsonl", ".md", ".tsv", ".txt", ".xml", ".yaml", ".yml")
"""Members of a tar that are not opened: shards have one beside each picture."""
BY_PRODUCTS = (
    *("__macosx", "@eadir", "thumbs.db", "ehthumbs.db", "desktop.ini", "$recycle.bin"),
    *("system volume information", "lost+found"),
)
"""What operating systems and file servers leave in folders, in small letters."""
NO_PICTURE = "not a picture"
SHOWN = 3
"""Names that the one line gives for each reason."""


class Skipped(NamedTuple):
    """A file, or a folder with all below it, that is passed over, and why.

    name: its path below the set's folder, 'shard:path' in a tar.
    """

    name: str
    reason: str


class Entry(NamedTuple):
    """A file in a folder or tar. skipped: why it is passed over, '' for a picture.

    name: its path below the folder or in the tar, '/' between, printable. path: the file, or the
    tar that holds it at ``offset`` (None: a file of its own), ``size`` bytes long (0 for a file of
    its own).
    """

    name: str
    path: Path
    offset: int | None
    size: int
    skipped: str

    @property
    def folder(self) -> str:
        """'' at the top."""
        return self.name.rpartition("/")[0]


def below(root: Path) -> Iterator[Entry]:
    """Every file below a folder, in no particular order; links are followed, each folder once.

    A hidden folder, a by-product or a folder that was listed already is one entry. No pipe or
    device is opened. Raises UserError for a folder that cannot be read.
    """
    seen: set[tuple[int, int]] = set()
    # Without onerror os.walk passes over a folder that it cannot list.
    for folder, inner, files in os.walk(root, onerror=_cannot_list, followlinks=True):
        here = Path(folder)
        inside = "" if here == root else printable(here.relative_to(root).as_posix())
        stat = here.stat()
        if (stat.st_dev, stat.st_ino) in seen:  # by number: a link gives it another path
            yield Entry(inside, here, None, 0, "a folder that is listed already, by a link")
            inner.clear()
            continue
        seen.add((stat.st_dev, stat.st_ino))
        prefix = inside and f"{inside}/"
        for name in inner:
            if reason := aside(name):
                reason += ", with all below it"
                yield Entry(prefix + printable(name), here / name, None, 0, reason)
        # In place, for os.walk goes where this list says; sorted, so that not the disk's order
        # decides by which of two links a folder is listed.
        inner[:] = sorted(name for name in inner if not aside(name))
        for name in files:
            file = here / name
            reason = aside(name) or why_no_picture(file)
            yield Entry(prefix + printable(name), file, None, 0, reason)


def inside(tar: Path) -> Iterator[Entry]:
    """Every file of a tar, in its order. Raises UserError as ``archives.tar_entries``."""
    entries = tar_entries(tar)
    # tar -r adds a newer version behind the old one, and unpacking leaves the last.
    last = {member.name: place for place, (member, _) in enumerate(entries)}
    for place, (member, other) in enumerate(entries):
        reason = next(filter(None, map(aside, PurePosixPath(member.name).parts)), "") or other
        if not reason and last[member.name] != place:
            reason = "replaced by a later file of that name"
        name = printable(member.name)
        reason = reason or _why_no_picture_member(tar, member)
        yield Entry(name, tar, member.offset, member.size, reason)


def aside(name: str) -> str:
    """Why a file or folder of this name is left aside: hidden, or a by-product; '' if it is not."""
    if name.startswith(".") and name.strip("."):  # "." and ".." hide nothing
        return "hidden"
    return "a by-product of a system" if name.lower() in BY_PRODUCTS else ""


def aside_in_list(name: str) -> str:
    """``aside`` of a path as a list writes it: of the file and of the folders below the list's own.

    Of a path that leaves the list's folder the file's name alone counts.
    """
    path = PurePosixPath(name)
    outside = path.is_absolute() or ".." in path.parts
    parts = (path.name,) if outside else path.parts
    return next(filter(None, map(aside, parts)), "")


def why_no_picture(file: Path) -> str:
    """Why a file is no picture, by its suffix or else by its first bytes; '' if it is one.

    A link that leads nowhere is a picture by its name, which then cannot be read.
    """
    suffix = file.suffix.lower()
    try:
        special = special_file(file.stat().st_mode)
        if special or suffix in SUFFIXES:
            return special
        if reason := _by_suffix(suffix):
            return reason
        with file.open("rb") as opened:
            return "" if kind_of(opened.read(HEAD)) else NO_PICTURE
    except OSError as error:
        return "" if suffix in SUFFIXES else f"it cannot be read: {error.strerror}"


def printable(name: str) -> str:
    r"""Bytes of a file name that are no UTF-8 as \x.., so that tables can hold it."""
    if name.isascii():
        return name
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def said(skipped: Iterable[Skipped]) -> str:
    """One line: how many were passed over and why, with some names; '' where there are none."""
    ordered = sorted(skipped, key=lambda one: (one.reason, one.name))
    parts = []
    for reason, group in itertools.groupby(ordered, key=lambda one: one.reason):
        names = [one.name for one in group]
        more = ", …" if len(names) > SHOWN else ""
        parts.append((len(names), f"{len(names)} {reason} ({', '.join(names[:SHOWN])}{more})"))
    parts.sort(key=lambda part: -part[0])
    counted = f"{len(ordered)} file{'s' if len(ordered) > 1 else ''} passed over: "
    return counted + "; ".join(text for _, text in parts) if ordered else ""


def write_skipped(skipped: Iterable[Skipped], out: Path) -> None:
    """Write ``skipped.csv``: every file that was passed over, by name, and why."""
    write_table(pl.DataFrame(sorted(skipped), schema=SKIPPED, orient="row"), out, SKIPPED)


def read_skipped(file: Path) -> list[Skipped]:
    """``skipped.csv`` back."""
    return [Skipped(*row) for row in read_table(file, SKIPPED).iter_rows()]


def _cannot_list(error: OSError) -> NoReturn:
    raise UserError(
        f"{error.filename} cannot be listed: {error.strerror}. Allow reading it, or move it away"
    ) from error


def _by_suffix(suffix: str) -> str:
    if suffix in COMPRESSED:
        return "compressed: unpack it first"
    return "a camera's raw file: develop it first" if suffix in RAW else ""


def _why_no_picture_member(tar: Path, member: TarMember) -> str:
    suffix = PurePosixPath(member.name).suffix.lower()
    if suffix in SUFFIXES:
        return ""
    if reason := _by_suffix(suffix) or (NO_PICTURE if suffix in TEXTS else ""):
        return reason
    head = read_bytes(tar, member.offset, min(member.size, HEAD))
    return "" if kind_of(head) else NO_PICTURE
