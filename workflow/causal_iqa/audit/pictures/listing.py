"""Pictures of any kind, unlabelled: in a folder, a CSV list, a tar, or WebDataset shards."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple, NoReturn

import polars as pl

from causal_iqa.archives import TarMember, read_bytes, tar_members
from causal_iqa.audit.pictures.reading import HEAD, kind_of
from causal_iqa.errors import UserError

SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".bmp", ".dib", ".gif", ".webp"),
    *(".tif", ".tiff", ".jp2", ".j2k", ".jpx", ".pbm", ".pgm", ".ppm", ".pnm", ".pfm"),
    *(".avif", ".heic", ".heif", ".jxl"),
)
"""Files that are listed whatever they hold; one of none at all is if it begins as a picture."""
COMPRESSED = (".gz", ".tgz", ".bz2", ".tbz2", ".xz", ".txz", ".zst", ".zip", ".7z", ".rar")
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

    Hidden files and files that are no pictures by their suffix are passed over. No picture is
    opened, so that an entry may prove unreadable, or its file may even be absent where a CSV names
    it. Raises UserError where ``path`` is of another kind or holds no picture, for a folder or tar
    that cannot be read, and for a name listed twice.
    """
    found = sorted(_found(path), key=attrgetter("name"))
    if not found:
        raise UserError(
            f"{path} holds no picture. {_instead(path)}Looked for {', '.join(SUFFIXES)}"
        )
    for one, two in itertools.pairwise(found):
        if one.name == two.name:
            raise UserError(f"{path} lists {one.name!r} twice; leave one out")
    return found


def _found(path: Path) -> Iterator[Found]:
    suffix = path.suffix.lower()
    if path.is_dir():
        return _of_folder(path)
    if not path.exists():
        raise UserError(f"{path} is not there; name {FORMS}")
    if suffix == ".csv":
        return _of_csv(path)
    if suffix == ".tar":
        return _of_tar(path, path.name)
    if suffix in COMPRESSED:
        raise UserError(f"{path} is compressed; unpack it, then name the folder or the .tar")
    raise UserError(f"{path} is not of a kind that is listed; name {FORMS}")


def _instead(path: Path) -> str:
    """What a folder holds instead of pictures, as a sentence; of any other path nothing."""
    if not path.is_dir():
        return ""
    endings = sorted({file.suffix.lower() or "no suffix" for file in _files_below(path)})
    if not endings:
        return "It is empty. "
    archives = "; unpack compressed archives" if set(endings) & set(COMPRESSED) else ""
    return f"It holds files with {', '.join(endings)}{archives}. "


def _of_folder(root: Path) -> Iterator[Found]:
    for file in _files_below(root):
        inside = file.relative_to(root)
        if file.suffix.lower() == ".tar":
            yield from _of_tar(file, _printable(str(inside)))
        elif _is_picture_file(file):
            folder = "" if inside.parent == Path() else str(inside.parent)
            yield Found(_printable(str(inside)), _printable(folder), None, file)


def _files_below(root: Path) -> Iterator[Path]:
    """Files that are not hidden, links among them; every folder once, however many links lead on.

    Raises UserError for a folder that cannot be read.
    """
    seen = set()
    for folder, below, files in os.walk(root, onerror=_cannot_list, followlinks=True):
        stat = Path(folder).stat()
        if (stat.st_dev, stat.st_ino) in seen:
            below.clear()
            continue
        seen.add((stat.st_dev, stat.st_ino))
        below[:] = sorted(name for name in below if not _is_hidden(name))
        yield from (Path(folder, name) for name in files if not _is_hidden(name))


def _cannot_list(error: OSError) -> NoReturn:
    raise UserError(
        f"{error.filename} cannot be listed: {error.strerror}. Allow reading it, or move it away"
    ) from error


def _is_picture_file(file: Path) -> bool:
    """A link that leads nowhere is one by its name; a pipe or a device never is."""
    if file.suffix.lower() in SUFFIXES:
        return file.is_file() or file.is_symlink()
    if file.suffix or not file.is_file():
        return False
    try:
        with file.open("rb") as opened:
            return kind_of(opened.read(HEAD)) is not None
    except OSError:  # nothing says that it is a picture
        return False


def _of_tar(tar: Path, shard: str) -> Iterator[Found]:
    """The pictures of a tar that is called ``shard`` in their names."""
    members = {
        member.name: member
        for member in tar_members(tar)
        if not any(_is_hidden(part) for part in member.name.split("/"))
    }
    for name, member in members.items():
        if not _is_picture_member(tar, member):
            continue
        label = _label_of(tar, members, name)
        folder = _printable(name.rpartition("/")[0])
        yield Found(f"{shard}:{_printable(name)}", folder, label, tar, member.offset, member.size)


def _is_picture_member(tar: Path, member: TarMember) -> bool:
    suffix = Path(member.name).suffix.lower()
    if suffix:
        return suffix in SUFFIXES
    head = read_bytes(tar, member.offset, min(member.size, HEAD))
    return kind_of(head) is not None


def _label_of(tar: Path, members: dict[str, TarMember], name: str) -> str | None:
    """What the .cls of the same WebDataset sample, the name up to its first dot, says."""
    folder, slash, file = name.rpartition("/")
    sample = members.get(f"{folder}{slash}{file.partition('.')[0]}.cls")
    if sample is None:
        return None
    return read_bytes(tar, sample.offset, sample.size).decode("utf-8", "replace").strip() or None


def _of_csv(csv: Path) -> Iterator[Found]:
    """Rows of a CSV ``file`` (optionally ``group``, ``label``); paths are relative to the CSV."""
    try:
        rows = pl.read_csv(csv, infer_schema=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UserError(f"{csv} is no CSV table: {error}") from error
    if "file" not in rows.columns:
        raise UserError(
            f"{csv}: column 'file' is missing; it has {', '.join(rows.columns)}. It needs file, "
            "and may have group and label, parted by commas"
        )
    for line, row in enumerate(rows.iter_rows(named=True), start=2):
        if not row["file"]:
            raise UserError(f"{csv}, line {line}: file is empty; name a picture or drop the line")
        label = (row.get("label") or "").strip() or None
        yield Found(row["file"], row.get("group") or "", label, csv.parent / row["file"])


def _is_hidden(name: str) -> bool:
    """'.' and '..' are not."""
    return name.startswith(".") and name.strip(".") != ""


def _printable(name: str) -> str:
    r"""Bytes of a file name that are no UTF-8 as \x.., so that tables can hold it."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
