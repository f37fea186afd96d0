"""What the page's chart shows: means, counts and coefficients by condition, and a few pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from matplotlib.colors import to_hex
from scipy import stats

from causal_iqa.core.columns import CLASSES, MANIFEST
from causal_iqa.core.conditions import ALL_CORRUPTIONS, CLEAN, Condition, grid, group_of
from causal_iqa.core.contract import Results, read_table
from causal_iqa.core.kinds import TABLE_KINDS, VARIANTS
from causal_iqa.data.panel import rows_of
from causal_iqa.report.drawing.palette import ON_DARK, colour, member
from causal_iqa.report.enough import held_out_words
from causal_iqa.report.findings import Findings
from causal_iqa.report.sample_pictures import read_thumbnails, shown_pictures
from causal_iqa.report.scorer_words import (
    FAMILY_TITLES,
    ScorerWords,
    axis_label,
    corruption_words,
    score_words,
)

SHAPES = (
    *("circle", "square", "triangle-up", "diamond"),
    *("triangle-down", "cross", "triangle-right", "triangle-left"),
)
"""Vega's symbols for a group's members, in the order of ``palette.marker``."""
DIGITS = 9
"""Significant digits of a number in the page: the softmax of raw cosines differs in its sixth."""


def chart_data(
    results: Results, findings: Findings, scorers: Mapping[str, ScorerWords], thumbnails: bool
) -> dict[str, Any]:
    """Everything that ``templates/chart.js`` reads, as plain JSON types.

    thumbnails: whether there are pictures (imported scores come without). Lists stand in the order
    of ``conditions``; an accuracy is in per cent, with its 95 % interval by Wilson; None where
    nothing is defined. Raises ContractError for a file that is not as its schema says.
    """
    conditions = _conditions(findings.groups)
    means = _Means(findings.groups, conditions)
    fits = findings.pairs.filter(solver="converged")
    tasks = fits["task_model"].unique(maintain_order=True).to_list()
    scores = [
        (source, variant)
        for source in fits["quality_source"].unique(maintain_order=True)
        for variant in VARIANTS[scorers[source].kind]
    ]
    return {
        "conditions": [_condition(condition) for condition in conditions],
        "corruptions": _corruptions(conditions),
        "networks": [
            {"name": task, "title": scorers[task].title, **means.accuracy(task)} for task in tasks
        ],
        "scores": [_score(scorers[source], v, means) for source, v in scores],
        "fits": _fits(fits),
        "held_out": held_out_words(fits),
        "pictures": _pictures(results, conditions, tasks, scores, thumbnails),
    }


def _conditions(groups: pl.DataFrame) -> list[Condition]:
    drawn = groups.select("corruption", "severity").unique()
    severities = sorted(set(drawn["severity"]) - {0})
    names = set(drawn["corruption"])
    return grid([name for name in ALL_CORRUPTIONS if name in names], severities)


def _condition(condition: Condition) -> dict[str, Any]:
    clean = condition.corruption == CLEAN
    return {
        "id": str(condition),
        "corruption": condition.corruption if clean else corruption_words(condition.corruption),
        "severity": condition.severity,
        "title": CLEAN
        if clean
        else f"{corruption_words(condition.corruption)}, severity {condition.severity}",
    }


def _corruptions(conditions: Sequence[Condition]) -> dict[str, list[str]]:
    """Names, colours and symbols of the corruptions, in their order."""
    names = [n for n in dict.fromkeys(c.corruption for c in conditions) if n != CLEAN]
    colours = [to_hex(colour(name)) for name in names]
    return {
        "names": [corruption_words(name) for name in names],
        "groups": [group_of(name) for name in names],
        "colours": colours,
        "colours_on_dark": [ON_DARK.get(one, one) for one in colours],
        "shapes": [SHAPES[member(name) % len(SHAPES)] for name in names],
    }


class _Means:
    """A table of condition means, looked up."""

    def __init__(self, groups: pl.DataFrame, conditions: Sequence[Condition]) -> None:
        columns = groups.select("scorer", "variant", "corruption", "severity", "mean", "n")
        self._of = {
            (s, v, Condition(c, k)): (mean, n) for s, v, c, k, mean, n in columns.iter_rows()
        }
        self._conditions = conditions

    def accuracy(self, task: str) -> dict[str, list[float | None]]:
        """accuracy, lo, hi (per cent) and n, condition by condition."""
        found: dict[str, list[float | None]] = {"accuracy": [], "lo": [], "hi": [], "n": []}
        for condition in self._conditions:
            mean, n = self._of[task, "accuracy", condition]
            interval = stats.binomtest(round(mean * n), n).proportion_ci(method="wilson")
            row = (100 * mean, 100 * interval.low, 100 * interval.high)
            for name, value in zip(found, (*map(_short, row), n), strict=True):
                found[name].append(value)
        return found

    def quality(self, source: str, variant: str) -> list[float | None]:
        """Mean Q, condition by condition."""
        return [
            _short(self._of.get((source, variant, condition), (None, 0))[0])
            for condition in self._conditions
        ]


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.{DIGITS}g}")


def _score(scorer: ScorerWords, variant: str, means: _Means) -> dict[str, Any]:
    family = {kind: family for family, kind in TABLE_KINDS.items()}[scorer.kind]
    return {
        "id": f"{scorer.name}.{variant}",
        "title": score_words(scorer, variant),
        "axis": axis_label(scorer, variant),
        "family": FAMILY_TITLES[family],
        "means": means.quality(scorer.name, variant),
    }


def _fits(fits: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """Network -> score -> AUC and SRCC with their intervals, and whether the pair is circular."""
    found: dict[str, dict[str, Any]] = {}
    for row in fits.iter_rows(named=True):
        found.setdefault(row["task_model"], {})[
            f"{row['quality_source']}.{row['quality_variant']}"
        ] = {
            "auc": [_short(row[name]) for name in ("auc", "auc_cluster_lo", "auc_cluster_hi")],
            "srcc": [_short(row[name]) for name in ("srcc", "srcc_corr_lo", "srcc_corr_hi")],
            "circular": row["circular"],
            "reason": row["reason"],
        }
    return found


def _pictures(
    results: Results,
    conditions: Sequence[Condition],
    tasks: Sequence[str],
    scores: Sequence[tuple[str, str]],
    thumbnails: bool,
) -> dict[str, Any]:
    """The shown pictures: labels, and [picture][condition] of each score and prediction."""
    shown = shown_pictures(results)
    manifest = read_table(results.manifest, MANIFEST).filter(pl.col("image_id").is_in(shown))
    names = read_table(results.classes, CLASSES)["name"].to_list()
    labels = dict(manifest.select("image_id", "label").iter_rows())
    panels = {name: _grid(results, name, shown, conditions) for name in {*tasks, *dict(scores)}}
    return {
        "ids": shown,
        "labels": [names[labels[image_id]] for image_id in shown],
        "thumbnails": read_thumbnails(results, shown, conditions) if thumbnails else [],
        "right": {
            task: [
                [bool(row["prediction"] == labels[image_id]) for row in rows]
                for image_id, rows in panels[task].items()
            ]
            for task in tasks
        },
        "scores": {
            f"{source}.{variant}": [
                [_short(row[variant]) for row in rows] for rows in panels[source].values()
            ]
            for source, variant in scores
        },
    }


def _grid(
    results: Results, scorer: str, shown: Sequence[str], conditions: Sequence[Condition]
) -> dict[str, list[dict[str, Any]]]:
    """Picture -> its row of a scorer's panel under each condition."""
    found = {
        (row["image_id"], Condition(row["corruption"], row["severity"])): row
        for row in rows_of(results, scorer, shown).iter_rows(named=True)
    }
    return {
        image_id: [found[image_id, condition] for condition in conditions] for image_id in shown
    }
