"""What a plan counts, times, and does not claim to know."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from published_world import corrupted_files, write_tar

from causal_iqa.core.config import Config
from causal_iqa.plan import describe


def lines(packages: Path, **changes: Any) -> dict[str, str]:
    config = Config.model_validate(
        {
            "conditions": {"corruptions": ["fog", "pixelate"], "severities": [1, 3]},
            "scorers": {
                "net": {"kind": "classifier", "model": "package:squeezenet1_1"},
                "tv": {"kind": "metric", "metric": "tv_l2"},
                "away": {"kind": "metric", "metric": "piq:clip_iqa"},
            },
            "scoring": {"device": "cpu", "batch_size": 2},
            **changes,
        }
    )
    parts = [line.strip().split("  ", 1) for line in describe(config, packages) if "  " in line]
    return {part[0]: part[-1].strip() for part in parts}


def test_counts_and_times(packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))
    found = lines(packages)
    assert found["pictures"] == "20"
    assert found["conditions"] == "5: 0 read, 5 made"
    assert found["score files"] == "15"
    assert found["pictures scored"] == "300"
    assert found["jobs"] == (
        "3 that make conditions, 0 that index archives, 3 that score (1 a scorer)"
    )
    assert "ms a picture" in found["net"] and "cpu-hours" in found["net"]
    assert found["away"].startswith(
        "not timed: clip_iqa (piq): its weights are not on this machine"
    )


def test_published_conditions_are_read_not_made(packages: Path, tmp_path: Path) -> None:
    write_tar(tmp_path / "weather.tar", corrupted_files(["fog"], [1, 3]).items())
    conditions = {
        **{"source": "mixed", "path": tmp_path, "corruptions": ["fog", "pixelate"]},
        "severities": [1, 3],
    }
    found = lines(
        packages,
        conditions=conditions,
        scorers={"tv": {"kind": "metric", "metric": "tv_l2"}},
        scoring={"device": "cpu", "job": "corruption"},
    )
    assert found["conditions"] == "5: 2 read, 3 made"
    assert found["jobs"] == (
        "2 that make conditions, 1 that index archives, 3 that score (3 a scorer)"
    )


def test_pictures_that_are_not_here_are_not_guessed(packages: Path, tmp_path: Path) -> None:
    found = lines(packages, pictures={"source": "imagenet", "path": tmp_path / "val"})
    assert found["pictures"].startswith("unknown: pictures.path")
    assert "pictures scored" not in found
