"""What was found damaged or out of its place, noted where Snakemake sees it.

Snakemake does not make again what is missing or wrong beneath finished results. The record is an
input of the rules that make such files: once a job has noted a fault, the next plain run starts
them, and they make anew what is not what it should be.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

RECORD = "damaged.txt"
"""Beside the files: a line for each that was found faulty, and why."""
AGAIN = "Run the same snakemake command again"


def note(folder: Path, faults: Iterable[str]) -> None:
    """Add a line for each fault to the record of ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / RECORD).open("a", encoding="utf-8") as record:
        record.writelines(f"{fault}\n" for fault in faults)
