"""What a run says while it goes on, and where its page is at the end."""

from __future__ import annotations

import importlib
import logging
import os
import time
from pathlib import Path
from types import ModuleType

import pytest
from samples import ROOT
from small_project import SMALL, Project, make_project

JOB = {"event": "job_info", "jobid": 4, "rule_name": "score_all", "wildcards": {"scorer": "niqe"}}


@pytest.fixture
def progress(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "workflow" / "rules"))
    return importlib.import_module("progress")


class Said:
    """A Screen, what Snakemake told it and what it said."""

    def __init__(self, progress: ModuleType) -> None:
        self.lines: list[str] = []
        self.screen = progress.Screen(self.lines.append)

    def hear(self, **facts: object) -> None:
        self.screen.handle(logging.makeLogRecord(facts))


@pytest.fixture
def said(progress: ModuleType) -> Said:
    return Said(progress)


def test_a_finished_job_is_a_line(said: Said) -> None:
    said.hear(**JOB, log=[])
    said.hear(msg="Finished jobid: 4", event="job_finished", job_id=4)
    said.hear(event="progress", done=7, total=24)
    assert said.lines == ["7 of 24 done: score_all (scorer: niqe), took less than 0.1 s"]
    said.screen.look()
    assert len(said.lines) == 1


def test_a_running_job_is_as_far_as_its_log_says(said: Said, tmp_path: Path) -> None:
    log = tmp_path / "all.log"
    said.hear(**JOB, log=[str(log)])
    said.screen.look()
    assert said.lines.pop() == "running: score_all (scorer: niqe), less than 0.1 s"
    log.write_text("condition 1/5, 9 pictures/s\r\n 10%|#  |\r 20%|## |\n\n")
    said.screen.look()
    assert said.lines.pop() == "running: score_all (scorer: niqe), less than 0.1 s: 20%|## |"


def test_the_log_of_an_earlier_run_says_nothing(said: Said, tmp_path: Path) -> None:
    log = tmp_path / "all.log"
    log.write_text("condition 5/5\n")
    os.utime(log, (time.time() - 60,) * 2)
    said.hear(**JOB, log=[str(log)])
    said.screen.look()
    assert "condition" not in said.lines[0]


def test_a_job_that_failed_runs_no_more(said: Said) -> None:
    said.hear(**JOB, log=[])
    said.hear(event="job_error", jobid=4)
    said.screen.look()
    assert said.lines == []


def test_of_many_running_jobs_some_are_shown(said: Said, progress: ModuleType) -> None:
    for number in range(progress.SHOWN + 90):
        said.hear(**{**JOB, "jobid": number}, log=[])
    said.screen.look()
    assert len(said.lines) == progress.SHOWN + 1 and said.lines[-1] == "running: 90 more"


@pytest.mark.slow
def test_a_run_without_a_terminal_says_what_is_done_and_where_its_page_is(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    project.configure(scorers={"squeezenet": SMALL["scorers"]["squeezenet"]})
    module = project.root / "workflow" / "rules" / "progress.py"
    module.write_text(module.read_text().replace("else 60", "else 1"))
    lines = project.run().rstrip().splitlines()
    assert any(line.startswith("running: score_all (scorer: squeezenet), ") for line in lines)
    finished = [line for line in lines if " done: " in line]
    assert len(finished) > 5 and finished[-1].split(" done: ")[1].startswith("all")
    assert lines[-1] == f"page: {project.results / 'report.html'}"


@pytest.mark.slow
def test_pages_are_named_where_they_were_asked_for(module_project: Project) -> None:
    page = module_project.results / "report.html"
    page.unlink()
    (module_project.results / "scorers.csv").unlink()
    said = module_project.run("results/small/scorers.csv", "--quiet", "progress")
    assert "page: " not in said and " done: " not in said
    assert module_project.run("results/small/report.html").rstrip().endswith(f"page: {page}")
