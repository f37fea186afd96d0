"""The panel: quality Q and correctness M of every picture under every condition.

``write_panel`` reads the score files of a scorer, once, and joins them; the analyses read the
columns they need from what it wrote.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from causal_iqa.core.bounds import ConditionList, MaxUndefined
from causal_iqa.core.columns import MANIFEST, SCORERS
from causal_iqa.core.conditions import CLEAN, Condition
from causal_iqa.core.contract import (
    UNREADABLE,
    ContractError,
    Results,
    check_share,
    read_parquet,
    read_provenance,
    read_scores,
    read_table,
    undefined_in,
    write_table,
)
from causal_iqa.core.errors import UserError
from causal_iqa.core.kinds import VARIANTS, Kind
from causal_iqa.core.provenance.score_files import files_of, require
from causal_iqa.core.unreadable import reason
from causal_iqa.data.schema import PANELS

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]


def write_panel(
    results: Results,
    scorer: str,
    conditions: ConditionList,
    spec: dict[str, Any] | None = None,
    max_undefined: MaxUndefined = 0.0,
) -> None:
    """Write ``panel/<scorer>.parquet``: its score files, checked, in the conditions' order.

    spec: what the scorer is, as in the configuration; None: imported scores, of which no more is
    known than they say. Raises ContractError for a file that is not what the contract says, or
    that says that it is of another scorer, condition or pictures than its place does; UserError
    where a metric is not defined for more than ``max_undefined`` of a file.
    """
    image_ids = read_table(results.manifest, MANIFEST)["image_id"]
    kind = Panel(results.root, conditions).fact(scorer, "kind")
    require(files_of(results, scorer, conditions), results, image_ids, spec)
    frames, lost = [], {}
    for condition in conditions:
        path = results.scores(scorer, condition)
        frame = read_scores(path, kind, image_ids)
        undefined = undefined_in(frame, path)
        check_share(undefined, frame.height, max_undefined, path)
        if undefined:
            lost[str(condition)] = len(undefined)
        frames.append(
            frame.with_columns(
                corruption=pl.lit(condition.corruption),
                severity=pl.lit(condition.severity, pl.Int32),
            )
        )
    outline = _outline(scorer, image_ids, conditions) | ({"undefined": lost} if lost else {})
    joined = pl.concat(frames)
    write_table(joined, results.panel(scorer), PANELS[kind], outline)


def above_limit(panel: Path, max_undefined: float) -> list[str]:
    """Conditions of a panel's file with more undefined than ``max_undefined`` allows."""
    provenance = read_provenance(panel)
    if not provenance.get("undefined"):
        return []
    n = pl.scan_parquet(panel).select(pl.len()).collect().item() / len(provenance["conditions"])
    return [name for name, lost in provenance["undefined"].items() if lost / n > max_undefined]


def _outline(scorer: str, image_ids: pl.Series, conditions: Sequence[Condition]) -> dict[str, Any]:
    """What the rows of a panel's file stand for."""
    digest = hashlib.sha256("\n".join(image_ids).encode()).hexdigest()
    names = [str(condition) for condition in conditions]
    return {"scorer": scorer, "image_ids": digest, "conditions": names}


def rows_of(results: Results, scorer: str, image_ids: Sequence[str]) -> pl.DataFrame:
    """A scorer's scores of some pictures, under every condition.

    Raises ContractError where the file is absent, cannot be read or lacks a column.
    """
    path = results.panel(scorer)
    kind = Kind(read_table(results.scorers, SCORERS).filter(scorer=scorer)["kind"].item())
    try:
        return (
            pl.scan_parquet(path)
            .select(list(PANELS[kind]))
            .filter(pl.col("image_id").is_in(image_ids))
            .collect()
        )
    except UNREADABLE as error:
        raise ContractError(f"{path} cannot be read: {reason(path, {})}") from error


def complete(q: Floats) -> Booleans:
    """[picture]: whether Q, [condition, picture], is defined under every condition."""
    defined: Booleans = np.logical_not(np.isnan(q).any(axis=0))
    return defined


def groups_of(results: Results, conditions: Sequence[Condition], *, include_clean: bool) -> Panel:
    """The panel of the conditions that count as groups; include_clean: clean among them."""
    return Panel(results.root, [c for c in conditions if include_clean or c.corruption != CLEAN])


class Panel:
    """Scores joined by picture and condition, read column by column as they are asked for.

    Arrays are [condition, picture]: conditions in the given order, pictures by image_id.
    """

    def __init__(self, root: Path, conditions: Sequence[Condition]) -> None:
        self._results = Results(root)
        self.conditions = list(conditions)
        manifest = read_table(self._results.manifest, MANIFEST)
        self.image_ids = manifest["image_id"]
        self._labels = manifest["label"]
        self._scorers = read_table(self._results.scorers, SCORERS)

    def of_kind(self, kind: Kind) -> list[str]:
        """Names of the scorers of a kind, in the order of ``scorers.csv``."""
        return self._scorers.filter(pl.col("kind") == kind)["scorer"].to_list()

    def fact(self, scorer: str, column: str) -> Any:
        """One cell of ``scorers.csv``."""
        return self._scorers.row(by_predicate=pl.col("scorer") == scorer, named=True)[column]

    def variants(self, scorer: str) -> tuple[str, ...]:
        """The quality scores that a scorer gives, as ``max_prob``."""
        return VARIANTS[self.fact(scorer, "kind")]

    def circular(self, task_model: str, source: str) -> bool:
        """Whether M and Q come from the same weights."""
        group = self.fact(source, "weights_group")
        return task_model == source or (
            group is not None and group == self.fact(task_model, "weights_group")
        )

    def correct(self, task_model: str) -> Booleans:
        """M: whether the network's prediction is the label. Raises UserError without labels."""
        correct: Booleans = self.predictions(task_model) == self.labels()
        return correct

    def all_correct(self) -> dict[str, Booleans]:
        """M of every task model. Raises UserError without labels."""
        return {name: self.correct(name) for name in self.of_kind(Kind.CLASSIFIER)}

    def predictions(self, task_model: str) -> NDArray[np.int32]:
        """The class that a network predicts."""
        predictions: NDArray[np.int32] = self._column(task_model, "prediction")
        return predictions

    def labels(self) -> NDArray[np.int32]:
        """The class of each picture, [picture]. Raises UserError where one is not known."""
        if self._labels.null_count():
            raise UserError(
                f"{self._results.manifest}: {self._labels.null_count()} of {len(self._labels)} "
                "pictures have no label; correctness M needs one for each"
            )
        labels: NDArray[np.int32] = self._labels.to_numpy()
        return labels

    def quality(self, source: str, variant: str) -> Floats:
        """Q in the scorer's own direction; NaN where a metric is not defined for a picture."""
        return self._column(source, variant).astype(np.float64)

    @functools.cache  # noqa: B019 - a panel lives as long as its process
    def _column(self, scorer: str, column: str) -> NDArray[Any]:
        path = self._results.panel(scorer)
        found = read_provenance(path)
        wanted = _outline(scorer, self.image_ids, self.conditions)
        if not path.is_file():
            raise ContractError(f"{path} does not exist; the command panel makes it")
        if found.get("scorer") != scorer:
            raise ContractError(
                f"{path} holds scores of {found.get('scorer', 'no named scorer')}; delete it, and "
                "it is made anew"
            )
        there = found.get("conditions", [])
        lost = [name for name in wanted["conditions"] if name not in there]
        if found.get("image_ids") != wanted["image_ids"] or lost:
            raise ContractError(
                f"{path} does not hold the manifest's {len(self.image_ids)} pictures under "
                f"{lost[0] if lost else 'the conditions'}; delete it, and it is made anew"
            )
        values = read_parquet(path, [column])[column].to_numpy()
        rows = [there.index(name) for name in wanted["conditions"]]
        grid = values.reshape(len(there), len(self.image_ids))
        # grid[rows] is a copy, which is mostly not needed.
        return grid if rows == list(range(len(there))) else grid[rows]
