"""docs/reliability.md counts the trials that there are."""

import os
import re
import subprocess
import sys

import pytest
from samples import ROOT

ROW = re.compile(r"\| (\d+) \| (`[^|]+`) \|$", re.M)


@pytest.mark.slow  # collects in a process of its own
def test_the_page_counts_the_trials_that_there_are() -> None:
    rows = ROW.findall((ROOT / "docs" / "reliability.md").read_text(encoding="utf-8"))
    assert rows
    files = sorted(
        {f"tests/{place.split('::')[0]}" for _, tests in rows for place in places(tests)}
    )
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", "slow or not slow"]
    own = {**os.environ, "PYTEST_ADDOPTS": ""}  # -v would print a tree
    done = subprocess.run([*command, *files], cwd=ROOT, env=own, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    nodes = [line for line in done.stdout.splitlines() if "::" in line]
    found = [
        (sum(node.startswith(beginnings(tests)) for node in nodes), tests) for _, tests in rows
    ]
    assert found == [(int(number), tests) for number, tests in rows]


def beginnings(tests: str) -> tuple[str, ...]:
    return tuple(f"tests/{place}" for place in places(tests))


def places(tests: str) -> list[str]:
    """Beginnings of the names of tests, below ``tests/``."""
    return re.findall(r"`([^`]+)`", tests)
