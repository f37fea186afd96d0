"""The paper's Tables 1 to 6 beside ours, wherever networks, metrics and data are the same.

``published.csv``, one row a (row of the paper, matching pair of ours, quantity, solver):

- ``table``, ``paper_task_model``, ``paper_quality_source``, ``quality_variant``: the paper's row;
- ``task_model``, ``quality_source``: the scorers here that are those, '' where there are none;
- ``quantity``: auc, ce, krcc, plcc, srcc; ``solver``: of our fit, '' for a correlation. The paper
  used scikit-learn's defaults, so ``sklearn`` is the like-for-like one;
- ``value``: ours, a correlation without its sign, as the paper prints it; ``half_width``: half of
  our 95 % interval, pictures as units for AUC and CE (the paper's split is not known) and groups
  for correlations (what the paper resampled);
- ``paper``, ``paper_half_width``: as printed; of AUC and CE the captions' bound 0.001;
- ``difference``: ours minus the paper's; ``joint_half_width``: root of the summed squares of the
  half widths; ``within``: whether the difference is no larger than that;
- ``reason``: why a cell is empty, or what to bear in mind.

``within`` is empty for KRCC in Tables 2, 4, 5 and 6, whose printed intervals are PLCC's in every
row. Where the data differ the table is one row that says why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl

from causal_iqa.analyses.pooled.schema import CORRELATIONS, POOLED
from causal_iqa.analyses.published import PUBLISHED_TABLES_FILE
from causal_iqa.analyses.published.schema import PUBLISHED, PUBLISHED_TABLES
from causal_iqa.analyses.registry import Job
from causal_iqa.core.columns import MANIFEST, SCORERS
from causal_iqa.core.conditions import CLEAN, CORRUPTIONS, SEVERITIES, Condition, grid
from causal_iqa.core.contract import Results, read_table, write_table
from causal_iqa.core.kinds import TABLE_KINDS, Kind

DATASET = "imagenet-c"
# ImageNet's validation set, all of which the paper scores under every condition (Fig. 3).
PICTURES = 50_000
# The captions of Tables 1 to 6 bound the intervals of AUC and CE, and print none.
POINT_HALF_WIDTH = 0.001
SOLVERS = ("converged", "sklearn")
# Tables whose +- of KRCC is that of PLCC in every row, which in Tables 1 and 3 it is in none.
MISPRINTED = (2, 4, 5, 6)

NAMES = {
    "ConvNext-B": "convnext(b|base)",
    "ResNet34": "resnet34",
    "EfficientNet-V2-M": "efficientnetv2m",
    "MobileNet-V3-L": "mobilenetv3(l|large)",
    "Swin-B": "swin(b|base)",
    "ViT-L16": "vit(l|large)16",
    "ARNIQA": "arniqa",
    "BRISQUE": "brisque",
    "CLIP-IQA": "clipiqa",
    "TV": "tv|tv(l1mean|l1sum|l2)",
    "ZSCLIP": "zsclip(iqa)?|(open|zs|zeroshot)?clip(vit.*)?|vit[blhg]\\d+.*zeroshot",
}
"""The paper's names as patterns of a scorer's name or title (lower case, digits, plus)."""
NOTES = {
    "ARNIQA": "the paper does not say which regressor",
    "CLIP-IQA": "the paper does not say which variant",
    "TV": "the paper does not define TV",
    "ZSCLIP": "the paper names neither backbone nor prompts",
}

Row = dict[str, Any]
PrintedPair = tuple[str, str]


def write_published(
    results: Results, reference: Path, dataset: str, conditions: Sequence[Condition]
) -> None:
    """Write ``published.csv``.

    reference: ``resources/published_tables.csv``. dataset: what the pictures are, as the user
    says; ``imagenet-c`` are the paper's. conditions: those of the tables, clean or not.
    """
    paper = read_table(reference, PUBLISHED_TABLES)
    pictures = read_table(results.manifest, MANIFEST).height
    why = other_data(dataset, pictures, conditions)
    if why:
        rows = [{name: None if kind != pl.String else "" for name, kind in PUBLISHED.items()}]
        rows[0]["reason"] = why
    else:
        scorers = read_table(results.scorers, SCORERS)
        ours = {name: read_table(results.table(name), POOLED) for name in TABLE_KINDS}
        rows = [
            row
            for printed in paper.iter_rows(named=True)
            for row in compare(printed, ours[printed["guidance"]], scorers)
        ]
    write_table(pl.DataFrame(rows, schema=PUBLISHED), results.table("published"), PUBLISHED)


def other_data(dataset: str, pictures: int, conditions: Sequence[Condition]) -> str:
    """Why the data are not the paper's, in words; '' where they are."""
    if dataset != DATASET:
        return f"the paper's tables are of {DATASET}; this data set is {dataset!r}"
    if pictures < PICTURES:
        return f"{pictures} pictures; the paper's tables are of {PICTURES}"
    # Without clean, which may be there or not: the paper's correlations are over 75 conditions.
    if {c for c in conditions if c.corruption != CLEAN} != set(grid(CORRUPTIONS, SEVERITIES)[1:]):
        return "the conditions are not ImageNet-C's 15 corruptions at 5 severities"
    return ""


def compare(printed: Row, ours: pl.DataFrame, scorers: pl.DataFrame) -> Iterator[Row]:
    """The rows for one row of the paper; without values where no pair of ours is its."""
    names = {
        "table": printed["table"],
        "paper_task_model": printed["task_model"],
        "paper_quality_source": printed["quality_source"],
        "quality_variant": printed["quality_variant"],
    }
    pairs, why = matching_pairs(printed, scorers)
    for (task_model, source), (quantity, solver) in product(pairs or [("", "")], _quantities()):
        fits = ours.filter(
            task_model=task_model,
            quality_source=source,
            quality_variant=printed["quality_variant"],
            solver=solver or SOLVERS[0],
        )
        pair = {"task_model": task_model, "quality_source": source}
        fit = fits.row(0, named=True) if fits.height else None
        judged = judge(printed, quantity, fit, why)
        yield {**names, **pair, "quantity": quantity, "solver": solver, **judged}


def _quantities() -> list[tuple[str, str]]:
    """Each quantity with its solver; a correlation has none."""
    return [*product(("auc", "ce"), SOLVERS), *((name, "") for name in CORRELATIONS)]


def matching_pairs(printed: Row, scorers: pl.DataFrame) -> tuple[list[PrintedPair], str]:
    """Our (task model, quality source) pairs that are the paper's row; if none, why."""
    found, missing = [], []
    kinds = (Kind.CLASSIFIER, TABLE_KINDS[printed["guidance"]])
    for name, kind in zip((printed["task_model"], printed["quality_source"]), kinds, strict=True):
        facts = scorers.filter(kind=kind).select("scorer", "title", "synthetic").iter_rows()
        matches = [
            (scorer, synthetic)
            for scorer, title, synthetic in facts
            if is_named(name, scorer, title)
        ]
        real = [scorer for scorer, synthetic in matches if not synthetic]
        if not real:
            missing.append(f"{name} is synthetic" if matches else f"no scorer is {name}")
        found.append(real)
    pairs = list(product(*found))
    # Of several scorers that bear one name, a self pair takes one, not two different ones.
    if printed["task_model"] == printed["quality_source"]:
        pairs = [(task_model, source) for task_model, source in pairs if task_model == source]
    return pairs, "; ".join(dict.fromkeys(missing))


def is_named(paper_name: str, scorer: str, title: str | None) -> bool:
    """Whether a scorer's name or title is that of the paper's network or metric."""
    return any(
        # The plus stays: clipiqa+ is another metric than CLIP-IQA.
        re.fullmatch(NAMES[paper_name], re.sub("[^a-z0-9+]", "", text.lower()))
        for text in (scorer, title or "")
    )


def judge(printed: Row, quantity: str, fit: Row | None, why: str) -> Row:
    """Ours (a row of a pooled table; None: there is none) against the paper's, and the reason."""
    value, half = _ours(fit, quantity) if fit else (None, None)
    paper, paper_half = printed[quantity], printed.get(f"{quantity}_ci95", POINT_HALF_WIDTH)
    reasons = [why or ("" if fit else "no such quality score here")]
    if fit and fit["n_groups"] != len(CORRUPTIONS) * len(SEVERITIES):
        # At another n a coefficient has another spread; AUC and CE go with it, being of other rows.
        value = half = None
        reasons.append(f"{fit['n_groups']} groups; the paper's tables are over 75")
    elif fit and (value is None or half is None):
        reasons.append(fit["reason"] or "not estimable")
    if value is not None:
        reasons.append(NOTES.get(printed["quality_source"], ""))
    row: Row = {"value": value, "half_width": half, "paper": paper, "paper_half_width": paper_half}
    if quantity == "krcc" and printed["table"] in MISPRINTED:
        row["paper_half_width"] = paper_half = None
        reasons.append("not judged: the paper prints PLCC's interval for KRCC")
    if value is not None:
        row["difference"] = value - paper
    if value is not None and half is not None and paper_half is not None:
        row["joint_half_width"] = (half**2 + paper_half**2) ** 0.5
        row["within"] = abs(row["difference"]) <= row["joint_half_width"]
    return {**row, "reason": "; ".join(filter(None, reasons))}


def _ours(fit: Row, quantity: str) -> tuple[float | None, float | None]:
    """Our value and half of its interval; None where it could not be estimated."""
    correlation = quantity in CORRELATIONS
    # Groups are what the paper resampled: its half widths are those of 75 independent points.
    ends = f"{quantity}" if correlation else f"{quantity}_cluster"
    value, lo, hi = fit[quantity], fit[f"{ends}_lo"], fit[f"{ends}_hi"]
    if value is not None and correlation:
        value = abs(value)
    return value, None if lo is None or hi is None else (hi - lo) / 2


def run(job: Job) -> None:
    """``published.csv``."""
    dataset = job.settings["paper.dataset"] or "other"
    write_published(job.results, PUBLISHED_TABLES_FILE, dataset, job.settings.conditions())
