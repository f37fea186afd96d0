"""Figures inside the page, each with a caption that says what it shows and from how many."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from causal_iqa.core.errors import UserError
from causal_iqa.report.cells import COEFFICIENTS, Row, coefficient
from causal_iqa.report.findings import Findings
from causal_iqa.report.scorer_words import ScorerWords, variant_words

_TYPES = {".svg": "image/svg+xml", ".jpg": "image/jpeg", ".png": "image/png"}


def data_uri(path: Path) -> str:
    """A picture file as a data URI. Raises UserError where it is absent."""
    if not path.is_file():
        raise UserError(f"{path} is not there; draw the figures before the page")
    return f"data:{_TYPES[path.suffix]};base64,{base64.b64encode(path.read_bytes()).decode()}"


def scatter_groups(
    findings: Findings, scorers: Mapping[str, ScorerWords], folder: Path
) -> list[dict[str, Any]]:
    """For each task model its name, title and figures; a figure has uri, alt and caption."""
    pairs = findings.pairs.unique(
        ["task_model", "quality_source", "quality_variant"], keep="first", maintain_order=True
    )
    return [
        {
            "task": task,
            "title": scorers[task].title,
            "figures": [
                _figure(task, source, findings, scorers, folder, rows)
                for (source,), rows in mine.group_by("quality_source", maintain_order=True)
            ],
        }
        for (task,), mine in pairs.group_by("task_model", maintain_order=True)
    ]


def _figure(
    task: Any,
    source: Any,
    findings: Findings,
    scorers: Mapping[str, ScorerWords],
    folder: Path,
    rows: pl.DataFrame,
) -> dict[str, Any]:
    pair = f"{scorers[task].title} with {scorers[source].title}"
    drawn = findings.groups.filter((pl.col("scorer") == task) & (pl.col("variant") == "accuracy"))
    counted = rows["n_groups"][0]
    clean = "; clean is drawn but not counted in the coefficients" * (drawn.height > counted)
    shared = " Circular: the two share weights." if rows["circular"].any() else ""
    return {
        "uri": data_uri(folder / task / f"{source}.svg"),
        "alt": f"Accuracy of {scorers[task].title} against the mean quality by "
        f"{scorers[source].title}, a point per condition",
        "pair": pair,
        "caption": f"{counted} conditions, each the mean over {_pictures(drawn)} "
        f"pictures{clean}.{shared}",
        "coefficients": [
            (variant_words(scorers[source].kind, row["quality_variant"]), _coefficients(row))
            for row in rows.iter_rows(named=True)
        ],
    }


def _pictures(drawn: pl.DataFrame) -> str:
    counts = drawn["n"].to_list()
    low, high = min(counts), max(counts)
    return f"{low}" if low == high else f"{low} to {high}"


def _coefficients(row: Row) -> str:
    return "; ".join(f"{name.upper()} {coefficient(row, name)}" for name in COEFFICIENTS)
