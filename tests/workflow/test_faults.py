"""Bad input stops a run with a message that names it, and leaves no half-written file."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_project import SMALL, Project, make_project

NET = SMALL["scorers"]["squeezenet"]


@pytest.fixture
def fresh(tmp_path: Path) -> Project:
    return make_project(tmp_path)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"conditions": {"severities": [6]}}, ["conditions.severities", "severity 6"]),
        ({"scorers": {"net": {**NET, "model": "package:squeeze"}}}, ["package:squeezenet1_1"]),
        ({"pictures": {"source": "imagefolder", "path": "nowhere"}}, ["nowhere is neither"]),
    ],
)
def test_faulty_configuration_starts_no_job(fresh: Project, changes: dict, words: list) -> None:
    fresh.configure(**changes)
    done = fresh.snakemake()
    assert done.returncode != 0
    output = done.stdout + done.stderr
    for word in words:
        assert word in output
    assert "Traceback" not in output
    assert not fresh.results.exists()


@pytest.mark.slow
def test_broken_picture_stops_the_job_with_its_path(fresh: Project) -> None:
    broken = fresh.root / "pictures" / "n01440764" / "p01.png"
    broken.write_bytes(broken.read_bytes()[:200])
    done = fresh.snakemake("scores")
    assert done.returncode != 0
    assert f"{broken.name} is not a readable picture" in done.stdout + done.stderr
    assert not list(fresh.results.glob("conditions/*/.*"))
    assert not list(fresh.results.glob("conditions/*/*"))
