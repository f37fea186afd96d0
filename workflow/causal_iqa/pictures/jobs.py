"""What the rules before the conditions run."""

from __future__ import annotations

from causal_iqa.core.config import Pictures
from causal_iqa.core.contract import Results
from causal_iqa.pictures.finding import said, write_skipped
from causal_iqa.pictures.manifest import write_manifest
from causal_iqa.pictures.sources import list_skipped


def manifest(results: Results, pictures: Pictures) -> None:
    """List the labelled pictures and their classes."""
    write_manifest(pictures, results.manifest, results.classes)


def skipped(results: Results, pictures: Pictures) -> None:
    """Write, and say, which files are no pictures of the set, and why."""
    found = list_skipped(pictures)
    write_skipped(found, results.skipped)
    print(f"pictures: {said(found) or 'nothing passed over'}", flush=True)
