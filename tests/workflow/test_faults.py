"""Bad input stops a run with a message that names it, and leaves no half-written file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from small_project import Project, make_project


@pytest.fixture
def fresh(tmp_path: Path) -> Project:
    return make_project(tmp_path)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"conditions": {"severities": [6]}}, ["conditions.severities", "severity 6"]),
        *(
            pytest.param(*faulty, marks=pytest.mark.slow)
            for faulty in (
                (
                    {"pictures": {"source": "imagefolder", "path": "nowhere"}},
                    ["nowhere is neither"],
                ),
            )
        ),
    ],
)
def test_faulty_configuration_starts_no_job(fresh: Project, changes: dict, words: list) -> None:
    fresh.configure(**changes)
    status, output = fresh.snakemake()
    assert status != 0
    last = output.rstrip().splitlines()[-1]
    for word in words:
        assert word in last
    assert "Traceback" not in output
    assert not fresh.results.exists()


@pytest.mark.slow
def test_a_file_in_the_place_of_the_results_is_named_last(fresh: Project) -> None:
    fresh.results.parent.mkdir(exist_ok=True)
    fresh.results.touch()
    status, output = fresh.snakemake()
    assert status != 0 and "Traceback" not in output
    last = "error: results/small: a file stands where a folder is needed. Move it out of the way."
    assert output.rstrip().splitlines()[-1] == last
    fresh.results.unlink()
    assert fresh.would_run()["manifest"] == 1


def test_an_audit_of_nothing_is_an_error(fresh: Project) -> None:
    status, output = fresh.snakemake("audit")
    assert status != 0
    last = output.rstrip().splitlines()[-1]
    assert last.startswith("error: audit: the configuration says of no pictures to audit")
    assert "--config audit=PATH" in last
    assert not fresh.results.exists()


@pytest.mark.slow
def test_a_rule_that_others_are_made_from_is_no_target(fresh: Project) -> None:
    status, output = fresh.snakemake("--dry-run", "command")
    assert status != 0 and "Traceback" not in output
    last = output.rstrip().splitlines()[-1]
    assert last.startswith("error: command and network are what other rules are made from")


@pytest.mark.slow
@pytest.mark.parametrize("where", ["command line", "file"])
def test_an_audit_takes_a_bare_path(fresh: Project, where: str) -> None:
    if where == "file":
        fresh.configure(audit="pictures")
        jobs = fresh.would_run("audit")
    else:
        jobs = fresh.would_run("audit", "--config", "audit=pictures")
    assert jobs["audit_card"] == 1


def test_a_broken_config_yaml_is_named_with_its_line(fresh: Project) -> None:
    """It is read by the Snakefile, the others by the default profile."""
    (fresh.root / "config.yaml").write_text("experiment: small\nfigures: {dpi: 90}}\n")
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "1"],
        cwd=fresh.root,
        env={**os.environ, "PYTHONPATH": str(fresh.root / "workflow"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "config.yaml cannot be read: line 2, column 19" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--configfile", "tab.yaml"), "tab.yaml cannot be read: line 2, column 1: a tab stands"),
        (("--configfile", "flat.yaml"), "flat.yaml needs keys and their values, as  experiment"),
        (("--configfile", "small.yaml", "paper"), "--configfile: there is no file paper. If it is"),
        (("--config", "scoring={precision:", "bfloat16}"), "--config: 'bfloat16}' is no KEY=VALUE"),
        (("--config", "scoring.threads=2"), "Give them so: --config 'scoring={threads: 2}'"),
        (("--config", "scoring={threads:2}"), "scoring.threads:2: unknown key; a space belongs"),
        (("--config", "experiment=my/own"), "experiment: needs a name of letters A to Z, digits"),
    ],
)
def test_a_faulty_command_line_is_answered_in_our_words(
    fresh: Project, words: tuple[str, ...], said: str
) -> None:
    (fresh.root / "tab.yaml").write_text("figures:\n\tdpi: 90\n")
    (fresh.root / "flat.yaml").write_text("experiment:mine\n")
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "1", "--dry-run", *words],
        cwd=fresh.root,
        env={**os.environ, "PYTHONPATH": str(fresh.root / "workflow"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.slow
def test_broken_picture_stops_the_job_with_its_path(fresh: Project) -> None:
    broken = fresh.root / "pictures" / "n01440764" / "p01.png"
    broken.write_bytes(broken.read_bytes()[:200])
    status, output = fresh.snakemake("scores")
    assert status != 0
    assert f"{broken.name}: it is cut short or damaged" in output
    assert not list(fresh.results.glob("conditions/*/.*"))
    assert not list(fresh.results.glob("conditions/*/*"))


@pytest.mark.slow
def test_killed_run_goes_on_where_it_stopped(unscored: Project) -> None:
    """SIGKILL of Snakemake and its jobs in the middle of scoring, then unlock and run again."""
    running = unscored.start("scores")
    scores = unscored.results / "scores"
    deadline = time.monotonic() + 120
    while len(list(scores.glob("squeezenet/*/*.parquet"))) < 2:
        assert running.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    kept = unscored.files("scores/*/*/*.parquet")
    unscored.run("--unlock")
    unscored.run("scores")
    after = unscored.files("scores/*/*/*.parquet")
    assert len(after) == 2 * 5
    assert kept.items() <= after.items()
    for path in scores.rglob("*.parquet"):
        assert pl.read_parquet(path).height == 6
    assert not list(scores.rglob(".*"))


@pytest.mark.slow
def test_failed_job_leaves_what_was_there(project: Project) -> None:
    """A scorer that meets a broken archive keeps the scores that it had."""
    before = project.files("scores/*/*/*.parquet")
    tar = project.results / "conditions" / "fog" / "3.tar"
    tar.write_bytes(tar.read_bytes()[:2000])
    (project.results / "scores" / "squeezenet" / "fog" / "3.parquet").unlink()
    status, output = project.snakemake("scores", "--rerun-triggers", "mtime")
    assert status != 0
    assert "fog/3.tar" in output
    after = {k: v[1] for k, v in project.files("scores/*/*/*.parquet").items()}
    assert after == {k: v[1] for k, v in before.items() if k in after}
    assert len(after) == len(before) - 1
