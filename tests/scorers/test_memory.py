"""When memory runs out a batch is halved; the scores stay what they are."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from causal_iqa.errors import UserError
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


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
    ],
)
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


def test_another_error_is_not_taken_for_it() -> None:
    with pytest.raises(RuntimeError, match="shapes"):
        WithinMemory(scorer(3, RuntimeError("shapes"), [])).score(PICTURES, LABELS)


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


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_the_measured_batch_fits_a_gpu() -> None:
    setting = Setting(files={}, class_names=None, allowed=None, device="cuda", precision="float32")
    metric = Metric(tv_l2, setting)
    picture = torch.zeros(3, 2000, 2000, dtype=torch.uint8)
    size = measured_batch_size(metric, picture)
    assert 1 < size <= 256
    metric.score(picture.expand(size, 3, 2000, 2000), np.full(size, np.nan))
