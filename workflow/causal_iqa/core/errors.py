"""Errors that a person is meant to read."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class UserError(Exception):
    """Something that the user can put right. The message says what, where and what to do."""


def nearest(name: str, known: Iterable[str]) -> str:
    """'did you mean a, b? ' for the known names closest to ``name``, then all that is allowed."""
    known = list(known)
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"did you mean {', '.join(close)}? " if close else ""
    return f"{hint}Allowed: {', '.join(known)}"
