"""The test of the estimators where the truth is known: ``audit.truth_test``."""

from __future__ import annotations

from causal_iqa.analyses.registry import Job
from causal_iqa.audit.calibration import write_truth_test


def run(job: Job) -> None:
    """``estimators.csv``."""
    write_truth_test(
        job.results.root,
        job.settings.conditions(),
        job.settings["analysis.seed"],
        threads=job.threads,
    )
