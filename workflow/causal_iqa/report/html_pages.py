"""How every page is made of its template."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jinja2
import jinja2.meta

_SHARED = Path(__file__).parent / "templates"


def filled(
    template: str, folder: Path = _SHARED, filters: Mapping[str, Callable[..., Any]] | None = None
) -> Callable[..., str]:
    """What fills a template of ``folder`` with values by name, and gives the page.

    Values are escaped, a name without a value is an error, and what the pages share is at hand.
    """
    environment = _environment(folder)
    environment.filters.update(filters or {})
    return environment.get_template(template).render


def _environment(folder: Path) -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader([folder, _SHARED]),
        autoescape=True,
        # A name that the template has wrong is an error, not an empty place.
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def files_of(template: str, folder: Path = _SHARED) -> list[Path]:
    """The files that a page is made of: its template and all that it takes in."""
    loader = jinja2.FileSystemLoader([folder, _SHARED])
    environment = jinja2.Environment()
    found: dict[str, Path] = {}
    waiting = [template]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        text, path, _ = loader.get_source(environment, name)
        found[name] = Path(path)
        # None stands for a name that is only known as the page is made; there is none.
        taken = jinja2.meta.find_referenced_templates(environment.parse(text))
        waiting += [name for name in taken if name is not None]
    return sorted(found.values())
