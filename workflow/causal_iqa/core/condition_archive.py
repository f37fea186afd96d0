"""Pictures in tar archives, read in place through an index of offsets.

One reader serves the conditions that this project makes and archives published elsewhere: a
condition is an uncompressed tar of JPEGs and, beside it, ``.index.parquet`` with a row per picture
(``image_id, member, offset, size``), sorted by image_id. The index's provenance holds as
``fingerprint`` what the scores of this condition were computed from, the tar's SHA-256 say; and as
``archive`` the path of a published archive or folder, where that stands in for the tar.
"""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import io
import os
import tarfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from causal_iqa.core.archives import read_bytes
from causal_iqa.core.columns import INDEX
from causal_iqa.core.contract import ContractError, atomic, read_provenance, read_table, write_table
from causal_iqa.core.errors import UserError
from causal_iqa.core.jpeg import decode


class Member(NamedTuple):
    """One picture on its way into a condition's archive."""

    image_id: str
    name: str
    jpeg: bytes


def index_path(tar: Path) -> Path:
    """Where the index of an archive stands: ``3.tar`` -> ``3.index.parquet``."""
    return tar.with_suffix(".index.parquet")


@contextlib.contextmanager
def condition_writer(tar: Path, provenance: dict[str, Any]) -> Iterator[Callable[[Member], None]]:
    """Yields a function that adds a picture; archive and index appear when the block ends well.

    The same members give the same bytes: the tar holds no time and no owner. An old index goes
    before the new archive comes, so an index never speaks of another archive.
    """
    rows: list[tuple[str, str, int, int]] = []
    with atomic(tar) as temporary:
        with tarfile.open(temporary, "w") as archive:
            yield partial(_add, archive, rows)
        # After the block, since closing the archive writes its end mark.
        digest = sha256_of(temporary)
        index_path(tar).unlink(missing_ok=True)
    # The archive keeps the order in which members came; the contract's is by id.
    index = pl.DataFrame(rows, schema=INDEX, orient="row").sort("image_id")
    write_table(index, index_path(tar), INDEX, {**provenance, "fingerprint": digest})


def _add(archive: tarfile.TarFile, rows: list[tuple[str, str, int, int]], member: Member) -> None:
    info = tarfile.TarInfo(member.name)
    info.size = len(member.jpeg)
    archive.addfile(info, io.BytesIO(member.jpeg))
    # Counted back from the end: before the bytes of a long name stand further headers.
    padded = -(-info.size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE
    rows.append((member.image_id, member.name, archive.offset - padded, info.size))


def write_condition(tar: Path, members: Iterable[Member], provenance: dict[str, Any]) -> None:
    """Write an archive and its index from its pictures."""
    with condition_writer(tar, provenance) as add:
        for member in members:
            add(member)


def sha256_of(path: Path) -> str:
    """Of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def condition_provenance(tar: Path) -> dict[str, Any]:
    """Provenance of a written condition; {} where archive or index is absent or cut short."""
    provenance = read_provenance(index_path(tar))
    archive = Path(provenance.get("archive", tar))
    try:
        index = read_table(index_path(tar), INDEX)
        size = archive.stat().st_size
    except (ContractError, FileNotFoundError):
        return {}
    ends = index["offset"] + index["size"]
    # In a folder each picture is a file of its own, at offset 0.
    return provenance if archive.is_dir() or (ends <= size).all() else {}


class Archive:
    """Random access to the pictures of one condition. Open per process; safe across threads.

    Made of the condition's own path ``.../3.tar``; ``tar`` then is where the pictures are.
    """

    def __init__(self, tar: Path) -> None:
        self.tar = Path(read_provenance(index_path(tar)).get("archive", tar))
        self.index = read_table(index_path(tar), INDEX)
        # A bare descriptor for pread, which moves no position that threads would share.
        self._file = os.open(self.tar, os.O_RDONLY)

    def __len__(self) -> int:
        return self.index.height

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)

    def read(self, row: int) -> np.ndarray:
        """RGB uint8 [H, W, 3] of one row of the index.

        Raises UserError naming archive, member and offset where the bytes are no picture.
        """
        _, member, offset, size = self.index.row(row)
        where = f"{self.tar}: member {member} at offset {offset} ({size} bytes)"
        if self.tar.is_dir():
            # Members of a folder are named from its parent, as those of the published tar are.
            data = read_bytes(self.tar.parent / member, None, size)
        else:
            data = os.pread(self._file, size, offset)
        if len(data) != size:
            raise UserError(f"{where} is cut short: only {len(data)} bytes are there")
        return decode(data, where)

    def read_named(self, image_id: str) -> np.ndarray:
        """RGB uint8 [H, W, 3] of the picture with this id. Raises UserError where there is none."""
        row = self.index["image_id"].index_of(image_id)
        if row is None:
            # Of thousands only the closest is of help.
            close = difflib.get_close_matches(image_id, self.index["image_id"].to_list(), n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise UserError(f"{self.tar} holds no picture {image_id!r}{hint}")
        return self.read(row)

    def __iter__(self) -> Iterator[np.ndarray]:
        return (self.read(row) for row in range(len(self)))
