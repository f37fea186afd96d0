"""Prepared pictures in batches: read and decoded ahead, and on a GPU already there when wanted."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from causal_iqa.scorers.memory import is_out_of_memory

AHEAD = 2
"""Batches that are decoded while the model works on the one before them."""

A_TASK = 4
"""Pictures that a thread reads at a time."""

Batch = tuple[np.ndarray, torch.Tensor]
"""Rows [n] and their prepared pictures [n, c, h, w]."""


def batches(
    read: Callable[[int], torch.Tensor], rows: range, size: int, workers: int, device: str
) -> Iterator[Batch]:
    """The rows in order, ``size`` at a time, on ``device``; of one shape only within a batch.

    read: row -> prepared picture, called from ``workers`` threads.
    """
    on_cpu = _decoded(read, rows, size, workers)
    return on_cpu if device == "cpu" else sent_ahead(on_cpu, _copy_to(device))


def _decoded(
    read: Callable[[int], torch.Tensor], rows: range, size: int, workers: int
) -> Iterator[Batch]:
    with ThreadPoolExecutor(workers, initializer=_one_thread) as pool:
        waiting: deque[list[Future[list[torch.Tensor]]]] = deque()
        upcoming = iter(_parts(rows, size))

        def read_part(part: range) -> list[torch.Tensor]:
            return [read(row) for row in part]

        def top_up() -> None:
            for parts in itertools.islice(upcoming, 1 + AHEAD - len(waiting)):
                waiting.append([pool.submit(read_part, part) for part in parts])

        for first in range(rows.start, rows.stop, size):
            # Before, so that there is a batch to take; after, so that the threads go on reading.
            top_up()
            futures = waiting.popleft()
            prepared = [picture for future in futures for picture in future.result()]
            top_up()
            # groupby, not a sort by shape: rows must come out in their order.
            for _, same in itertools.groupby(
                enumerate(prepared, start=first), key=lambda numbered: numbered[1].shape
            ):
                numbers, pictures = zip(*same, strict=True)
                yield np.array(numbers), _stacked(pictures)


def _parts(rows: range, size: int) -> Iterator[list[range]]:
    """The rows of each batch, some to a task: handing over single pictures takes as long again."""
    for first in range(rows.start, rows.stop, size):
        last = min(rows.stop, first + size)
        yield [range(k, min(last, k + A_TASK)) for k in range(first, last, A_TASK)]


def _stacked(pictures: Sequence[torch.Tensor]) -> torch.Tensor:
    """[n, c, h, w], its memory laid out as the pictures' own: nothing is transposed."""
    if pictures[0].is_contiguous():
        return torch.stack(tuple(pictures))
    return torch.stack([picture.permute(1, 2, 0) for picture in pictures]).permute(0, 3, 1, 2)


def _one_thread() -> None:
    """One torch thread in a thread that reads.

    A team of threads in each would spin beside the model's own: with two, NIQE took twice as long.
    """
    torch.get_num_threads()  # gives this thread its number, once; the limit has to come after it
    threadpool_limits(1, user_api="openmp")


def sent_ahead(
    on_cpu: Iterator[Batch], copy: Callable[[torch.Tensor], torch.Tensor]
) -> Iterator[Batch]:
    """Each batch copied to a device while the model works on the one before it.

    One that finds no room beside the model stays on the CPU: who scores it sends it in parts.
    """

    def send() -> Batch | None:
        batch = next(on_cpu, None)
        if batch is None:
            return None
        rows, pictures = batch
        try:
            return rows, copy(pictures)
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
            return batch

    with ThreadPoolExecutor(1) as sender:  # one, so that batches stay in their order
        coming = sender.submit(send)
        while (batch := coming.result()) is not None:
            coming = sender.submit(send)
            yield batch


def _copy_to(device: str) -> Callable[[torch.Tensor], torch.Tensor]:
    """Copies a batch through pinned memory, on a stream beside the model's own."""
    stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]

    def copy(pictures: torch.Tensor) -> torch.Tensor:
        with torch.cuda.stream(stream):
            # Out of pinned memory alone does a copy run beside the model.
            there = pictures.pin_memory().to(device, non_blocking=True)
        stream.synchronize()  # in the thread that sends, so that nobody else waits
        # Else torch might hand this memory out again while the model's stream still reads it.
        there.record_stream(torch.cuda.current_stream(device))
        return there

    return copy
