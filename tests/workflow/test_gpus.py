"""Local jobs on GPUs: how many run at once, and what happens where torch finds none."""

from __future__ import annotations

import base64
import json

import pytest
import torch
from small_project import Project

from causal_iqa.core.device import DECIDED

pytestmark = pytest.mark.slow


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without a GPU")
def test_a_job_planned_for_a_gpu_that_torch_does_not_find_says_so(
    unscored: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And does not run on the CPU, holding one of the GPUs that Snakemake counts."""
    monkeypatch.setenv(DECIDED, "cuda")
    assert "gpu=1" in unscored.run("scores", "--dry-run", "--workflow-profile", "none")
    status, output = unscored.snakemake("scores")
    assert status != 0
    assert "scoring.device: auto (a GPU shows in /dev, so cuda), but PyTorch" in output
    assert not list(unscored.results.glob("scores/*/*/*.parquet"))


@pytest.mark.parametrize("flag", [(), ("--resources", "gpu=2")])
def test_as_many_jobs_run_as_one_flag_says_there_are_gpus(
    unscored: Project, flag: tuple[str, ...]
) -> None:
    unscored.run("scores", "--set-resources", "score_all:gpu=1", *flag)
    (first, ended), (second, _) = sorted(times(unscored, name) for name in ("squeezenet", "tv"))
    assert (second < ended) == bool(flag), (first, ended, second)


def times(project: Project, scorer: str) -> tuple[float, float]:
    """When the scoring job began and ended, as Snakemake noted."""
    output = f"results/small/scores/{scorer}/fog/1.parquet"
    name = base64.b64encode(output.encode()).decode()
    noted = json.loads((project.root / ".snakemake" / "metadata" / name).read_text())
    return noted["starttime"], noted["endtime"]
