"""What a job's processes must inherit to run this very code."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def hand_down_python() -> None:
    """Let child processes find this Python, and this package in any Python.

    The first serves an environment that is not activated, the second a rule with a conda
    environment of its own.
    """
    for variable, folder in (
        ("PATH", Path(sys.executable).parent),
        ("PYTHONPATH", Path(__file__).parents[2]),
    ):
        inherited = os.environ.get(variable)
        # In front: the first folder of either list that has a name wins.
        os.environ[variable] = f"{folder}{os.pathsep}{inherited}" if inherited else str(folder)
