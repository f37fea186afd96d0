"""The small experiment, run once, and copies of it for tests to change."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from small_project import Project, make_project


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The small experiment, run to its end."""
    project = make_project(tmp_path_factory.mktemp("finished"))
    project.run()
    return project


@pytest.fixture
def project(finished: Project, tmp_path: Path) -> Project:
    """A copy of the finished experiment that a test may change."""
    shutil.copytree(finished.root, tmp_path / "copy", symlinks=True)
    return Project(tmp_path / "copy")
