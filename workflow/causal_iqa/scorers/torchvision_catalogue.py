"""torchvision's classification networks and their published weights, read without importing it.

Importing torchvision takes seconds, and a wrong name in the configuration should be known at once.
"""

from __future__ import annotations

import ast
import functools
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Published(NamedTuple):
    """One set of weights of a network.

    enum: ``ResNet34_Weights``; member: ``IMAGENET1K_V1``; file: as torch.hub stores it; size: of
    the file in bytes, as torchvision states it (None: it does not).
    """

    enum: str
    member: str
    file: str
    size: int | None


@functools.cache
def catalogue() -> dict[str, dict[str, Published]]:
    """Builder (``resnet34``) -> its weights by name; ``DEFAULT`` is one of them."""
    spec = importlib.util.find_spec("torchvision")
    if spec is None or spec.origin is None:
        return {}
    found: dict[str, dict[str, Published]] = {}
    # Not below: there are detection, segmentation and the like.
    for file in sorted((Path(spec.origin).parent / "models").glob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        enums = {
            node.name: dict(_members(node))
            for node in tree.body
            if isinstance(node, ast.ClassDef) and node.name.endswith("_Weights")
        }
        for node in tree.body:
            enum = _enum_of(node) if isinstance(node, ast.FunctionDef) else None
            if isinstance(node, ast.FunctionDef) and enum in enums:
                found[node.name] = enums[enum]
    return found


def _members(enum: ast.ClassDef) -> Iterator[tuple[str, Published]]:
    known: dict[str, Published] = {}
    for node in enum.body:
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
            continue
        name = node.targets[0].id
        if isinstance(node.value, ast.Call):
            urls = [word.value for word in node.value.keywords if word.arg == "url"]
            if urls and isinstance(urls[0], ast.Constant):
                file = str(urls[0].value).rsplit("/", 1)[1]
                known[name] = Published(enum.name, name, file, _size(node.value))
                yield name, known[name]
        elif isinstance(node.value, ast.Name) and node.value.id in known:  # DEFAULT = a member
            yield name, known[node.value.id]


def _size(weights: ast.Call) -> int | None:
    """``"_file_size": 83.275``, in mebibytes, of the dictionary ``meta``."""
    for node in ast.walk(weights):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                named = isinstance(key, ast.Constant) and key.value == "_file_size"
                if named and isinstance(value, ast.Constant):
                    return round(float(str(value.value)) * 2**20)
    return None


def _enum_of(function: ast.FunctionDef) -> str | None:
    """``ResNet34_Weights`` of ``def resnet34(*, weights: Optional[ResNet34_Weights] = None``."""
    if not any("register_model" in ast.unparse(mark) for mark in function.decorator_list):
        return None
    for argument in function.args.kwonlyargs:
        if argument.arg == "weights" and isinstance(argument.annotation, ast.Subscript):
            return ast.unparse(argument.annotation.slice)
    return None
