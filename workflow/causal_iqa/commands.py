"""The commands that rules call: functions of the package, each with its options as one JSON object.

What a function takes, by its signature, is what its command takes: a key that it does not know, one
that is missing and a value of another type are refused.
"""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Callable
from typing import Any, get_type_hints

import pydantic

from causal_iqa.core.config_faults import explain
from causal_iqa.core.errors import UserError

COMMANDS = {
    "manifest": "pictures.jobs:manifest",
    "skipped": "pictures.jobs:skipped",
    "imagenette": "pictures.imagenette:write_tar",
    "corrupt": "corruptions.generate:make_conditions",
    "index": "pictures.imagenet_c:write_indices",
    "plan": "plan:say",
    "scorers": "scorers.jobs:scorers",
    "weights": "scorers.jobs:weights",
    "texts": "scorers.jobs:texts",
    "score": "scorers.jobs:score",
    "merge": "scorers.jobs:merge",
    "import-scores": "data.imported:write_import",
    "splits": "data.splits:write_splits",
    "splits-rows": "data.folds:write_splits_rows",
    "panel": "data.panel:write_panel",
    "groups": "data.condition_means:write_groups",
    "analyse": "analyses.registry:analyse",
    "draw": "analyses.registry:draw",
    "render": "report.rendering:write_renderings",
    "scatter": "report.jobs:scatter",
    "overview": "report.jobs:overview",
    "picture-grid": "report.jobs:grid",
    "thumbnails": "report.jobs:thumbnails",
    "page": "report.jobs:page",
    "paper-page": "report.paper_page:write_paper_page",
    "audit-listing": "audit.pictures.inventory:write_listing",
    "audit-score": "audit.jobs:score",
    "audit-estimates": "audit.jobs:estimates",
    "audit-card": "audit.jobs:card",
}
"""Name -> module below the package, imported when the command runs, and its function."""


def function_of(command: str) -> Callable[..., None]:
    """What a command calls."""
    module, _, name = COMMANDS[command].partition(":")
    function: Callable[..., None] = getattr(importlib.import_module(f"causal_iqa.{module}"), name)
    return function


def arguments(command: str, text: str) -> dict[str, Any]:
    """The typed arguments that a JSON object gives the function of a command.

    Raises UserError that names every key that is unknown, doubled, missing, of another type or out
    of its bounds.
    """
    options = _options(function_of(command))
    try:
        read = options.model_validate(_object(command, text))
    except pydantic.ValidationError as error:
        faults = explain(error, options)
        raise UserError("\n".join(f"{command}: {fault}" for fault in faults)) from None
    # Not model_dump(), which would make plain dicts of the models within.
    return {name: getattr(read, name) for name in options.model_fields}


def _object(command: str, text: str) -> dict[str, Any]:
    """A JSON object of which no key stands twice. Raises UserError for anything else."""

    def each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise UserError(f"{command}: key {twice!r} stands twice; leave one out")
        return dict(pairs)

    try:
        found = json.loads(text, object_pairs_hook=each_once)
        fault = "" if isinstance(found, dict) else f"are no JSON object but {text}"
    except ValueError as error:
        fault = f"are no JSON ({error})"
    if fault:
        raise UserError(
            f'{command}: its options {fault}; give one object, as \'{{"results": "results/mine"}}\''
        )
    return dict(found)


def _options(function: Callable[..., None]) -> type[pydantic.BaseModel]:
    """The arguments of a function as a model that refuses any other."""
    types = get_type_hints(function, include_extras=True)  # extras: what Annotated checks
    fields: dict[str, Any] = {
        name: (types[name], ... if one.default is one.empty else one.default)
        for name, one in inspect.signature(function).parameters.items()
    }
    config = pydantic.ConfigDict(extra="forbid", allow_inf_nan=False)
    return pydantic.create_model(function.__name__, __config__=config, **fields)
