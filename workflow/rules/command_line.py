"""Faults of Snakemake's command line that it would answer with a traceback or without a line.

The default profile calls this: nothing else of ours runs before Snakemake reads configurations.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from causal_iqa.core.errors import UserError
from causal_iqa.core.yaml_files import read_yaml


def check_command_line(arguments: Sequence[str]) -> None:
    """Exit with what is wrong with --configfile and --config, as far as Snakemake would not say."""
    if "--mode" in arguments:
        return  # a job of a run whose command line was looked at, and is encoded here
    # As Snakemake has them: what follows belongs to them until the next option.
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--configfile", "--configfiles", nargs="+", default=[])
    parser.add_argument("--config", "-C", nargs="*", default=[])
    given, _ = parser.parse_known_args(arguments)
    try:
        for file in given.configfile:
            _check_file(Path(file))
        for entry in given.config:
            _check_entry(entry)
    except UserError as error:
        sys.exit(f"error: {error}")


def _check_file(file: Path) -> None:
    if not file.exists():
        raise UserError(
            f"--configfile: there is no file {file}. If it is a target, it stands before "
            "--configfile: whatever follows that is taken for one more configuration"
        )
    if not isinstance(read_yaml(file), dict):
        raise UserError(f"{file} needs keys and their values, as  experiment: mine")


def _check_entry(entry: str) -> None:
    key, equals, value = entry.partition("=")
    if not equals:
        raise UserError(
            f"--config: {entry!r} is no KEY=VALUE. A value with spaces, braces or quotation marks "
            "stands in quotation marks, key included: --config 'scoring={threads: 2}'; targets "
            "stand before --config"
        )
    if "." in key:
        section, _, inner = key.partition(".")
        raise UserError(
            f"--config: {entry!r} names a key below another. Give them so: "
            f"--config '{section}={{{inner}: {value}}}'"
        )
