"""What the system refused, in words: a full disk, a read-only folder, too little memory."""

from __future__ import annotations

import errno
import os
import re
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from causal_iqa.core.errors import UserError

WRITING = {
    errno.ENOSPC: "the disk is full. Make room there, or move results/ to another disk",
    errno.EDQUOT: "your quota of that disk is used up. Make room, or move results/ elsewhere",
    errno.EFBIG: "the file would be larger than a process may write here. Raise ulimit -f",
    errno.EROFS: "the folder is read-only. Run in a folder that can be written to",
    errno.EACCES: "permission is denied. Change its owner or mode, or run in a folder of yours",
    errno.EPERM: "it may not be changed. Change its owner or mode, or run in a folder of yours",
    errno.ENAMETOOLONG: "the name is too long for this disk. Give a shorter one",
    errno.ENOTDIR: "a file stands where a folder is needed. Move it out of the way",
    errno.EIO: "the disk failed to read or write. Check it, or use another one",
}
"""Why a file cannot be written, and what to do about it."""
REMEDIES = WRITING | {
    errno.ENOENT: "there is no such file or folder. Run snakemake again: it makes what is missing",
    errno.EISDIR: "a folder stands where a file is needed. Move it out of the way",
    errno.EMFILE: "too many files are open at once. Raise ulimit -n",
    errno.ESTALE: "the network disk lost the file. Run snakemake again",
}
"""What else the system refuses; the rest is no fault of the user's machine."""
MEMORY = (
    "too little memory. Give the job more (a smaller scoring.batch_size, conditions.threads: 1, "
    "fewer --cores at once), or use a machine with more."
)


def error_number(error: BaseException) -> int | None:
    """The system's number of an error. Libraries in Rust hide theirs in the text."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    # Rust's io::Error, as it is displayed and as it is debugged.
    found = re.search(r"os error (\d+)|Os \{ code: (\d+)", str(error))
    return int(found[1] or found[2]) if found else None


def named_after(error: Exception, target: Path) -> OSError | None:
    """The same refusal with ``target`` for its file, where it names none or a temporary of it.

    None where the system did not refuse to write, or refused another file.
    """
    number = error_number(error)
    name = getattr(error, "filename", None)
    # The prefix that contract.atomic gives its temporaries.
    temporary = str(target.parent / f".{target.name}.")
    # A UserError may quote an "os error", and says more than this would.
    if isinstance(error, UserError) or number not in WRITING:
        return None
    if name is not None and not str(name).startswith(temporary):
        return None
    return OSError(number, os.strerror(number), str(target))


def check_folder(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there. Raises UserError for a file there."""
    place = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not place.is_dir():
        raise UserError(f"{place}: {WRITING[errno.ENOTDIR]}.")
    return place


def check_writable(folder: Path) -> None:
    """Raise UserError where a folder, or one directly in it, does not take files. Writes nothing.

    Of a folder that is not there yet the nearest one above it counts.
    """
    place = check_folder(folder)
    inner = sorted(child for child in folder.iterdir() if child.is_dir()) if place == folder else []
    for here in (place, *inner):
        if not os.access(here, os.W_OK | os.X_OK):  # X: to make an entry in a folder needs both
            read_only = os.statvfs(here).f_flag & os.ST_RDONLY
            raise UserError(f"{here}: {WRITING[errno.EROFS if read_only else errno.EACCES]}.")


def explain(error: BaseException, work: object) -> str | None:
    """One line for what the system refused, with its path; None for the rest.

    work: what the command works on, the folder of results say; it is named for lack of memory.
    """
    # The kernel kills a worker for its memory, and torch's CPU allocator raises RuntimeError.
    if isinstance(error, MemoryError | BrokenProcessPool) or "can't allocate memory" in str(error):
        return f"{work}: {MEMORY}"
    remedy = REMEDIES.get(error_number(error) or 0)
    if remedy is None or not isinstance(error, OSError):
        return None
    return f"{error.filename or _log()}: {remedy}."


def _log() -> str:
    """Where this process's messages go: what is written without a name of its own."""
    try:
        # A rule sends stderr to its log, so this is the log's path.
        return str(Path("/proc/self/fd/2").readlink())
    except OSError:
        return "the log"
