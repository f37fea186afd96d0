"""YAML files, and in words where one is broken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from causal_iqa.core.errors import UserError

MEANINGS = {
    "'\\t'": "a tab stands there; write spaces",
    "mapping values are not allowed": "a ': ' too many, or none in the line before it",
    "could not find expected ':'": "a key without ': ' after it",
    "but found '}'": "a brace too many",
    "but found ']'": "a bracket too many",
    "expected <block end>": "it is indented otherwise than the lines that it belongs to",
    "expected ',' or": "a bracket or brace before it is not closed, or a comma is missing",
    "unexpected end of stream": "a quotation mark is not closed",
    "undefined alias": "a text that begins with '*'; put it in quotation marks",
    "cannot start any token": "a sign that cannot begin a text; put the text in quotation marks",
    "could not determine a constructor": "a text that begins with '!'; put it in quotation marks",
    "unknown escape": "a backslash within double quotation marks; use single ones",
    "but found another document": "'---' begins a second configuration; one file has one",
    "expected '<document start>'": "a bracket or brace too many, or a text outside all keys",
}
"""What PyYAML finds -> what it means to who wrote the file."""
OTHERWISE = "look at indentation, colons, quotation marks and brackets there"


class _EachKeyOnce(yaml.SafeLoader):  # type: ignore[misc]
    """YAML lets the last of two equal keys win without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: list[Any] = []
        for key, _ in node.value:
            name = self.construct_object(key, deep=True)
            # "<<" may stand once for each mapping that is merged in.
            if name in seen and key.tag != "tag:yaml.org,2002:merge":
                raise yaml.MarkedYAMLError(problem=f"key {name}", problem_mark=key.start_mark)
            seen.append(name)
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


def read_yaml(file: Path) -> Any:
    """What a YAML file holds. Raises UserError with file, line and column where it is broken."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UserError(f"{file} cannot be read: line {line} is no UTF-8 text") from error
    try:
        return yaml.load(text, _EachKeyOnce)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise UserError(f"{file} cannot be read: {place}{_meaning(error.problem)}") from error
    except yaml.YAMLError as error:  # a sign that no text has, as NUL
        line = text[: getattr(error, "position", 0)].count("\n") + 1
        raise UserError(f"{file} cannot be read: line {line} is no text") from error


def _meaning(problem: str | None) -> str:
    if problem and problem.startswith("key "):
        return f"{problem} stands twice; leave one out"
    return next((words for sign, words in MEANINGS.items() if sign in (problem or "")), OTHERWISE)
