"""Files inside tar archives, read in place."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path
from typing import NamedTuple

from causal_iqa.errors import UserError


class TarMember(NamedTuple):
    """A regular file in a tar archive: its bytes are [offset, offset + size)."""

    name: str
    offset: int
    size: int


def tar_members(tar: Path) -> list[TarMember]:
    """The regular files of an uncompressed tar, in its order, read without extracting anything.

    Raises UserError where it is no such archive or is cut short.
    """
    try:
        with tarfile.open(tar, "r:") as archive:
            return [
                TarMember(member.name.removeprefix("./"), member.offset_data, member.size)
                for member in archive
                if member.isreg()
            ]
    except (tarfile.TarError, OSError) as error:
        raise UserError(
            f"{tar} is no uncompressed tar archive, or is cut short: {error}. Fetch it again; "
            "unpack a .tar.gz to a .tar first."
        ) from error


def read_bytes(path: Path, offset: int | None, size: int) -> bytes:
    """A whole file, or ``size`` bytes of it from ``offset`` on.

    Raises UserError naming file and offset where bytes are missing.
    """
    try:
        if offset is None:
            return path.read_bytes()
        with path.open("rb") as archive:
            data = os.pread(archive.fileno(), size, offset)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error}") from error
    if len(data) != size:
        raise UserError(f"{path} is cut short: {len(data)} of {size} bytes at offset {offset}")
    return data


def stamp(path: Path) -> str:
    """Changes with the size or the time of a file or folder that is there."""
    stat = path.stat()
    return f"{stat.st_size} {stat.st_mtime_ns}"


def where(path: Path, offset: int | None) -> str:
    """The place in words for an error."""
    return str(path) if offset is None else f"{path} at offset {offset}"
