"""The script that simulates the coverage of the intervals runs, and knows its truth."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from samples import ROOT

SIZES = ["--trials", "3", "--pictures", "60", "--resamples", "40"]


@pytest.mark.slow
def test_every_interval_has_a_line() -> None:
    script = ROOT / "benchmarks" / "interval_coverage.py"
    done = subprocess.run(
        [sys.executable, script, *SIZES], capture_output=True, text=True, check=True
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("| ")][1:]
    assert len(lines) == 2 * 6 + 6
    for line in lines:
        coverage, low, high = map(float, re.search(r"\| (\S+) \[(\S+), (\S+)\]", line).groups())
        assert 0 <= low <= coverage <= high <= 1
