"""Whether a set is harder than the calibration's clean pictures, for each network and in a word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

LIKE = 0.1
"""Points to either side within which the whole interval has to lie for a set that is like."""
HARDER, LIKENED, EASIER = "harder than", "like", "easier than"
UNKNOWN = "cannot tell"

Row = Mapping[str, Any]


def verdict(row: Row, clean: float) -> str:
    """How a set is for one network beside the calibration's clean pictures.

    row: its default estimate, with ``lo`` and ``hi``. clean: its accuracy on the calibration's
    clean pictures, in [0, 1]. Both are accuracies on those very pictures, so that the one is set
    against the interval of the other as it stands: harder where the whole interval lies below,
    easier above, like where all of it is within LIKE; else it cannot be told.
    """
    lo, hi = row["lo"], row["hi"]
    if lo is None or hi is None:
        return UNKNOWN
    if hi < clean:
        return HARDER
    if lo > clean:
        return EASIER
    return LIKENED if clean - LIKE <= lo and hi <= clean + LIKE else UNKNOWN


def overall(verdicts: Sequence[str]) -> str:
    """The set in a sentence, from the verdict of each network."""
    known = [one for one in dict.fromkeys(verdicts) if one != UNKNOWN]
    if not known:
        return "Cannot tell whether this set is harder than the calibration's clean pictures."
    if len(known) > 1:
        parts = [f"{one} these for {verdicts.count(one)}" for one in known]
        return (
            f"Beside the calibration's clean pictures, this set is {' and '.join(parts)} of "
            f"{_networks(len(verdicts))}."
        )
    word, count = known[0], verdicts.count(known[0])
    start = f"This set is {word} the calibration's clean pictures"
    if count == len(verdicts):
        return f"{start}."
    return f"{start} for {count} of {_networks(len(verdicts))}; for the others it cannot be told."


def _networks(count: int) -> str:
    return f"{count} network{'s' * (count != 1)}"
