"""Published archives against their published MD5."""

from __future__ import annotations

import hashlib
from pathlib import Path

from causal_iqa.core.errors import UserError


def md5_of(path: Path) -> str:
    """MD5 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()


def check_md5(path: Path, expected: str, switch: str) -> str:
    """The file's MD5; raises UserError where it is not the published one.

    switch: the key of the configuration that turns the comparison off.
    """
    found = md5_of(path)
    if found != expected:
        raise UserError(
            f"{path} has MD5 {found}; as published it has {expected}. It is damaged, cut short or "
            f"another archive: fetch it again, or set {switch}: false to use it as it is."
        )
    return found
