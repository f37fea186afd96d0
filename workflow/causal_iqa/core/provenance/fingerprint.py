"""What code computed a file: a hash over the definitions that are reached from some modules.

Followed by name, definition by definition: a constant, function or class that nothing reached
mentions counts for nothing, in whatever module it stands. Two versions of the code that differ in
comments, docstrings, types of arguments or layout alone have the same fingerprint, so such an edit
makes no file stale.
"""

from __future__ import annotations

import ast
import functools
import hashlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PACKAGE = __name__.partition(".")[0]
_ROOT = Path(__file__).parents[2]


class Target(NamedTuple):
    """What an import brings in: a module of the package, or a name in one ('' for all of it)."""

    module: str
    name: str = ""


class Statement(NamedTuple):
    """A statement at the top of a module.

    meaning: its code without docstrings and types of arguments. names: what it mentions, those
    types too, each with what is taken from it (``tables.write``). imports: what it brings in.
    """

    meaning: str
    names: frozenset[str]
    imports: dict[str, Target]


class Module(NamedTuple):
    """Statements by the names that they bind; ``effects`` bind none and run at the import.

    foreign: name -> where it comes from, of what is imported from other packages.
    """

    binding: dict[str, list[Statement]]
    effects: list[Statement]
    imports: dict[str, Target]
    foreign: dict[str, str]


def code_fingerprint(*roots: str) -> str:
    """SHA-256 (16 hex digits) over ``reached_code``. Raises ValueError as it does."""
    digest = hashlib.sha256()
    for module, statements in sorted(reached_code(*roots).items()):
        # Sorted: the order of a set of texts is another in every process.
        digest.update("\0".join([module, *sorted(statements), ""]).encode())
    return digest.hexdigest()[:16]


def reached_code(*roots: str) -> dict[str, set[str]]:
    """Module -> its statements that are reached from ``roots``.

    A root is a module's dotted name below the package, as ``scorers.metrics``, all of whose
    definitions count, or one of these, as ``core.jpeg:decode``. Imports inside functions count;
    names given as strings to importlib or getattr do not. Raises ValueError where a name is no
    module, or no definition of one.
    """
    reached: dict[str, set[str]] = defaultdict(set)
    todo = [Target(*f"{PACKAGE}.{root}".split(":")) for root in roots]
    for module, name in todo:
        if name and name not in _read(_file_of(module)).binding:
            raise ValueError(f"{module} defines no {name}")
    seen: set[Target] = set()
    while todo:
        target = todo.pop()
        if target in seen:
            continue
        seen.add(target)
        for statement in _statements(target):
            reached[target.module] |= {statement.meaning, *_foreign(statement, target.module)}
            todo.extend(_mentioned(statement, target.module))
        todo.extend(_passed_on(target))
    return dict(reached)


def _statements(target: Target) -> Iterator[Statement]:
    """What counts where ``target`` does: its own definition, and what its module runs."""
    module = _read(_file_of(target.module))
    yield from module.effects
    if target.name:
        yield from module.binding.get(target.name, ())
    else:
        for statements in module.binding.values():
            yield from statements


def _passed_on(target: Target) -> Iterator[Target]:
    """What a module gives under a name that it imported itself."""
    module = _read(_file_of(target.module))
    if target.name and target.name not in module.binding and target.name in module.imports:
        yield module.imports[target.name]


def _mentioned(statement: Statement, module: str) -> Iterator[Target]:
    """Definitions of the package that a statement of ``module`` mentions."""
    here = _read(_file_of(module))
    for dotted in statement.names:
        name, _, rest = dotted.partition(".")
        if name in here.binding:
            yield Target(module, name)
        target = statement.imports.get(name) or here.imports.get(name)
        if target is not None:
            yield _taken(target, rest)


def _foreign(statement: Statement, module: str) -> Iterator[str]:
    """Where the names come from that a statement of ``module`` has from other packages."""
    foreign = _read(_file_of(module)).foreign
    return (foreign[name] for name in _heads(statement) if name in foreign)


def _heads(statement: Statement) -> set[str]:
    return {dotted.partition(".")[0] for dotted in statement.names}


def _taken(target: Target, rest: str) -> Target:
    """``target`` with what is taken from it: of a module the name after the dot, if it has it."""
    name = rest.partition(".")[0]
    if target.name or not name:
        return target
    below = f"{target.module}.{name}"
    # A submodule need not be mentioned in its package.
    if _find(below) is not None:
        return Target(below)
    module = _read(_file_of(target.module))
    known = name in module.binding or name in module.imports
    return Target(target.module, name) if known else target


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
def _read(file: Path) -> Module:
    module = Module(defaultdict(list), [], {}, {})
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if _is_docstring(node) or _is_for_types_alone(node):
            continue
        # What is imported counts where it is mentioned, not for standing at the top.
        if isinstance(node, ast.Import | ast.ImportFrom):
            module.imports.update(_imports(node))
            module.foreign.update(_foreign_imports(node))
            continue
        statement = _statement(node)
        bound = list(_bound(node))
        for name in bound:
            module.binding[name].append(statement)
        if not bound:
            module.effects.append(statement)
    return module


def _statement(node: ast.stmt) -> Statement:
    imports: dict[str, Target] = {}
    names = frozenset(_names(node))  # before _strip, since types count as mentioned
    for part in ast.walk(node):
        if isinstance(part, ast.Import | ast.ImportFrom):
            imports.update(_imports(part))
        _strip(part)
    return Statement(ast.unparse(node), names, imports)


def _strip(node: ast.AST) -> None:
    """Take away what changes no result: docstrings, and types of arguments and results."""
    body = getattr(node, "body", None)
    if isinstance(body, list) and body and _is_docstring(body[0]):
        node.body = body[1:] or [ast.Pass()]  # type: ignore[attr-defined]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        node.returns = None
        for argument in ast.walk(node.args):
            if isinstance(argument, ast.arg):
                argument.annotation = None


def _names(node: ast.AST) -> Iterator[str]:
    """Names that a node mentions, each with what is taken from it."""
    dotted = _dotted(node)
    if dotted:
        yield dotted
        return
    for child in ast.iter_child_nodes(node):
        yield from _names(child)


def _dotted(node: ast.AST) -> str:
    """``a.b.c`` for a name or what is taken from one; '' for any other node."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := _dotted(node.value)):
        return f"{before}.{node.attr}"
    return ""


def _bound(node: ast.stmt) -> Iterator[str]:
    """The names that a statement at the top of a module gives a value to, or changes."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            for part in ast.walk(target):
                if isinstance(part, ast.Name):
                    yield part.id


def _imports(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, Target]]:
    """Local name -> what of the package an import statement brings in under it."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            if _is_ours(alias.name):
                # `import a.b` binds a alone; _taken then follows what is taken from it.
                yield alias.asname or PACKAGE, Target(alias.name if alias.asname else PACKAGE)
    elif node.module and not node.level and _is_ours(node.module):
        for alias in node.names:
            below = f"{node.module}.{alias.name}"
            target = Target(below) if _find(below) else Target(node.module, alias.name)
            yield alias.asname or alias.name, target


def _foreign_imports(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """Local name -> the import of it from another package, in words of its own."""
    module = f"from {node.module} " if isinstance(node, ast.ImportFrom) else ""
    for alias in node.names:
        if not _is_ours(getattr(node, "module", None) or alias.name):
            bound = alias.asname or alias.name.partition(".")[0]
            yield bound, f"{module}import {alias.name} as {bound}"


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] == PACKAGE and _find(name) is not None


def _is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _is_for_types_alone(node: ast.stmt) -> bool:
    """What only a type checker reads changes no result."""
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
