"""Batches: the rows in order whatever reads them, one shape in each, what is wrong passed on."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
import torch

from causal_iqa.scorers.batches import batches

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


def picture(row: int) -> torch.Tensor:
    return torch.full((3, 4, 4), row, dtype=torch.uint8)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("workers", [1, 4])
def test_rows_come_in_order_each_once(device: str, workers: int) -> None:
    def slow_at_first(row: int) -> torch.Tensor:
        time.sleep(0.01 * (row % 3 == 0))
        return picture(row)

    found = list(batches(slow_at_first, range(5, 22), 4, workers, device))
    assert [len(rows) for rows, _ in found] == [4, 4, 4, 4, 1]
    assert np.concatenate([rows for rows, _ in found]).tolist() == list(range(5, 22))
    for rows, pictures in found:
        assert pictures.device.type == device
        assert pictures[:, 0, 0, 0].tolist() == rows.tolist()


@pytest.mark.parametrize("device", DEVICES)
def test_pictures_of_two_sizes_do_not_share_a_batch(device: str) -> None:
    def read(row: int) -> torch.Tensor:
        return torch.zeros(3, 8 if row == 2 else 4, 4)

    found = list(batches(read, range(5), 4, 2, device))
    assert [rows.tolist() for rows, _ in found] == [[0, 1], [2], [3], [4]]


@pytest.mark.parametrize("device", DEVICES)
def test_a_fault_of_one_picture_comes_out_at_its_batch(device: str) -> None:
    def read(row: int) -> torch.Tensor:
        if row == 6:
            raise ValueError("row 6")
        return picture(row)

    stream = batches(read, range(12), 4, 2, device)
    assert next(stream)[0].tolist() == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="row 6"):
        list(stream)


@pytest.mark.parametrize("device", DEVICES)
def test_no_rows_are_no_batches(device: str) -> None:
    assert list(batches(picture, range(0), 4, 2, device)) == []


def test_reading_is_ahead_by_a_bounded_number_of_pictures() -> None:
    read: list[int] = []

    def note(row: int) -> torch.Tensor:
        read.append(row)
        return picture(row)

    stream = batches(note, range(100), 4, 2, "cpu")
    next(stream)
    time.sleep(0.1)
    assert 4 < len(read) <= 16
    stream.close()  # type: ignore[attr-defined]


def test_a_thread_that_reads_has_one_torch_thread_and_the_model_keeps_its_own() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    counts: set[tuple[str, int]] = set()

    def note(row: int) -> torch.Tensor:
        torch.ones(1 << 18).add(1)  # large enough for a team
        counts.add((threading.current_thread().name, torch.get_num_threads()))
        return picture(row)

    try:
        list(batches(note, range(8), 2, 2, "cpu"))
        assert {count for _, count in counts} == {1}
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
