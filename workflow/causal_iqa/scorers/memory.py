"""Batches that do not fit into memory, scored in parts that do."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol

import numpy as np

from causal_iqa.errors import UserError

if TYPE_CHECKING:
    import torch


class Scores(Protocol):
    """What scores a batch: ``engine.LoadedScorer``."""

    def score(self, batch: torch.Tensor, labels: np.ndarray) -> dict[str, np.ndarray]:
        """Columns, each [n], of a batch [n, ...] of pictures with labels [n]."""


class WithinMemory:
    """A scorer whose batches are halved when memory runs out, for good and with a warning.

    A picture's scores may differ in the last digits with the pictures beside it.
    """

    def __init__(self, scorer: Scores) -> None:
        self._scorer = scorer
        self.at_once: int | None = None
        """Pictures that a batch may have; None: no limit is known."""

    def score(self, batch: torch.Tensor, labels: np.ndarray) -> dict[str, np.ndarray]:
        """As the scorer's own. Raises UserError where a single picture does not fit."""
        import torch

        parts = []
        start = 0
        while start < len(batch):
            stop = min(len(batch), start + (self.at_once or len(batch)))
            try:
                parts.append(self._scorer.score(batch[start:stop], labels[start:stop]))
            except RuntimeError as error:
                if not _is_out_of_memory(error):
                    raise
                self._halve(stop - start, error)
                torch.cuda.empty_cache()  # does nothing where there is no GPU
                continue
            start = stop
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def _halve(self, tried: int, error: RuntimeError) -> None:
        if tried == 1:
            raise UserError(
                f"one picture at a time does not fit into memory: {str(error).splitlines()[0]}. "
                "Use a machine or a GPU with more of it, or scoring.precision: bfloat16."
            ) from error
        self.at_once = tried // 2
        print(
            f"warning: {tried} pictures at once do not fit into memory; going on with "
            f"{self.at_once}. Set scoring.batch_size to that for the same bytes in every run.",
            file=sys.stderr,
            flush=True,
        )


def _is_out_of_memory(error: RuntimeError) -> bool:
    """CUDA's is a class of its own; the CPU allocator's is known by its words alone."""
    import torch

    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)
