"""Files inside tar archives, read in place."""

from __future__ import annotations

import os
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from causal_iqa.core.errors import UserError


class TarMember(NamedTuple):
    """A regular file in a tar archive: its bytes are [offset, offset + size)."""

    name: str
    offset: int
    size: int


def tar_members(tar: Path) -> list[TarMember]:
    """The regular files of an uncompressed tar, in its order, read without extracting anything.

    Raises UserError as ``tar_entries``.
    """
    return [member for member, other in tar_entries(tar) if not other]


def tar_entries(tar: Path) -> list[tuple[TarMember, str]]:
    """All of an uncompressed tar but its folders, each with what it is instead of a file.

    That is '' for a regular file, whose bytes stand in the tar as they are, and else words, as
    'a link'. Raises UserError where it is absent, no such archive, is damaged or cut short, or goes
    on after its end mark: whatever would otherwise leave files out without a word.
    """
    if not tar.exists():
        raise UserError(f"{tar} is not there")
    check_regular(tar)
    try:
        # Not "r:*": members of a compressed tar have no place in the file to be read at.
        with tarfile.open(tar, "r:") as archive:
            entries = list(_entries(archive))
            end = archive.offset  # where tarfile took the tar to end, be it right or not
    except (tarfile.TarError, OSError, ValueError) as error:
        raise UserError(
            f"{tar} is no uncompressed tar archive, or is cut short. Fetch it again; "
            "unpack a .tar.gz to a .tar first."
        ) from error
    _check_end(tar, end)
    return entries


def _entries(archive: tarfile.TarFile) -> Iterator[tuple[TarMember, str]]:
    for member in archive:
        if not member.isdir():
            name = member.name.removeprefix("./")  # so tar names all where "." was packed
            yield TarMember(name, member.offset_data, member.size), _instead_of_a_file(member)


def _instead_of_a_file(member: tarfile.TarInfo) -> str:
    if member.issym() or member.islnk():
        return "a link"
    if member.issparse():
        return "a sparse file"
    return "" if member.isreg() else "a pipe or a device"


def _check_end(tar: Path, end: int) -> None:
    """tarfile takes a header that it cannot read for the end, and looks at nothing after that."""
    with tar.open("rb") as file:
        file.seek(end)
        header = file.read(tarfile.BLOCKSIZE)
        if not header:
            fault = "ends without the mark of an archive's end: it was cut short"
        elif header.strip(b"\0"):
            fault = "is damaged there: that is no header of a file"
        # Zeros to the very end are padding: tar writes whole records, of 20 blocks by default.
        elif any(block.strip(b"\0") for block in iter(lambda: file.read(1 << 20), b"")):
            fault = (
                "goes on after its end, as two archives that were joined; unpack and pack it anew"
            )
        else:
            return
    raise UserError(f"{tar}, byte {end}: it {fault}. Fetch or pack it again.")


def check_regular(path: Path) -> None:
    """Raise UserError for a folder, and for what a program would wait for: a pipe, a device.

    Nothing is said of a file that is not there.
    """
    try:
        mode = path.stat().st_mode
    except OSError:  # whoever opens it says so
        return
    if special := special_file(mode) or ("a folder" if stat.S_ISDIR(mode) else ""):
        raise UserError(f"{path} is {special}, not a file")


def special_file(mode: int) -> str:
    """What a file that is neither regular nor a folder is, in words; '' for those."""
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return ""
    return "a pipe" if stat.S_ISFIFO(mode) else "a socket" if stat.S_ISSOCK(mode) else "a device"


def read_bytes(path: Path, offset: int | None, size: int) -> bytes:
    """A whole file, or ``size`` bytes of it from ``offset`` on.

    Raises UserError naming file and offset where bytes are missing.
    """
    check_regular(path)
    try:
        if offset is None:
            return path.read_bytes()
        with path.open("rb") as archive:
            data = os.pread(archive.fileno(), size, offset)
    except OSError as error:
        link = f"a link to {path.readlink()}: " if path.is_symlink() else ""
        raise UserError(f"{path} cannot be read: {link}{error.strerror}") from error
    if len(data) != size:
        raise UserError(f"{path} is cut short: {len(data)} of {size} bytes at offset {offset}")
    return data


def stamp(path: Path) -> str:
    """Changes with the size or the time of a file or folder; '' where there is none."""
    try:
        found = path.stat()
    except OSError:
        return ""
    return f"{found.st_size} {found.st_mtime_ns}"


def where(path: Path, offset: int | None) -> str:
    """The place in words for an error."""
    return str(path) if offset is None else f"{path} at offset {offset}"
