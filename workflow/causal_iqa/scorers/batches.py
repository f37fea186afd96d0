"""Prepared pictures in batches: read and decoded ahead, and on a GPU already there when wanted."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import torch
from threadpoolctl import threadpool_limits

AHEAD = 2
"""Batches that are decoded while the model works on the one before them."""

Batch = tuple[np.ndarray, torch.Tensor]
"""Rows [n] and their prepared pictures [n, c, h, w]."""


def batches(
    read: Callable[[int], torch.Tensor], rows: range, size: int, workers: int, device: str
) -> Iterator[Batch]:
    """The rows in order, ``size`` at a time, on ``device``; of one shape only within a batch.

    read: row -> prepared picture, called from ``workers`` threads.
    """
    on_cpu = _decoded(read, rows, size, workers)
    return on_cpu if device == "cpu" else _sent_ahead(on_cpu, device)


def _decoded(
    read: Callable[[int], torch.Tensor], rows: range, size: int, workers: int
) -> Iterator[Batch]:
    with ThreadPoolExecutor(workers, initializer=_one_thread) as pool:
        waiting: list[Future[torch.Tensor]] = []
        upcoming = iter(rows)

        def top_up() -> None:
            room = (1 + AHEAD) * size - len(waiting)
            waiting.extend(pool.submit(read, row) for row in itertools.islice(upcoming, room))

        for first in range(rows.start, rows.stop, size):
            top_up()
            prepared = [future.result() for future in waiting[:size]]
            del waiting[:size]
            top_up()
            for _, same in itertools.groupby(
                enumerate(prepared, start=first), key=lambda numbered: numbered[1].shape
            ):
                numbers, pictures = zip(*same, strict=True)
                yield np.array(numbers), torch.stack(pictures)


def _one_thread() -> None:
    """One torch thread in a thread that reads.

    A team of threads in each would spin beside the model's own: with two, NIQE took twice as long.
    """
    torch.get_num_threads()  # gives this thread its number, once; the limit has to come after it
    threadpool_limits(1, user_api="openmp")


def _sent_ahead(on_cpu: Iterator[Batch], device: str) -> Iterator[Batch]:
    """Each batch copied through pinned memory while the model works on the one before it."""
    stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]

    def send() -> Batch | None:
        batch = next(on_cpu, None)
        if batch is None:
            return None
        rows, pictures = batch
        with torch.cuda.stream(stream):
            there = pictures.pin_memory().to(device, non_blocking=True)
        stream.synchronize()  # in this thread, so that nobody else waits
        there.record_stream(torch.cuda.current_stream(device))
        return rows, there

    with ThreadPoolExecutor(1) as sender:
        coming = sender.submit(send)
        while (batch := coming.result()) is not None:
            coming = sender.submit(send)
            yield batch
