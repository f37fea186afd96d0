"""When memory runs out a batch is halved; the scores stay what they are."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from causal_iqa.core.errors import UserError
from causal_iqa.scorers.batches import batches, sent_ahead
from causal_iqa.scorers.memory import ON_A_CPU, WithinMemory, fitting, measured_batch_size
from causal_iqa.scorers.metrics import Metric, tv_l2
from causal_iqa.scorers.setting import Setting

SETTING = Setting(files={}, class_names=None, allowed=None, device="cpu", precision="float32")
PICTURES = torch.randint(0, 256, (11, 3, 16, 16), dtype=torch.uint8)
LABELS = np.full(11, np.nan)


def scorer(room: int, error: RuntimeError, asked: list[int]) -> Metric:
    """Total variation on a device that has room for so many pictures."""

    def compute(pictures: torch.Tensor) -> torch.Tensor:
        asked.append(len(pictures))
        if len(pictures) > room:
            raise error
        return tv_l2(pictures)

    return Metric(compute, SETTING)


OUT_OF_MEMORY = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"),
    RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
    RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    RuntimeError("CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`"),
    RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
    RuntimeError("cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED"),
    torch.AcceleratorError("CUDA error: out of memory", 2),  # as pin_memory's
]


@pytest.mark.parametrize("error", OUT_OF_MEMORY)
def test_halves_until_it_fits_and_stays_there(
    error: RuntimeError, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[int] = []
    within = WithinMemory(scorer(3, error, asked))
    expected = Metric(tv_l2, SETTING).score(PICTURES, LABELS)["score"]
    np.testing.assert_array_equal(within.score(PICTURES, LABELS)["score"], expected)
    assert asked == [11, 5, 2, 2, 2, 2, 2, 1] and within.at_once == 2
    warnings = capsys.readouterr().err.splitlines()
    assert len(warnings) == 2 and "going on with 2" in warnings[1]
    asked.clear()
    np.testing.assert_array_equal(within.score(PICTURES[:5], LABELS[:5])["score"], expected[:5])
    assert asked == [2, 2, 1] and not capsys.readouterr().err


def test_a_single_picture_that_does_not_fit_is_an_error() -> None:
    error = torch.OutOfMemoryError("CUDA out of memory")
    with pytest.raises(UserError, match="one picture at a time does not fit into memory"):
        WithinMemory(scorer(0, error, [])).score(PICTURES, LABELS)


@pytest.mark.parametrize(
    "error", [RuntimeError("shapes"), RuntimeError("CUDA error: CUBLAS_STATUS_EXECUTION_FAILED")]
)
def test_another_error_is_not_taken_for_it(error: RuntimeError) -> None:
    with pytest.raises(RuntimeError, match=str(error)):
        WithinMemory(scorer(3, error, [])).score(PICTURES, LABELS)


@pytest.mark.parametrize("error", OUT_OF_MEMORY)
def test_a_batch_that_finds_no_room_on_its_way_is_scored_in_parts(error: RuntimeError) -> None:
    def copy(pictures: torch.Tensor) -> torch.Tensor:
        raise error

    asked: list[int] = []
    within = WithinMemory(scorer(3, error, asked))
    found = [
        within.score(pictures, LABELS[rows])["score"]
        for rows, pictures in sent_ahead(
            batches(lambda row: PICTURES[row], range(11), 8, 1, "cpu"), copy
        )
    ]
    expected = Metric(tv_l2, SETTING).score(PICTURES, LABELS)["score"]
    np.testing.assert_array_equal(np.concatenate(found), expected)
    assert asked == [8, 4, 2, 2, 2, 2, 2, 1]


def test_another_fault_on_the_way_is_passed_on() -> None:
    def copy(pictures: torch.Tensor) -> torch.Tensor:
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    with pytest.raises(RuntimeError, match="illegal memory access"):
        list(sent_ahead(batches(lambda row: PICTURES[row], range(11), 8, 1, "cpu"), copy))


GB = 1 << 30


@pytest.mark.parametrize(
    ("two", "four", "free", "size"),
    [
        (3 * GB, 4 * GB, 80 * GB, 128),  # half a GB a picture: 128 take 64 GB, 80 % of 80
        (3 * GB, 4 * GB, 79 * GB, 64),
        (3 * GB, 3 * GB, GB, 256),  # too little to be seen
        (GB, 9 * GB, 4 * GB, 1),  # not even one is sure to fit: try one
    ],
)
def test_a_batch_takes_four_fifths_of_the_free_memory(
    two: int, four: int, free: int, size: int
) -> None:
    assert fitting(two, four, free) == size


def test_a_cpu_takes_its_own_batch_size() -> None:
    assert measured_batch_size(Metric(tv_l2, SETTING), PICTURES[0]) == ON_A_CPU


class OnAGpu:
    """Takes one GB and half a GB a picture of a GPU; torch's meta device stands in for it."""

    device = "meta"

    def __init__(self, room: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.room = room
        self.most = 0
        monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", self.reset)
        monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda device: self.most)
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (room - GB, room))
        monkeypatch.setattr(torch.cuda, "empty_cache", lambda: None)

    def reset(self, device: str) -> None:
        self.most = 0

    def score(self, batch: torch.Tensor, labels: np.ndarray) -> dict[str, np.ndarray]:
        takes = GB + len(batch) * GB // 2
        if takes > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory")
        self.most = max(self.most, takes)
        return {"score": np.zeros(len(batch))}


@pytest.mark.parametrize(
    ("room", "size"),
    [
        (81 * GB, 128),
        (80 * GB, 64),
        (2 * GB + GB // 2, 1),  # four pictures find no room
    ],
)
def test_on_a_gpu_a_batch_is_measured(
    room: int, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert measured_batch_size(OnAGpu(room, monkeypatch), PICTURES[0]) == size


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_the_measured_batch_fits_a_gpu() -> None:
    setting = Setting(files={}, class_names=None, allowed=None, device="cuda", precision="float32")
    metric = Metric(tv_l2, setting)
    picture = torch.zeros(3, 2000, 2000, dtype=torch.uint8)
    size = measured_batch_size(metric, picture)
    assert 1 < size <= 256
    metric.score(picture.expand(size, 3, 2000, 2000), np.full(size, np.nan))
