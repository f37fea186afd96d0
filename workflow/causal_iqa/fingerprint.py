"""What code computed a file: a hash over a module and all project modules that it imports.

Two versions of the code that differ in comments, docstrings or layout alone have the same
fingerprint, so such an edit makes no file stale.
"""

from __future__ import annotations

import ast
import functools
import hashlib
from pathlib import Path

PACKAGE = __package__
_ROOT = Path(__file__).parent


def code_fingerprint(*modules: str) -> str:
    """SHA-256 (16 hex digits) over the named modules and the project modules they import.

    ``modules`` are dotted names below the package, as ``scorers.metrics``. Imports inside
    functions count; names given as strings to importlib do not. Raises ValueError where a name
    is no module.
    """
    digest = hashlib.sha256()
    for name in sorted(_closure(frozenset(f"{PACKAGE}.{module}" for module in modules))):
        digest.update(f"{name}\0{_meaning(_file_of(name))}\0".encode())
    return digest.hexdigest()[:16]


def _closure(roots: frozenset[str]) -> set[str]:
    seen: set[str] = set()
    todo = list(roots)
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo.extend(_imports(_file_of(name)))
    return seen


def _file_of(name: str) -> Path:
    file = _find(name)
    if file is None:
        raise ValueError(f"{name} is no module of {PACKAGE}")
    return file


def _find(name: str) -> Path | None:
    stem = _ROOT.joinpath(*name.split(".")[1:])
    for file in (stem.with_suffix(".py"), stem / "__init__.py"):
        if file.is_file():
            return file
    return None


@functools.cache
def _meaning(file: Path) -> str:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_docstring(body[0]):
            node.body = body[1:] or [ast.Pass()]  # type: ignore[attr-defined]
    return ast.unparse(tree)


def _is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


@functools.cache
def _imports(file: Path) -> tuple[str, ...]:
    """The project modules that ``file`` imports by absolute name."""
    found: list[str] = []
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []  # what only a type checker reads changes no result
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        found += [n for n in names if n.split(".")[0] == PACKAGE and _find(n) is not None]
    return tuple(found)
