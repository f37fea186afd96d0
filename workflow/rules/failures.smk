# A job that fails: what it had finished stays, and its error is the last thing on the screen.

import atexit
import sys
from pathlib import Path

from snakemake.io import is_flagged
from snakemake.jobs import Job

FAILED = {}
SHOWN_JOBS, SHOWN_LINES = 5, 20


def keep_what_is_finished(postprocess):
    """Snakemake's step after a job, but for a job with update() outputs that failed.

    Snakemake would put their older versions back, or delete them where there are none, and record
    the job as done. Ours are written whole under another name and say what they were computed from:
    they stay as they are, marked as incomplete, so that the job runs again and does the rest.
    """

    async def after(job, *arguments, error=False, **options):
        if error:
            FAILED[job] = list(job.log)
        else:
            FAILED.pop(job, None)  # an earlier attempt
        if not (error and any(is_flagged(file, "update") for file in job.output)):
            await postprocess(job, *arguments, error=error, **options)

    return after


Job.postprocess = keep_what_is_finished(Job.postprocess)


def show_failed():
    """The end of the logs of the jobs that failed."""
    for job, logs in list(FAILED.items())[:SHOWN_JOBS]:
        named = ", ".join(f"{name}: {value}" for name, value in job.wildcards.items())
        print(
            f"\n{job.rule.name} failed" + (f" ({named})" * bool(named)), file=sys.stderr
        )
        for log in map(Path, logs):
            lines = (
                log.read_text(errors="replace").splitlines() if log.is_file() else []
            )
            print(f"the end of {log}:", file=sys.stderr)
            print("\n".join(lines[-SHOWN_LINES:]), file=sys.stderr)
            if not any("rror" in line for line in lines):
                said = "No error stands there: was the job killed, for its memory or its time?"
                print(said, file=sys.stderr)
    if len(FAILED) > SHOWN_JOBS:
        print(f"\n{len(FAILED) - SHOWN_JOBS} more jobs failed.", file=sys.stderr)


onerror:
    atexit.register(show_failed)  # after all that Snakemake has to say
