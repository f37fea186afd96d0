"""How a rule calls its command: what Snakemake watches and what is handed over is written once.

An option is a value or a function of ``wildcards`` and of ``input``, ``output`` or ``threads``.
Snakemake runs a job again whose option was changed, but for functions of more than wildcards.
"""

from __future__ import annotations

import inspect
import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Option = Callable[..., Any]


# Positional alone, so that an option may be called name.
def command(name: str, /, **options: Any) -> dict[str, Any]:
    """Params of a rule: every option, and ``call``, the command line that they make."""

    def call(wildcards: Any, input: Any, output: Any, threads: int) -> str:
        known = {"wildcards": wildcards, "input": input, "output": output, "threads": threads}
        given = {key: _value(option, known) for key, option in options.items()}
        # default=str: paths and conditions are texts, of which the command makes them again.
        return f"python -m causal_iqa {name} {shlex.quote(json.dumps(given, default=str))}"

    # Snakemake watches the options; call, a function of more than wildcards, it does not.
    return {**options, "call": call}


def _value(option: Any, known: Mapping[str, Any]) -> Any:
    if not callable(option):
        return option
    return option(**{name: known[name] for name in inspect.signature(option).parameters})


def wildcard(name: str) -> Option:
    """A wildcard of the rule."""
    return lambda wildcards: wildcards[name]


def file(name: str) -> Option:
    """The input or output of that name; None where a job has none."""

    def option(wildcards: Any, input: Any, output: Any) -> str | None:
        files: str | Sequence[str] = input.get(name) or output.get(name) or []
        return files if isinstance(files, str) else next(iter(files), None)

    return option


def unwatched(value: Any) -> Option:
    """What makes nothing stale where it changes: a limit changes no score, say."""
    return lambda wildcards, threads: value  # threads: to be more than wildcards


def threads_of(wildcards: Any, threads: int) -> int:
    """The job's number of threads."""
    return threads
