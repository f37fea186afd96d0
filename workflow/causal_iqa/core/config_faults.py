"""Faults of a typed YAML file in plain words: the key, what is allowed there and what was given."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import Any

import pydantic

from causal_iqa.core.errors import nearest

BELOW = "needs keys and their values below it"
SPACED = "a space belongs after a ':'"
QUOTED = "on the command line the whole stands in quotation marks: --config 'scoring={threads: 2}'"
"""Where keys and values were not read as such, since a space or quotation marks are missing."""
WORDS = {
    **dict.fromkeys(("bool_type", "bool_parsing"), "needs true or false"),
    **dict.fromkeys(
        ("int_type", "int_parsing", "int_from_float", "int_parsing_size"), "needs a whole number"
    ),
    **dict.fromkeys(("float_type", "float_parsing"), "needs a number"),
    "finite_number": "needs a number that is finite",
    "greater_than": "needs to be greater than {gt:g}",
    "greater_than_equal": "needs to be greater than or equal to {ge:g}",
    "less_than": "needs to be less than {lt:g}",
    "less_than_equal": "needs to be less than or equal to {le:g}",
    "literal_error": "needs {expected}",
    "string_type": "needs a text; put it in quotation marks",
    # the one pattern of a text: scorer_config.NAME
    "string_pattern_mismatch": "needs a name of letters A to Z, digits and _ . -, of which the "
    "first is a letter or digit",
    "string_too_short": "needs a text of at least {min_length} letter(s)",
    "string_too_long": "needs a text of at most {max_length} letters",
    "path_type": "needs a path; put it in quotation marks",
    **dict.fromkeys(("tuple_type", "list_type"), "needs a list, as [a, b]"),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), BELOW),
    "invalid_key": "needs a text for a key; put it in quotation marks",
    "too_short": "needs at least {min_length} entry",
    "missing": "is missing; this key is required",
    "union_tag_not_found": "{discriminator} is missing; it says what the rest means",
    "union_tag_invalid": "{discriminator} {tag!r} is unknown; allowed: {expected_tags}",
}
"""pydantic's types of faults that the models can have, in our words."""
# Here the input is the section around the key, or stands in the words already.
WITHOUT_GIVEN = {"missing", "value_error", "union_tag_not_found", "union_tag_invalid"}
SHOWN = 60
"""Letters of what was given that a message repeats."""
Place = tuple[str | int, ...]


def explain(
    error: pydantic.ValidationError,
    keys_at: Callable[[Place], Sequence[str]],
    plain: Callable[[Place], Place] = lambda place: place,
) -> list[str]:
    """A line for each fault.

    keys_at: the keys that may stand where the last part of a place stands; plain: a place without
    what pydantic adds to it and the file does not have. The branches of what may be one thing or
    another are joined by 'or'.
    """
    said: dict[tuple[str, str], list[str]] = {}
    for fault in error.errors():
        place = _without_branches(fault["loc"])
        # Keys are the user's as well, and may be of any length.
        key = ".".join(_short(_visible(str(part))) for part in plain(place)) or "the file"
        words, given = _words(fault, place, keys_at), ""
        if fault["type"] not in WITHOUT_GIVEN | {"extra_forbidden"}:
            given = f" (given: {_shown(fault['input'])})"
        said.setdefault((key, given), []).append(words)
    return [f"{key}: {_joined(words)}{given}" for (key, given), words in said.items()]


def _joined(words: Sequence[str]) -> str:
    """'needs a' and 'needs b' -> 'needs a or b'."""
    first, *others = dict.fromkeys(words)
    return " or ".join([first, *(other.removeprefix("needs ") for other in others)])


def _words(fault: Any, place: Place, keys_at: Callable[[Place], Sequence[str]]) -> str:
    if fault["type"] == "extra_forbidden":
        unspaced = f"{SPACED}; " * (":" in str(place[-1]))
        return f"unknown key; {unspaced}{nearest(str(place[-1]), keys_at(place))}"
    if fault["type"] == "value_error":
        return str(fault["ctx"]["error"])
    facts = dict(fault.get("ctx", {}))
    # pydantic hands the key over in quotation marks of its own.
    facts["discriminator"] = str(facts.get("discriminator")).strip("'")
    said = WORDS.get(fault["type"], "is not what is allowed here").format(**facts)
    flat = said == BELOW and ":" in str(fault["input"]) and isinstance(fault["input"], str)
    return f"{said}; {SPACED}; {QUOTED}" if flat else said


def _without_branches(place: Place) -> Place:
    """Without the last part where it names a branch of a union, or a mapping's key."""
    last = str(place[-1]) if place else ""
    # What stands below scorers is a name of the user's, even where it reads as a branch.
    named = len(place) > 1 and place[-2] == "scorers"
    is_branch = "[" in last or last.startswith("constrained-") or last in ("int", "float", "str")
    return place[:-1] if is_branch and not named else place


def _shown(given: Any) -> str:
    if given is None:
        return "nothing"
    if isinstance(given, bool):
        return str(given).lower()  # as YAML has it
    if isinstance(given, datetime.date):
        return f"the date {given}"
    if isinstance(given, str) and len(given) > SHOWN:
        return f"{_short(given)!r}, {len(given)} letters"
    return _short(repr(given))


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def _visible(key: str) -> str:
    """In quotation marks where a sign in it is not to be seen, as a no-break space."""
    return key if key.isprintable() and key == key.strip() else repr(key)
