"""The workflow through its SLURM profile, on a real SLURM: whole, disturbed, interrupted."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest
from cluster import Cluster, Unavailable, install
from documented_commands import commands
from samples import make_photograph
from small_project import SMALL, Project, make_project

pytestmark = pytest.mark.slow

README = next(found.command for found in commands() if "profiles/slurm" in found.command)

THROW_AWAY = (
    # the throw-away cluster has no accounting database and starts its jobs at once
    *("--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "1"),
    *("--latency-wait", "10", "--seconds-between-status-checks", "1"),
)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = Cluster(tmp_path_factory.mktemp("slurm") / "run")
    try:
        install()
        made.start()
    except Unavailable as why:
        pytest.skip(str(why))
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Conditions are made on this machine; what is left is to be scored on the cluster."""
    project = make_project(tmp_path_factory.mktemp("project"))
    for number in range(220):
        make_photograph(project.root / "pictures" / "n01440764" / f"m{number:03}.png", number)
    project.configure(
        conditions={"corruptions": ["fog"], "severities": [1, 3, 5]},
        scorers={
            **SMALL["scorers"],
            "ms_ssim": {"kind": "fr_metric", "metric": "ms_ssim"},
        },
        scoring={"batch_size": 8},
    )
    shutil.copy(project.root / "small.yaml", project.root / "mine.yaml")
    targets = [f"results/small/conditions/{c}.tar" for c in ("clean/0", "fog/1")]
    project.run(*targets, "resources/packages/squeezenet1_1.pkl", "results/small/scorers.csv")
    return project


def submit(project: Project, *arguments: str) -> subprocess.Popen[str]:
    """What README says, and then the arguments."""
    return project.shell(f"exec {README} {shlex.join([*THROW_AWAY, *arguments])}")


def finish(running: subprocess.Popen[str]) -> str:
    output, _ = running.communicate(timeout=600)
    assert running.returncode == 0, output
    return output


def await_running(cluster: Cluster, running: subprocess.Popen[str], scorer: str) -> str:
    """The id of the scorer's job, once it runs."""
    for _ in range(300):
        jobs = cluster.command("squeue", "-h", "-t", "R", "-o", "%i %k").splitlines()
        found = [job.split()[0] for job in jobs if scorer in job]
        if found:
            return found[0]
        assert running.poll() is None, running.communicate()[0]
        time.sleep(0.2)
    raise AssertionError(f"no job of {scorer} ran within a minute")


def remove(project: Project, scorer: str) -> None:
    for path in (project.results / "scores" / scorer).rglob("*.parquet"):
        path.unlink()


def complete(project: Project, scorer: str) -> bool:
    files = sorted((project.results / "scores" / scorer).rglob("*.parquet"))
    return len(files) == 4 and all(pl.read_parquet(file).height == 226 for file in files)


def scores_of(scorer: str) -> list[str]:
    conditions = ("clean/0", "fog/1", "fog/3", "fog/5")
    return [f"results/small/scores/{scorer}/{condition}.parquet" for condition in conditions]


def test_the_whole_experiment(cluster: Cluster, project: Project) -> None:
    output = finish(submit(project, "--set-resources", "score_all:gpu=1"))
    assert "This machine, where the jobs are planned, shows none, so networks run on CPUs" in output
    assert (project.results / "report.html").is_file()
    assert complete(project, "squeezenet") and complete(project, "tv")
    ran = cluster.command("sacct", "-n", check=False)  # no database: nothing
    assert ran == ""
    partitions = cluster.command("squeue", "-h", "-t", "all", "-o", "%P %T").splitlines()
    assert {line for line in partitions if "gpu" in line} == {"gpu COMPLETED"}
    assert "cpu COMPLETED" in partitions
    # fetching, rendering and listing stay where Snakemake runs
    assert not re.search(r"Job \d+ has been submitted.*\(log: .*/rule_render/", output)


def test_cancelled_drained_and_timed_out(cluster: Cluster, project: Project) -> None:
    """In one run: of two jobs one is cancelled, the other meets its limit, and n1 takes none.

    The cancelled job is done again. The other gets more time and keeps what it had.
    """
    remove(project, "squeezenet")
    before = len(ended(cluster))
    cluster.command("scontrol", "update", "nodename=n1", "state=drain", "reason=test")
    try:
        growing = ("--set-resources", "score_all:runtime=1 + 19 * (attempt - 1)")
        running = submit(project, *scores_of("squeezenet"), *scores_of("ms_ssim"), *growing)
        cluster.command("scancel", await_running(cluster, running, "squeezenet"))
        output = finish(running)
        assert complete(project, "squeezenet") and complete(project, "ms_ssim")
        mine = ended(cluster)[before:]
        states = [(scorer, state) for _, scorer, state, _ in mine]
        assert ("squeezenet", "CANCELLED") in states and ("squeezenet", "COMPLETED") in states
        assert ("ms_ssim", "TIMEOUT") in states and ("ms_ssim", "COMPLETED") in states, output
        assert {node for *_, node in mine} == {"n2"}
        assert cluster.states()["n1"].startswith("drain")
    finally:
        cluster.command("scontrol", "update", "nodename=n1", "state=resume")


def ended(cluster: Cluster) -> list[tuple[int, str, str, str]]:
    """Number, scorer, state and node of every scoring job, in their order."""
    listed = cluster.command("squeue", "-h", "-t", "all", "-o", "%i|%k|%T|%N").splitlines()
    rows = [line.split("|") for line in listed]
    return sorted(
        (int(job), comment.rpartition("_wildcards_")[2], state, node)
        for job, comment, state, node in rows
        if "score_all" in comment
    )


def wait_for(ready: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end
        time.sleep(0.5)


def test_an_interrupted_run_goes_on(cluster: Cluster, project: Project, tmp_path: Path) -> None:
    remove(project, "tv")
    running = submit(project, *scores_of("tv"))
    await_running(cluster, running, "tv")
    running.terminate()
    running.communicate(timeout=120)
    wait_for(lambda: not cluster.running(), 60)
    finish(submit(project, *scores_of("tv")))
    assert complete(project, "tv")
