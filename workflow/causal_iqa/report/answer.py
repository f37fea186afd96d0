"""The answer in plain words, read off the tables and no further than they go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import polars as pl

from causal_iqa.core.kinds import TABLE_KINDS
from causal_iqa.report.cells import auc
from causal_iqa.report.counts import counted
from causal_iqa.report.enough import PICTURES, too_few
from causal_iqa.report.findings import held_out_pictures
from causal_iqa.report.scorer_words import FAMILY_TITLES, ScorerWords, variant_words

# Of an AUC, whatever the base rate.
CHANCE = 0.5


class Answer(NamedTuple):
    """What one family of quality sources gave: a figure for the card, then sentences."""

    family: str
    title: str
    figure: str
    sentences: list[str]


_TELLERS = {
    "strong": "the confidence of another network",
    "weak": "a zero-shot dual encoder",
    "nr_iqa": "a no-reference metric",
}
"""Families in the order of the answer, and what tells."""


def in_a_sentence(pairs: pl.DataFrame, pictures: int) -> str:
    """The answer in one sentence: in how many fits each family tells right from wrong.

    pairs: ``findings.read_pairs``; counted: converged fits of pairs with weights of their own, and
    those whose 95 % interval over pictures lies wholly above chance. Of too few held-out pictures
    it says so.
    """
    fits = pairs.filter((pl.col("solver") == "converged") & ~pl.col("circular"))
    parts: list[str] = []
    for family, teller in _TELLERS.items():
        mine = fits.filter(family=family)
        if mine.height:
            told = int((mine["auc_cluster_lo"] > CHANCE).sum())
            verb = " tells a network's right answers from its wrong ones" if not parts else ""
            unit = " fits" if not parts else ""
            below = int((mine["auc_cluster_hi"] < CHANCE).sum())
            lower = f" (and is wholly below chance in {below})" if below else ""
            parts.append(f"{teller}{verb} in {told} of {mine.height}{unit}{lower}")
    shown = counted(pictures, "pictures")
    if not parts:
        return f"On {shown}: no two scorers have weights of their own, so nothing can be answered."
    few = too_few(held_out_pictures(pairs), PICTURES, "held-out pictures")
    return f"On {shown}, {_listed(parts)}.{f' {few} whether that holds of others.' * bool(few)}"


def answers(pairs: pl.DataFrame, scorers: Mapping[str, ScorerWords]) -> list[Answer]:
    """One answer a family that has rows, from its converged fits.

    pairs: ``findings.read_pairs``. Pairs that share weights are counted and left out.
    """
    found = []
    for family in TABLE_KINDS:
        rows = pairs.filter((pl.col("family") == family) & (pl.col("solver") == "converged"))
        if rows.height:
            found.append(_answer(family, rows, scorers))
    return found


def _answer(family: str, rows: pl.DataFrame, scorers: Mapping[str, ScorerWords]) -> Answer:
    shared = rows.filter("circular").height
    apart = rows.filter(~pl.col("circular"))
    fits = apart.drop_nulls("auc")
    sentences = []
    if fits.is_empty():
        figure = "no AUC"
        sentences.append("No fit of a pair with separate weights could be estimated.")
    else:
        figure = f"AUC {_span(fits)}"
        sentences += [_count(fits), _best(fits, scorers)]
    if apart.height > fits.height:
        lost = counted(apart.height - fits.height, "fits")
        sentences.append(f"{lost} could not be estimated.")
    if shared:
        left = counted(shared, "fits")
        sentences.append(f"Not counted here: {left} where source and task model share weights.")
    return Answer(family, FAMILY_TITLES[family], figure, sentences)


def _span(fits: pl.DataFrame) -> str:
    sizes = fits["auc"].to_list()
    low, high = f"{min(sizes):.2f}", f"{max(sizes):.2f}"
    return low if low == high else f"{low} to {high}"


def _count(fits: pl.DataFrame) -> str:
    # By the intervals over pictures: those over rows are too narrow.
    above = int((fits["auc_cluster_lo"] > CHANCE).sum())
    below = int((fits["auc_cluster_hi"] < CHANCE).sum())
    unknown = fits["auc_cluster_lo"].null_count()
    rest = fits.height - above - below - unknown
    fitted = counted(fits.height, "fits")
    parts = [f"of {fitted}, {above} {_have(above)} a 95 % interval wholly above 0.5"]
    if below:
        parts.append(f"{below} wholly below")
    if unknown:
        parts.append(f"{unknown} {_have(unknown)} no interval")
    parts.append(f"{rest} cannot be told from chance")
    sentence = _listed(parts)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _best(fits: pl.DataFrame, scorers: Mapping[str, ScorerWords]) -> str:
    row = fits.sort("auc", descending=True, maintain_order=True).row(0, named=True)
    lo = row["auc_cluster_lo"]
    tail = "" if lo is None or lo > CHANCE else "; its interval takes in 0.5"
    return (
        f"The largest is {_quality(row, scorers)} for {scorers[row['task_model']].title}: "
        f"{auc(row)}{tail}."
    )


def _quality(row: Mapping[str, Any], scorers: Mapping[str, ScorerWords]) -> str:
    source = scorers[row["quality_source"]]
    if row["quality_variant"] == "score":
        return source.title
    return f"the {variant_words(source.kind, row['quality_variant'])} of {source.title}"


def comparisons(pairs: pl.DataFrame) -> list[str]:
    """How the best guided score of each task model stands to its best no-reference metric.

    One sentence a guided family; none where there is nothing to compare.
    """
    best = best_fits(pairs)
    metrics = best.filter(pl.col("family") == "nr_iqa")
    sentences = []
    for family, name in (("strong", "another task network"), ("weak", "the dual encoder")):
        both = metrics.join(best.filter(pl.col("family") == family), on="task_model", suffix="_g")
        if both.is_empty():
            continue
        larger = int((both["auc_g"] > both["auc"]).sum())
        # Overlap is said as overlap; it is no test of the difference, which the claims make.
        apart = int((both["auc_cluster_lo_g"] > both["auc_cluster_hi"]).sum())
        overlap = f"; the two intervals overlap for {larger - apart} of these" if larger else ""
        sentences.append(
            f"For {larger} of {counted(both.height, 'task models')}, the best "
            f"score of {name} has a larger AUC than the best no-reference metric{overlap}."
        )
    return sentences


def best_fits(pairs: pl.DataFrame) -> pl.DataFrame:
    """The converged fit of largest AUC for each task model and family, circular pairs left out."""
    fits = pairs.filter((pl.col("solver") == "converged") & ~pl.col("circular"))
    return (
        fits.drop_nulls("auc")
        .sort("auc", descending=True, maintain_order=True)
        .unique(["task_model", "family"], keep="first", maintain_order=True)
    )


def _have(count: int) -> str:
    return "has" if count == 1 else "have"


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
