"""How every page is made of its template."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jinja2

_SHARED = Path(__file__).parent / "templates"


def filled(
    template: str, folder: Path = _SHARED, filters: Mapping[str, Callable[..., Any]] | None = None
) -> Callable[..., str]:
    """What fills a template of ``folder`` with values by name, and gives the page.

    Values are escaped, a name without a value is an error, and what the pages share
    (``report.css``) is at hand.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([folder, _SHARED]),
        autoescape=True,
        # A name that the template has wrong is an error, not an empty place.
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(filters or {})
    return environment.get_template(template).render
