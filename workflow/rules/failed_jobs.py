"""A job that fails: what it had finished stays, and its error is the last thing on the screen."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from progress import title
from snakemake.io import is_flagged
from snakemake.jobs import Job

SHOWN_JOBS, SHOWN_LINES = 5, 20
FAILED: dict[Job, list[str]] = {}
"""Job -> its logs, of the jobs whose last attempt failed."""

_postprocess = Job.postprocess  # as it is before common.smk puts ours there


async def keep_what_is_finished(
    job: Job, *arguments: Any, error: bool = False, **options: Any
) -> None:
    """Snakemake's step after a job, but for a job with update() outputs that failed.

    Snakemake would put their older versions back, or delete them where there are none, and record
    the job as done. Ours are written whole under another name and say what they were computed from:
    they stay as they are, marked as incomplete, so that the job runs again and does the rest.
    """
    if error:
        FAILED[job] = list(job.log)
    else:
        FAILED.pop(job, None)  # an earlier attempt
    if not (error and any(is_flagged(file, "update") for file in job.output)):
        await _postprocess(job, *arguments, error=error, **options)


def show_failed() -> None:
    """Print the end of the logs of the jobs that failed."""
    for job, logs in list(FAILED.items())[:SHOWN_JOBS]:
        print(f"\n{title(job.rule.name, job.wildcards)} failed", file=sys.stderr)
        for log in logs:
            print("\n".join(_end_of(Path(log))), file=sys.stderr)
    if len(FAILED) > SHOWN_JOBS:
        print(f"\n{len(FAILED) - SHOWN_JOBS} more jobs failed.", file=sys.stderr)


def _end_of(log: Path) -> list[str]:
    lines = log.read_text(errors="replace").splitlines() if log.is_file() else []
    said = [f"the end of {log}:", *lines[-SHOWN_LINES:]]
    if not any("rror" in line for line in lines):  # Error, error, MemoryError
        said.append("No error stands there: was the job killed, for its memory or its time?")
    return said
