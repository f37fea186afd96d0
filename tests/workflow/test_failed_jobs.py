"""A job that fails late keeps what it had finished, is never believed, and says why at the end."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from small_project import SMALL, Project, make_project

from causal_iqa.core.columns import INDEX
from causal_iqa.core.condition_archive import index_path, sha256_of
from causal_iqa.core.contract import read_provenance, read_table, write_table

pytestmark = pytest.mark.slow

CONDITIONS = {"corruptions": ["fog", "pixelate", "contrast"], "severities": [1, 2, 3, 4, 5]}
ALONE = {"conditions": CONDITIONS, "scorers": {"squeezenet": SMALL["scorers"]["squeezenet"]}}
FILES = 16


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Sixteen conditions scored by one network, in a run that nothing befell."""
    project = make_project(tmp_path_factory.mktemp("undisturbed"))
    project.configure(**ALONE)
    project.run("scores")
    return project


@pytest.fixture
def started(undisturbed: Project, tmp_path: Path) -> Project:
    """The same before anything was scored."""
    root = tmp_path / "copy"
    subprocess.run(["cp", "-a", undisturbed.root, root], check=True)
    project = Project(root)
    subprocess.run(["rm", "-r", project.results / "scores"], check=True)
    return project


def scores(project: Project) -> dict[str, tuple[int, bytes]]:
    return project.files("scores/*/*/*.parquet")


def spoil(archive: Path) -> dict[Path, tuple[bytes, os.stat_result]]:
    """Make the archive's first picture none, unseen by Snakemake and by its index's SHA-256.

    Returns both files as they were.
    """
    index = index_path(archive)
    before = {path: (path.read_bytes(), path.stat()) for path in (archive, index)}
    content = archive.read_bytes()
    archive.write_bytes(content[:600] + bytes(2000) + content[2600:])
    facts = {**read_provenance(index), "fingerprint": sha256_of(archive)}
    write_table(read_table(index, INDEX), index, INDEX, facts)
    for path, (_, stat) in before.items():
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    return before


def restore(before: dict[Path, tuple[bytes, os.stat_result]]) -> None:
    for path, (content, stat) in before.items():
        path.write_bytes(content)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def scoring_process(running: subprocess.Popen[str]) -> int:
    """The process of the scoring job, one of the run's session."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().split(b"\0")
            session = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[3])
        except (OSError, IndexError):  # it has ended
            continue
        if session == running.pid and command[1:4] == [b"-m", b"causal_iqa", b"score"]:
            return int(folder.name)
    raise AssertionError("no scoring job is running")


def ended_by(project: Project, number: signal.Signals) -> str:
    """A run whose job is sent a signal once it has scored three conditions; its output."""
    running = project.start("scores")
    deadline = time.monotonic() + 180
    while len(scores(project)) < 3:
        assert running.poll() is None, "the run ended before its job could be"
        assert time.monotonic() < deadline
        time.sleep(0.005)
    os.kill(scoring_process(running), number)
    output, _ = running.communicate()
    assert running.returncode != 0, output
    return output


def goes_on(project: Project, kept: dict[str, tuple[int, bytes]], whole: Project) -> None:
    """What is there is not believed to be all; a further run does the rest and that alone."""
    project.run("scores")
    after = scores(project)
    assert kept.items() <= after.items()
    log = (project.results / "logs" / "scores" / "squeezenet" / "all.log").read_text()
    assert f"condition 1/{FILES - len(kept)} " in log
    assert {name: content for name, (_, content) in after.items()} == {
        name: content for name, (_, content) in scores(whole).items()
    }
    assert project.would_run("scores") == {}


def test_an_error_in_the_last_condition(started: Project, undisturbed: Project) -> None:
    archive = started.results / "conditions" / "contrast" / "5.tar"
    before = spoil(archive)
    status, output = started.snakemake("scores")
    assert status != 0
    kept = scores(started)
    assert len(kept) == FILES - 1
    last = output.rstrip().splitlines()[-1]
    assert last.startswith("error: ") and "contrast/5.tar: member" in last, output
    assert "Cannot restore" not in output and "Restored previous" not in output
    restore(before)
    goes_on(started, kept, undisturbed)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_job_that_is_killed_or_reaches_its_time_limit(
    started: Project, undisturbed: Project, number: signal.Signals
) -> None:
    output = ended_by(started, number)
    kept = scores(started)
    assert 3 <= len(kept) < FILES
    assert "No error stands there: was the job killed" in output.rstrip().splitlines()[-1], output
    assert "Cannot restore" not in output
    goes_on(started, kept, undisturbed)


def test_stale_scores_are_not_believed_after_a_failure(
    undisturbed: Project, tmp_path: Path
) -> None:
    """All files are there and all are stale; the job that replaces them fails in the last."""
    root = tmp_path / "copy"
    subprocess.run(["cp", "-a", undisturbed.root, root], check=True)
    project = Project(root)
    old = scores(project)
    project.configure(**ALONE, scoring={"precision": "bfloat16"})
    archive = project.results / "conditions" / "contrast" / "5.tar"
    before = spoil(archive)
    status, output = project.snakemake("scores")
    assert status != 0
    kept = {name: file for name, file in scores(project).items() if old[name][1] != file[1]}
    assert len(kept) == FILES - 1, output
    restore(before)
    project.run("scores")
    after = scores(project)
    assert kept.items() <= after.items()
    assert all(after[name][1] != old[name][1] for name in old)
    assert project.would_run("scores") == {}
