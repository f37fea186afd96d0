"""Does Q predict M where the content is fixed? Cross-validation a picture and a label (App. G).

A picture's rows are itself under the conditions; a label's rows are its pictures under them.
A picture for which Q is not defined under every condition is no unit of that score's pairs; of a
label's rows only those without Q are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from causal_iqa.analyses.content.schema import CONTENT
from causal_iqa.analyses.labels.compute import label_codes, over_conditions
from causal_iqa.analyses.per_unit_fits import (
    Judged,
    Pair,
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


def write_content_image(
    results: Results,
    conditions: Sequence[Condition],
    control: Control,
    *,
    include_clean: bool,
    threads: int = 1,
) -> None:
    """Write ``content_image.csv`` (Fig. 20a): a fit per picture and fold, on its conditions."""
    panel = groups_of(results, conditions, include_clean=include_clean)
    splits = picture_folds(results, panel, control)

    def judge_pictures(task_model: str, q: Floats, m: Booleans) -> Judged:
        # All pictures are fitted, since the folds are of all; those without Q are taken out below.
        found = judge_folds(of_complete_pictures(q).ravel(), m.ravel(), splits[task_model])
        kept = complete(q)
        if kept.all():
            return found
        return Judged(found.auc[kept], found.ce[kept], found.why[kept])

    judged = judge_pairs(panel, judge_pictures, threads)
    _write(results, "content_image", panel, judged, control, whole=True)


def write_content_label(
    results: Results,
    conditions: Sequence[Condition],
    control: Control,
    *,
    include_clean: bool,
    threads: int = 1,
) -> None:
    """Write ``content_label.csv`` (Fig. 20b): a fit per label and fold, on its pictures' rows."""
    panel = groups_of(results, conditions, include_clean=include_clean)
    splits = label_folds(results, panel, control)

    def judge_labels(task_model: str, q: Floats, m: Booleans) -> Judged:
        return judge_folds(q.ravel(), m.ravel(), splits[task_model])

    judged = judge_pairs(panel, judge_labels, threads)
    _write(results, "content_label", panel, judged, control, whole=False)


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


def _write(
    results: Results,
    table: str,
    panel: Panel,
    judged: dict[Pair, Judged],
    control: Control,
    *,
    whole: bool,
) -> None:
    """whole: as in ``left_out``."""
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
    write = {"content_image": write_content_image, "content_label": write_content_label}[job.name]
    given = {
        "image_folds": job.settings.get("paper.image_folds"),
        "label_folds": job.settings.get("paper.label_folds"),
        "degenerate_folds": job.settings["paper.degenerate_folds"],
        "seed": job.settings.get("analysis.seed"),
    }
    control = Control(**{name: value for name, value in given.items() if value is not None})
    # Whatever the tables take: Appendix G counts the clean picture among its 76.
    write(job.results, job.settings.conditions(), control, include_clean=True, threads=job.threads)
