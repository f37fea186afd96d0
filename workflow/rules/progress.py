"""What a run says while it goes on: a line for a job that finished, and how far those are that run.

How far a job is stands in the last line of its log, on whatever machine it runs.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from snakemake.settings.enums import Quietness
from snakemake_interface_logger_plugins.common import LogEvent

from causal_iqa.core.quantities import duration

EVERY = 10 if sys.stderr.isatty() else 60
"""Seconds between two looks at the jobs that run: a file of lines is not to become long."""
SHOWN = 10
"""Running jobs that are said one by one; on a cluster there may be hundreds."""
END = 4096
"""Bytes of a log in which its last line is looked for."""


class Running(NamedTuple):
    """A job: its rule and wildcards, its logs, and since when it runs, in seconds of the epoch."""

    title: str
    logs: tuple[Path, ...]
    since: float

    def __str__(self) -> str:
        """With how far it is, where its log has a line of this run."""
        said = next(filter(None, (last_line(log, self.since) for log in self.logs)), "")
        since = f"{self.title}, {duration(time.time() - self.since)}"
        return f"{since}: {said}" if said else since


class Screen(logging.Handler):
    """Hears what Snakemake says to its loggers and puts lines of its own among it."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__()
        self.say = say
        self.running: dict[int, Running] = {}
        self.finished: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """One event of Snakemake's."""
        match getattr(record, "event", None):
            case LogEvent.JOB_INFO:
                logs = tuple(map(Path, record.log))
                name = title(record.rule_name, record.wildcards)
                self.running[record.jobid] = Running(name, logs, time.time())
            case LogEvent.JOB_ERROR:
                self.running.pop(record.jobid, None)
            case LogEvent.JOB_FINISHED:
                job = self.running.pop(record.job_id, None)
                if job is not None:
                    taken = duration(time.time() - job.since)
                    self.finished.append(f"{job.title}, took {taken}")
            case LogEvent.PROGRESS:  # which follows
                for line in self.finished:
                    self.say(f"{record.done} of {record.total} done: {line}")
                self.finished.clear()

    def look(self) -> None:
        """Say how far the running jobs are."""
        jobs = list(self.running.values())  # a list: other threads change it
        for job in jobs[:SHOWN]:
            self.say(f"running: {job}")
        if len(jobs) > SHOWN:
            self.say(f"running: {len(jobs) - SHOWN} more")


def show_progress(logger: logging.Logger, quiet: Iterable[Quietness] | None) -> None:
    """Say it all from now on, through Snakemake's own logger; nothing where --quiet asks for it."""
    if {Quietness.PROGRESS, Quietness.ALL} & {*(quiet or ())}:
        return
    screen = Screen(logger.info)
    logger.addHandler(screen)

    def watch() -> None:
        while True:
            time.sleep(EVERY)
            screen.look()

    threading.Thread(target=watch, daemon=True).start()


def title(rule: str, wildcards: Mapping[str, Any]) -> str:
    """``score_all (scorer: niqe)``."""
    named = ", ".join(f"{name}: {value}" for name, value in wildcards.items())
    return rule + f" ({named})" * bool(named)


def last_line(log: Path, since: float) -> str:
    """What stands last in a log that was written to since then."""
    try:
        if log.stat().st_mtime < since:
            return ""
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - END))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    # A bar of tqdm's comes back to the beginning of its line.
    lines = text.replace("\r", "\n").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def show_pages(files: Iterable[str]) -> None:
    """Print where the pages among these files are."""
    for file in sorted(files):
        if file.endswith(".html"):
            print(f"page: {Path(file).resolve()}", file=sys.stderr)
