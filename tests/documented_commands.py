"""The commands that README.md and docs/*.md tell a reader to run."""

from __future__ import annotations

import re
from typing import NamedTuple

from samples import ROOT

SHELLS = ("bash", "sh", "shell", "console")
PROGRAMS = ("snakemake", "python", "python3", "pip", "bash", "sh", "podman", "conda", "sbatch")
"""What a command begins with where it is not in a block that says it is one for a shell."""

BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.M | re.S)
SPAN = re.compile(r"`([^`]+)`")


class Documented(NamedTuple):
    """A command to the letter, and the files that tell of it."""

    command: str
    files: tuple[str, ...]


def commands() -> list[Documented]:
    """Every command of the documents, each once, in their order."""
    found: dict[str, list[str]] = {}
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for command in commands_in(path.read_text(encoding="utf-8")):
            found.setdefault(command, []).append(str(path.relative_to(ROOT)))
    return [Documented(command, tuple(dict.fromkeys(files))) for command, files in found.items()]


def commands_in(text: str) -> list[str]:
    """The commands of one document: those in blocks, then those in running text."""
    found = []
    for language, body in BLOCK.findall(text):
        lines = (" ".join(line.split()) for line in body.replace("\\\n", " ").splitlines())
        found += [line for line in lines if line and (language in SHELLS or _is_command(line))]
    for span in SPAN.findall(BLOCK.sub("", text)):
        words = " ".join(span.split())
        if _is_command(words) and " " in words:
            found.append(words)
    return found


def _is_command(line: str) -> bool:
    return line.split(" ")[0] in PROGRAMS
