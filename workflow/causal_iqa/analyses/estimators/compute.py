"""The test of the estimators where the truth is known: ``audit.truth``."""

from __future__ import annotations

from causal_iqa.analyses.registry import Job
from causal_iqa.audit.calibration import write_estimators


def run(job: Job) -> None:
    """``estimators.csv``."""
    write_estimators(
        job.results.root,
        job.settings.conditions(),
        job.settings["analysis.seed"],
        threads=job.threads,
    )
