"""What a plan counts, times, and does not claim to know."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import torch
from published_world import corrupted_files, write_tar

from causal_iqa.core.config import Config
from causal_iqa.plan import describe


def described(packages: Path, **changes: Any) -> list[str]:
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
    return list(describe(config, packages))


def lines(packages: Path, **changes: Any) -> dict[str, str]:
    """What is said of each thing, the last where it is said more than once."""
    found = described(packages, **changes)
    parts = [line.strip().split("  ", 1) for line in found if "  " in line]
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
    assert re.fullmatch(r"[\d.]+ ms a picture, .* s in all", found["net"])
    assert found["away"] == "not timed: its weights are to be downloaded, of unknown size"
    assert found["to download"] == "away of unknown size: the target weights fetches weights"
    assert re.fullmatch(r"[\d.]+ MB beside what is downloaded", found["disk"])
    assert found["scoring"].endswith(" on CPUs; without away")
    assert found["making conditions"].endswith(" of one core")


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
    found = lines(packages, pictures={"source": "imagefolder", "path": tmp_path / "mine"})
    assert found["pictures"].startswith("unknown: ") and "mine is neither" in found["pictures"]
    assert "pictures scored" not in found and "disk" not in found
    assert re.fullmatch(r"[\d.]+ ms a picture", found["tv"])


TV = {"tv": {"kind": "metric", "metric": "tv_l2"}}


def test_published_pictures_that_are_not_here_are_counted_and_their_size_is_said(
    packages: Path, tmp_path: Path
) -> None:
    found = described(
        packages,
        pictures={"source": "imagenet", "path": tmp_path / "val", "subset": {"per_class": 5}},
        conditions={
            **{"source": "imagenet-c", "path": tmp_path / "c", "corruptions": ["fog", "snow"]},
            "severities": [1],
        },
        scorers=TV,
    )
    assert "pictures            5,000 as published; they are not here yet" in found
    assert "conditions          3: 2 read, 1 made" in found
    assert "pictures scored     15,000" in found
    downloads = [line for line in found if line.startswith("to download")]
    assert [line.split("  ")[-1].strip().split(":")[0] for line in downloads] == [
        *("ILSVRC2012_img_val.tar, 6.7 GB", "ILSVRC2012_devkit_t12.tar.gz, 2.6 MB"),
        *("weather.tar, 13 GB", "20 GB"),
    ]


def test_imagenette_is_counted_before_it_is_fetched(
    packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = packages.resolve()
    monkeypatch.chdir(tmp_path)
    found = described(folder, pictures={"source": "imagenette"}, scorers=TV)
    assert "pictures            3,925 as published; they are not here yet" in found
    fetched = "imagenette2-320.tgz, 342 MB: the target weights fetches it"
    assert f"to download         {fetched}" in found


def test_a_network_without_its_weights_is_timed_and_their_size_is_said(
    packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path / "hub"))
    net = {"net": {"kind": "classifier", "model": "torchvision:squeezenet1_0"}}
    found = lines(packages, scorers=net)
    assert re.fullmatch(
        r"[\d.]+ ms a picture, .* s in all; its weights are to be downloaded, 5.0 MB, "
        "and were random here",
        found["net"],
    )
    assert found["to download"].startswith("5.0 MB")
    assert not list(tmp_path.rglob("*.pth"))
