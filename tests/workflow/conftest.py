"""The small experiment, run once, and copies of it for tests to change."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path

import pytest
from small_project import Project, make_project


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The small experiment, run to its end, once for all processes of a test run."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    root = base / "finished"
    with (base / "finished.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.is_dir():
            making = tmp_path_factory.mktemp("finishing")
            make_project(making).run()
            making.rename(root)
    return Project(root)


@pytest.fixture
def project(finished: Project, tmp_path: Path) -> Project:
    """A copy of the finished experiment that a test may change."""
    return copy_of(finished, tmp_path / "copy")


@pytest.fixture
def unscored(project: Project) -> Project:
    """The same before anything was scored: its conditions are made."""
    shutil.rmtree(project.results / "scores")
    return project


@pytest.fixture(scope="module")
def module_project(finished: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy that the tests of a module change one after the other."""
    return copy_of(finished, tmp_path_factory.mktemp("module") / "copy")


def copy_of(finished: Project, root: Path) -> Project:
    shutil.copytree(finished.root, root, symlinks=True)
    return Project(root)
