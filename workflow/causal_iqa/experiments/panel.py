"""The panel: quality Q and correctness M of every picture under every condition."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from causal_iqa.conditions import Condition
from causal_iqa.contract import MANIFEST, SCORERS, VARIANTS, Results, read_scores, read_table
from causal_iqa.errors import UserError

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]


class Panel:
    """Scores joined by picture and condition, read scorer by scorer as they are asked for.

    Arrays are [condition, picture]: conditions in the given order, pictures by image_id.
    """

    def __init__(self, root: Path, conditions: Sequence[Condition]) -> None:
        self._results = Results(root)
        self.conditions = list(conditions)
        manifest = read_table(self._results.manifest, MANIFEST)
        self.image_ids = manifest["image_id"]
        self._labels = manifest["label"]
        self._scorers = read_table(self._results.scorers, SCORERS)

    def of_kind(self, kind: str) -> list[str]:
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
        if self._labels.null_count():
            raise UserError(
                f"{self._results.manifest}: {self._labels.null_count()} of {len(self._labels)} "
                "pictures have no label; correctness M needs one for each"
            )
        correct: Booleans = self._column(task_model, "prediction") == self._labels.to_numpy()
        return correct

    def quality(self, source: str, variant: str) -> Floats:
        """Q in the scorer's own direction."""
        return self._column(source, variant).astype(np.float64)

    @functools.cache  # noqa: B019 - a panel lives as long as its process
    def _column(self, scorer: str, column: str) -> NDArray[Any]:
        kind = self.fact(scorer, "kind")
        return np.stack(
            [
                read_scores(self._results.scores(scorer, condition), kind, self.image_ids)[
                    column
                ].to_numpy()
                for condition in self.conditions
            ]
        )
