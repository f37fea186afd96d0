"""What a reader must be warned of, each found in the files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from causal_iqa.report.cells import auc
from causal_iqa.report.findings import Findings, held_out_pictures, undefined
from causal_iqa.report.scorer_words import ScorerWords, lower_is_better, variant_words

# Below it an accuracy moves in steps of more than one per cent.
SMALL = 100
"""Fewer pictures than this are called few."""


class Caution(NamedTuple):
    """One warning: ``key`` is its anchor; ``items`` are what it concerns."""

    key: str
    title: str
    text: str
    items: list[str]


def cautions(findings: Findings, scorers: Mapping[str, ScorerWords]) -> list[Caution]:
    """The warnings that apply, in the order in which they matter."""
    found = (
        _small(findings),
        _synthetic(scorers),
        _undefined(findings, scorers),
        _circular(findings.pairs, scorers),
        _not_estimable(findings.pairs, scorers),
        _flipped(findings.pairs, scorers),
        _reversed(findings.pairs, scorers),
    )
    return [caution for caution in found if caution is not None]


def _small(findings: Findings) -> Caution | None:
    if findings.pictures >= SMALL:
        return None
    held_out = held_out_pictures(findings.pairs)
    fits = (
        f"Every AUC is estimated on the conditions of {held_out} held-out "
        f"{'picture' if held_out == 1 else 'pictures'}, and its interval resamples those: "
        "such an interval is itself rough. "
        if held_out is not None
        else ""
    )
    return Caution(
        "small-n",
        f"Few pictures: {findings.pictures}",
        f"{fits}Accuracies move in steps of {100 / findings.pictures:.1f} per cent. "
        "Read these numbers as a demonstration of the method, not as a finding about networks.",
        [],
    )


def _synthetic(scorers: Mapping[str, ScorerWords]) -> Caution | None:
    names = [scorer.title for scorer in scorers.values() if scorer.synthetic]
    text = "These scores are made up to exercise the program. They say nothing of any network."
    return Caution("synthetic", "Synthetic scores", text, names) if names else None


def _undefined(findings: Findings, scorers: Mapping[str, ScorerWords]) -> Caution | None:
    items = [
        f"{scorers[name].title}: {words(lost, total)} of {total} scores"
        for name, (lost, total) in undefined(findings).items()
    ]
    text = (
        "A metric need not be defined for every picture, as NIQE is not for a flat one. Under a "
        "condition where a score is not defined, the picture is left out of the fits, the judging "
        "and the means of that score's pairs, its Q and its correctness alike; analyses that need "
        "a picture under every condition leave it out altogether. The tables' n count what is "
        "left. Figures show the networks' accuracy on all pictures; the files of the scores say "
        "which pictures, and why."
    )
    return Caution("undefined", "Scores that are not defined", text, items) if items else None


def words(lost: int, total: int) -> str:
    """``3 (0.04 %)``."""
    return f"{lost} ({100 * lost / total:.2g} %)"


def _circular(pairs: pl.DataFrame, scorers: Mapping[str, ScorerWords]) -> Caution | None:
    rows = pairs.filter("circular").unique(["task_model", "quality_source"], maintain_order=True)
    items = [
        f"{scorers[source].title} with itself"
        if task == source
        else f"{scorers[task].title} with {scorers[source].title} "
        f"(both: {scorers[task].weights_group})"
        for task, source in rows.select("task_model", "quality_source").iter_rows()
    ]
    text = (
        "In these pairs quality and correctness come from the same weights, so part of their "
        "agreement is built in. They stand in the tables and figures, marked, and are left out "
        "of the answer above."
    )
    return Caution("circular", "Circular pairs", text, items) if items else None


def _not_estimable(pairs: pl.DataFrame, scorers: Mapping[str, ScorerWords]) -> Caution | None:
    rows = pairs.filter(pl.col("reason") != "")
    items = [
        f"{_name(row, scorers)} ({row['solver']}): {row['reason']}"
        for row in rows.iter_rows(named=True)
    ]
    text = "These values are left empty in the CSV, for the reason given."
    return Caution("not-estimable", "Not estimable", text, items) if items else None


def _flipped(pairs: pl.DataFrame, scorers: Mapping[str, ScorerWords]) -> Caution | None:
    keys = ["task_model", "quality_source", "quality_variant"]
    exact = pairs.filter(pl.col("solver") == "converged")
    library = pairs.filter(pl.col("solver") == "sklearn").select(*keys, library="slope")
    # A slope of 0 has no sign, so that it is not of the wrong one.
    rows = exact.join(library, on=keys).filter(pl.col("slope") * pl.col("library") < 0)
    items = [
        f"{_name(row, scorers)}: slope {row['slope']:.3g}, by scikit-learn {row['library']:.3g}"
        for row in rows.iter_rows(named=True)
    ]
    text = (
        "scikit-learn's default solver stopped at a slope of the other sign than the optimum's, "
        "so it ranks the pictures the other way round: its AUC is 1 minus the converged one. The "
        "answer above uses the converged fits."
    )
    return Caution("slope-sign", "Slope of the wrong sign", text, items) if items else None


def _reversed(pairs: pl.DataFrame, scorers: Mapping[str, ScorerWords]) -> Caution | None:
    """Fits whose slope says that the score's worse end goes with right answers."""
    fits = pairs.filter((pl.col("solver") == "converged") & pl.col("slope").is_not_null())
    items = []
    for row in fits.iter_rows(named=True):
        lower = lower_is_better(row["quality_variant"], scorers[row["quality_source"]].lower_better)
        if lower is not None and row["slope"] and (row["slope"] < 0) != lower:
            items.append(f"{_name(row, scorers)}: AUC {auc(row)}")
    text = (
        "In these pairs the fit learnt, on the training pictures, that the end of the score that "
        "counts as poor goes with right answers. Where the interval lies above 0.5 the score "
        "predicts, but not as a measure of quality: taken in its own direction it would point the "
        "wrong way."
    )
    title = "Learnt direction is the reverse of the score's own"
    return Caution("reversed", title, text, items) if items else None


def _name(row: Mapping[str, str], scorers: Mapping[str, ScorerWords]) -> str:
    source = scorers[row["quality_source"]]
    words = variant_words(source.kind, row["quality_variant"])
    return f"{scorers[row['task_model']].title} with {source.title}, {words}"
