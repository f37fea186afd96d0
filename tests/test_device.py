"""auto has one meaning, and every process a GPU of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from samples import ROOT

from causal_iqa.core import device
from causal_iqa.core.config import Scoring
from causal_iqa.core.errors import UserError
from causal_iqa.scorers import engine

Start = Callable[..., subprocess.Popen[str]]

CLAIM = """
import os, sys
from pathlib import Path
from causal_iqa.core import device
device.DEVICES = Path(sys.argv[1])
device.claim_gpu()
print(os.environ.get("CUDA_VISIBLE_DEVICES"), flush=True)
device.claim_gpu()
print(os.environ.get("CUDA_VISIBLE_DEVICES"), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def gpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four GPUs in name, beside what a driver shows of its own."""
    for name in ("nvidia0", "nvidia1", "nvidia2", "nvidia3", "nvidiactl", "nvidia-uvm"):
        (tmp_path / "dev" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "dev" / name).touch()
    monkeypatch.setattr(device, "DEVICES", tmp_path / "dev")
    for variable in (device.VISIBLE, device.DECIDED, "SLURM_JOB_ID"):
        monkeypatch.setenv(variable, "")  # so that it is put back as it was
        monkeypatch.delenv(variable)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path / "dev"


@pytest.mark.parametrize(
    ("variable", "visible"),
    [
        (None, ["0", "1", "2", "3"]),
        ("2", ["2"]),
        ("1, 3", ["1", "3"]),
        ("GPU-8932f937,GPU-1b2c", ["GPU-8932f937", "GPU-1b2c"]),
        ("", []),
        ("-1", []),
        ("1,-1,2", ["1"]),
    ],
)
def test_gpus_are_visible_as_cuda_takes_its_variable(
    gpus: Path, monkeypatch: pytest.MonkeyPatch, variable: str | None, visible: list[str]
) -> None:
    if variable is not None:
        monkeypatch.setenv(device.VISIBLE, variable)
    assert device.visible_gpus() == visible
    assert device.resolve_device("auto") == ("cuda" if visible else "cpu")
    for name in ("cpu", "cuda"):
        assert device.resolve_device(name) == name


def test_without_a_device_none_is_visible(
    gpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "DEVICES", tmp_path)
    monkeypatch.setenv(device.VISIBLE, "0,1")
    assert device.visible_gpus() == [] and device.resolve_device("auto") == "cpu"


def test_auto_is_what_it_was_where_the_jobs_were_planned(
    gpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(device.VISIBLE, "")
    device.hand_down_device()
    monkeypatch.delenv(device.VISIBLE)  # a node that shows GPUs
    assert device.resolve_device("auto") == "cpu"
    device.hand_down_device()  # Snakemake in the node's job
    assert device.resolve_device("auto") == "cpu"
    assert device.resolve_device("cuda") == "cuda"


@pytest.fixture
def start(gpus: Path) -> Start:
    """Starts a process that claims a GPU and holds it until it is ended."""
    started = []

    def start(**environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", CLAIM, str(gpus)],
            env={**os.environ, "PYTHONPATH": str(ROOT / "workflow"), **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def seen(process: subprocess.Popen[str]) -> str:
    """The GPU that a process sees after claiming one, and after claiming it again."""
    first, second = process.stdout.readline(), process.stdout.readline()
    assert first == second
    return first.strip()


def test_each_process_has_a_gpu_of_its_own_until_it_ends(start: Start) -> None:
    processes = [start() for _ in range(4)]
    given = [seen(process) for process in processes]
    assert sorted(given) == ["0", "1", "2", "3"]
    fifth = start()
    assert fifth.stderr.readline() == "waiting for one of 4 GPUs, in use by other jobs\n"
    processes[2].kill()
    assert seen(fifth) == given[2]


def test_only_visible_gpus_are_given(start: Start) -> None:
    given = [seen(start(CUDA_VISIBLE_DEVICES="1,3")) for _ in range(2)]
    assert given == ["1", "3"]
    waiting = start(CUDA_VISIBLE_DEVICES="3")
    assert waiting.stderr.readline() == "waiting for its GPU, in use by other jobs\n"


def test_the_gpus_of_two_jobs_of_a_cluster_are_others(start: Start) -> None:
    of_jobs = [seen(start(SLURM_JOB_ID=job, CUDA_VISIBLE_DEVICES="0")) for job in ("7", "8")]
    assert of_jobs == ["0", "0"]


def test_without_gpus_there_is_nothing_to_claim(start: Start) -> None:
    assert seen(start(CUDA_VISIBLE_DEVICES="")) == ""


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without a GPU")
@pytest.mark.parametrize(
    ("asked", "said"), [("auto", "a GPU shows in /dev"), ("cuda", "cuda, but")]
)
def test_a_gpu_that_torch_does_not_find_is_an_error(
    gpus: Path, monkeypatch: pytest.MonkeyPatch, asked: str, said: str
) -> None:
    monkeypatch.setattr(engine, "claim_gpu", lambda: None)  # it would change this process
    with pytest.raises(UserError, match=rf"scoring.device: .*{said}.*set scoring.device: cpu"):
        engine.resolve(Scoring(device=asked))


def test_hidden_gpus_are_left_alone(gpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(device.VISIBLE, "")
    assert engine.resolve(Scoring(device="auto")) == "cpu"
    monkeypatch.delenv(device.VISIBLE)
    assert engine.resolve(Scoring(device="cpu")) == "cpu"
