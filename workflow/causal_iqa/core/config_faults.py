"""Faults of a typed YAML file in plain words: the key, what is allowed there and what was given."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import pydantic

from causal_iqa.core.errors import nearest

BELOW = "needs keys and their values"
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
    **dict.fromkeys(
        ("tuple_type", "list_type", "sequence_str", "is_instance_of"), "needs a list, as [a, b]"
    ),
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


def explain(error: pydantic.ValidationError, model: type[pydantic.BaseModel]) -> list[str]:
    """A line for each fault of what ``model`` was to be made of.

    The branches of what may be one thing or another are joined by 'or'.
    """
    said: dict[tuple[str, str], list[str]] = {}
    for fault in error.errors():
        place, keys = _read(fault["loc"], model)
        # Keys are the user's as well, and may be of any length.
        key = ".".join(_short(_visible(str(part))) for part in place) or "the file"
        words, given = _words(fault, keys), ""
        if fault["type"] not in WITHOUT_GIVEN | {"extra_forbidden"}:
            given = f" (given: {_shown(fault['input'])})"
        said.setdefault((key, given), []).append(words)
    return [f"{key}: {_joined(words)}{given}" for (key, given), words in said.items()]


def _read(place: Place, model: type[pydantic.BaseModel]) -> tuple[Place, list[str]]:
    """A place as its writer knows it, and the keys that may stand where its last part stands.

    pydantic adds which branch it tried of what may be one thing or another; that is left out.
    """
    here: Any = model
    own: list[str | int] = []
    keys: list[str] = []
    for part in place:
        kinds = _kinds(here)
        if len(kinds) > 1:  # part is not a key, but says which of them
            here = next((kind for kind in kinds if part in _names(kind)), None)
            continue
        fields = {
            field.alias or name: field
            for name, field in getattr(kinds[0], "model_fields", {}).items()
        }
        if fields:
            keys = [*fields]
            here = fields[str(part)].annotation if part in fields else None
        elif get_origin(kinds[0]) is dict:
            here = get_args(kinds[0])[1]
        elif get_origin(kinds[0]) in (tuple, list, Sequence):
            here = get_args(kinds[0])[0]
        else:  # what stands below a single value is pydantic's
            break
        own.append(part)
    return tuple(own), keys


def _kinds(annotation: Any) -> list[Any]:
    """What a value may be, apart from nothing: one type, or those of a union."""
    if get_origin(annotation) is Annotated:
        return _kinds(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        members = (member for member in get_args(annotation) if member is not NoneType)
        return [kind for member in members for kind in _kinds(member)]
    return [annotation]


def _names(kind: Any) -> list[Any]:
    """What pydantic calls a branch: by its class, or by its ``kind``."""
    tag = getattr(kind, "model_fields", {}).get("kind")
    return [getattr(kind, "__name__", ""), *(get_args(tag.annotation) if tag else ())]


def _joined(words: Sequence[str]) -> str:
    """'needs a' and 'needs b' -> 'needs a or b'."""
    first, *others = dict.fromkeys(words)
    return " or ".join([first, *(other.removeprefix("needs ") for other in others)])


def _words(fault: Any, keys: Sequence[str]) -> str:
    if fault["type"] == "extra_forbidden":
        name = str(fault["loc"][-1])
        unspaced = f"{SPACED}; " * (":" in name)
        return f"unknown key; {unspaced}{nearest(name, keys)}"
    if fault["type"] == "value_error":
        return str(fault["ctx"]["error"])
    facts = dict(fault.get("ctx", {}))
    # pydantic hands the key over in quotation marks of its own.
    facts["discriminator"] = str(facts.get("discriminator")).strip("'")
    said = WORDS.get(fault["type"], "is not what is allowed here").format(**facts)
    flat = said == BELOW and ":" in str(fault["input"]) and isinstance(fault["input"], str)
    return f"{said}; {SPACED}; {QUOTED}" if flat else said


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
