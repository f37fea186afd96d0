"""The world that faults are put into."""

from pathlib import Path

import pytest
from trials import World, good_world


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    return good_world(tmp_path, capsys)
