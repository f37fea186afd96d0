"""Does Q predict M where the content is fixed? Cross-validation a picture and a label (App. G).

A picture's rows are itself under the conditions; a label's rows are its pictures under them.
A picture for which Q is not defined under every condition is no unit of that score's pairs; of a
label's rows only those without Q are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from causal_iqa.analyses.content.schema import CONTENT
from causal_iqa.analyses.labels.compute import label_codes, over_conditions
from causal_iqa.analyses.per_unit_fits import (
    Judged,
    Part,
    judge_folds,
    judge_pairs,
    left_out,
    of_complete_pictures,
    part,
    summarise,
)
from causal_iqa.analyses.registry import Job
from causal_iqa.core.conditions import Condition
from causal_iqa.core.contract import Results, write_table
from causal_iqa.core.kinds import Kind
from causal_iqa.data.folds import FOLDS, read_folds, stratified_folds
from causal_iqa.data.panel import Booleans, Floats, Panel, complete, groups_of
from causal_iqa.data.splits import read_splits

Splits = dict[str, list[Part]]
"""Of each task model: what is fitted on and judged on, a part per fold."""


@dataclass(frozen=True)
class Control:
    """How units are folded, and what becomes of a fold without an AUC (paper's text: silent).

    image_folds: ``shared`` by all pictures and networks, or ``stratified`` by what a network gets
    right of a picture, so that fewer folds hold one class (the networks' folds differ then);
    label_folds: ``image`` keeps all rows of a picture in one fold, ``row`` does not, so that the
    held-out rows are of pictures that were trained on; degenerate_folds: ``skip`` or ``half`` (an
    AUC of 0.5); seed: of the stratified folds.
    """

    image_folds: Literal["shared", "stratified"] = "shared"
    label_folds: Literal["image", "row"] = "image"
    degenerate_folds: Literal["skip", "half"] = "skip"
    seed: int = 0


def picture_folds(results: Results, panel: Panel, control: Control) -> Splits:
    """Training and held-out rows of every picture, a fold of its conditions each."""
    networks = panel.of_kind(Kind.CLASSIFIER)
    units = over_conditions(np.arange(len(panel.image_ids)), panel.conditions)
    if control.image_folds == "stratified":
        return {
            network: _parts(units, stratified_folds(panel.correct(network), network, control.seed))
            for network in networks
        }
    folds = read_folds(results, "image_fold", panel.conditions, panel.image_ids)
    return dict.fromkeys(networks, _parts(units, folds.ravel()))


def label_folds(results: Results, panel: Panel, control: Control) -> Splits:
    """Training and held-out rows of every label, a fold each."""
    if control.label_folds == "image":
        dealt = read_splits(results, "label_fold", panel.image_ids)
        folds = over_conditions(dealt, panel.conditions)
    else:
        folds = read_folds(results, "row_fold", panel.conditions, panel.image_ids).ravel()
    parts = _parts(over_conditions(label_codes(results), panel.conditions), folds)
    return dict.fromkeys(panel.of_kind(Kind.CLASSIFIER), parts)


def _parts(unit: NDArray, fold: NDArray) -> list[Part]:
    """unit, fold: [row] of the flattened [condition, picture]."""
    return [part(unit, fold == k) for k in range(FOLDS)]


def _within_pictures(parts: list[Part], q: Floats, m: Booleans) -> Judged:
    # All pictures are fitted, since the folds are of all; those without Q are taken out below.
    found = judge_folds(of_complete_pictures(q).ravel(), m.ravel(), parts)
    kept = complete(q)
    return found if kept.all() else Judged(found.auc[kept], found.ce[kept], found.why[kept])


def _within_labels(parts: list[Part], q: Floats, m: Booleans) -> Judged:
    return judge_folds(q.ravel(), m.ravel(), parts)


class Half(NamedTuple):
    """What one of the two tables is of.

    judge: the parts of a task model, Q and M, [condition, picture]; whole: as in ``left_out``.
    """

    folds: Callable[[Results, Panel, Control], Splits]
    judge: Callable[[list[Part], Floats, Booleans], Judged]
    whole: bool


HALVES = {
    "content_image": Half(picture_folds, _within_pictures, whole=True),
    "content_label": Half(label_folds, _within_labels, whole=False),
}
"""Fits per picture and fold on its conditions (Fig. 20a), per label and fold on its pictures' rows
(Fig. 20b)."""


def write_content(
    results: Results,
    table: str,
    conditions: Sequence[Condition],
    control: Control,
    *,
    include_clean: bool,
    threads: int = 1,
) -> None:
    """Write ``content_image.csv`` or ``content_label.csv``: a name of ``HALVES``."""
    folds, judge, whole = HALVES[table]
    panel = groups_of(results, conditions, include_clean=include_clean)
    splits = folds(results, panel, control)
    judged = judge_pairs(panel, lambda network, q, m: judge(splits[network], q, m), threads)
    half = control.degenerate_folds == "half"
    rows = [
        {
            **pair._asdict(),
            **summarise(found, "folds", left_out(panel.quality(*pair[1:]), whole=whole), half=half),
        }
        for pair, found in judged.items()
    ]
    write_table(pl.DataFrame(rows, schema=CONTENT), results.table(table), CONTENT)


def run(job: Job) -> None:
    """``content_image.csv`` or ``content_label.csv``, by the job's name."""
    given = {
        "image_folds": job.settings.get("paper.image_folds"),
        "label_folds": job.settings.get("paper.label_folds"),
        "degenerate_folds": job.settings["paper.degenerate_folds"],
        "seed": job.settings.get("analysis.seed"),
    }
    control = Control(**{name: value for name, value in given.items() if value is not None})
    # Whatever the tables take: Appendix G counts the clean picture among its 76.
    conditions, threads = job.settings.conditions(), job.threads
    write_content(job.results, job.name, conditions, control, include_clean=True, threads=threads)
