"""Batches that do not fit into memory, scored in parts that do."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol

import numpy as np

from causal_iqa.core.errors import UserError

if TYPE_CHECKING:
    import torch


ON_A_CPU = 16
"""Pictures at once on a CPU, where more gain nothing."""

MOST = 256
"""Pictures at once on a GPU, where more gain nothing."""

SHARE = 0.8
"""Of the free memory that a batch may take."""


class Scores(Protocol):
    """What scores a batch: ``engine.LoadedScorer``."""

    device: str

    def score(self, batch: torch.Tensor, labels: np.ndarray) -> dict[str, np.ndarray]:
        """Columns, each [n], of a batch [n, ...] of pictures with labels [n]."""


def measured_batch_size(scorer: Scores, picture: torch.Tensor) -> int:
    """Pictures of this one's size that a forward pass should have.

    picture: prepared, [c, h, w]. On a GPU what two and four pictures take at their peak says how
    many fit; on a CPU it is ON_A_CPU.
    """
    if scorer.device == "cpu":
        return ON_A_CPU
    import torch

    _peak(scorer, picture, 1)  # chooses algorithms and allocates what is allocated once
    try:
        peaks = _peak(scorer, picture, 2), _peak(scorer, picture, 4)
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
        return 1
    finally:
        torch.cuda.empty_cache()  # so that mem_get_info counts it as free
    free, _ = torch.cuda.mem_get_info(scorer.device)
    return fitting(*peaks, free)


def _peak(scorer: Scores, picture: torch.Tensor, count: int) -> int:
    """Bytes of GPU memory that ``count`` pictures take at once."""
    import torch

    torch.cuda.reset_peak_memory_stats(scorer.device)
    with torch.inference_mode():
        batch = picture.expand(count, *picture.shape).to(scorer.device)
        scorer.score(batch, np.full(count, np.nan))
    return torch.cuda.max_memory_allocated(scorer.device)


def fitting(two: int, four: int, free: int) -> int:
    """The largest power of two, 1 to MOST, whose batch fits into SHARE of ``free`` bytes.

    two, four: bytes that a batch of so many pictures takes at its peak.
    """
    # The difference leaves out what does not grow with the batch, as the weights.
    a_picture = max(1, (four - two) // 2)
    size = MOST
    while size > 1 and size * a_picture > SHARE * free:
        size //= 2
    return size


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
                start = stop
                continue
            except RuntimeError as error:
                if not is_out_of_memory(error):
                    raise
                self._halve(stop - start, error)
            # Out of the except block, whose error holds the tensors of the batch that failed.
            torch.cuda.empty_cache()  # does nothing where there is no GPU
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


OUT_OF_MEMORY = (
    "can't allocate memory",  # the CPU's allocator
    "CUDA error: out of memory",  # pinned memory, and what goes past torch's allocator
    "ALLOC_FAILED",  # CUBLAS_STATUS_ALLOC_FAILED, and so of the other libraries
    "ALLOCATION_FAILED",  # CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED, since cuDNN 9
    "STATUS_NOT_INITIALIZED",  # of cuBLAS and cuDNN, where a handle found no room
)
"""Words of errors that have no class of their own."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out, of the GPU or the CPU, in torch's allocator or a library's."""
    import torch

    return isinstance(error, torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and any(words in str(error) for words in OUT_OF_MEMORY)
    )
