"""Metrics against values by hand, pyiqa's published values, and what a user sees go wrong."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from causal_iqa.config import Metric, Scorer
from causal_iqa.errors import UserError
from causal_iqa.jpeg import decode
from causal_iqa.pictures.classes import imagenet_classes
from causal_iqa.scorers import engine, metrics, pyiqa_weights

PUBLISHED = {
    "brisque": ([94.6443, -0.1068, 1.0732, 5.1447, 66.8415], 0.005),
    "niqe": ([15.6538, 3.6549, 3.2342, 3.1922, 9.0722], 0.001),
}
"""pyiqa's own results on its calibration pictures: ResultsCalibra/calibration_summary.csv."""


def load(name: str, packages: Path) -> engine.LoadedScorer:
    spec: Scorer = Metric(kind="metric", metric=name)
    return engine.load(spec, imagenet_classes(), packages, "cpu", "float32")


def scores(loaded: engine.LoadedScorer, pictures: list[np.ndarray]) -> np.ndarray:
    batch = torch.stack([loaded.prepare(picture) for picture in pictures])
    with torch.inference_mode():
        return loaded.score(batch, np.full(len(pictures), np.nan))["score"]


def test_total_variation_by_hand() -> None:
    picture = torch.tensor([[[0.0, 0.5], [0.25, 1.0]]]).expand(3, 2, 2)[None]
    across, down = [0.5, 0.75], [0.25, 0.5]
    assert metrics.tv_l1_mean(picture).item() == pytest.approx(sum(across) / 2 + sum(down) / 2)
    assert metrics.tv_l1_sum(picture).item() == pytest.approx(3 * sum(across + down))
    squares = sum(value**2 for value in across + down)
    assert metrics.tv_l2(picture).item() == pytest.approx((3 * squares) ** 0.5)


def test_total_variation_is_on_0_to_1_and_the_mean_has_no_size(packages: Path) -> None:
    stripes = np.zeros((8, 8, 3), np.uint8)
    stripes[:, ::2] = 255
    loaded = load("tv_l1_mean", packages)
    assert scores(loaded, [stripes]) == pytest.approx(1)
    assert scores(loaded, [np.tile(stripes, (2, 2, 1))]) == pytest.approx(1)


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_values(name: str, packages: Path) -> None:
    origin = importlib.util.find_spec("pyiqa").origin  # type: ignore[union-attr]
    folder = Path(origin).parents[1] / "ResultsCalibra" / "dist_dir"  # type: ignore[arg-type]
    files = sorted(folder.glob("*.bmp"))
    assert len(files) == 5
    expected, tolerance = PUBLISHED[name]
    found = scores(load(name, packages), [decode(file.read_bytes(), file.name) for file in files])
    assert found == pytest.approx(expected, abs=tolerance)


@pytest.mark.parametrize("name", ["brisque", "niqe", "piqe", "pyiqa:entropy", "tv_l2"])
def test_a_score_does_not_depend_on_the_pictures_beside_it(
    name: str, packages: Path, foolbox_photographs: list[tuple[np.ndarray, int]]
) -> None:
    pictures = [picture[100:324, 100:324] for picture, _ in foolbox_photographs[:9]]
    loaded = load(name, packages)
    alone = np.concatenate([scores(loaded, [picture]) for picture in pictures])
    assert scores(loaded, pictures) == pytest.approx(alone, rel=1e-6, abs=2e-4)
    assert scores(loaded, pictures[::-1])[::-1] == pytest.approx(alone, rel=1e-6, abs=2e-4)


@pytest.mark.parametrize("name", ["brisque", "niqe"])
def test_a_picture_without_variance_does_not_spoil_its_batch(
    name: str, packages: Path, foolbox_photographs: list[tuple[np.ndarray, int]]
) -> None:
    good = foolbox_photographs[0][0][:224, :224]
    loaded = load(name, packages)
    flat = np.full_like(good, 128)
    found = scores(loaded, [good, flat])
    assert found[0] == pytest.approx(scores(loaded, [good])[0], abs=2e-4)
    assert not np.isfinite(found[1])
    assert not np.isfinite(scores(loaded, [flat])).any()


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("pyiqa:brisque", "pyiqa/brisque_svm_weights.pth"),
        ("pyiqa:arniqa", "hub/checkpoints/resnet50-0676ba61.pth"),
        ("pyiqa:clipiqa", "hub/clip/RN50.pt"),
        ("pyiqa:topiq_nr", "HF_HOME"),
    ],
)
def test_missing_weights_are_explained_and_nothing_is_downloaded(
    name: str, file: str, packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.getaddrinfo", _no_network)
    monkeypatch.setattr("socket.socket.connect", _no_network)
    monkeypatch.setattr("pyiqa.utils.download_util.DEFAULT_CACHE_DIR", str(tmp_path / "hub/pyiqa"))
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path / "hub"))
    with pytest.raises(UserError) as raised:
        load(name, packages)
    message = str(raised.value)
    assert file in message and (str(tmp_path) in message or file == "HF_HOME")
    assert f"create_metric('{name.removeprefix('pyiqa:')}'" in message


def _no_network(*_: object) -> None:
    raise AssertionError("a connection was opened")


def test_weights_that_pyiqa_finds_are_hashed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path))
    (tmp_path / "pyiqa").mkdir()
    torch.save({"layer": torch.ones(2)}, tmp_path / "pyiqa" / "w.pth")
    with pyiqa_weights.weights_read() as weights:
        torch.load(tmp_path / "pyiqa" / "w.pth", weights_only=True)
    content = (tmp_path / "pyiqa" / "w.pth").read_bytes()
    assert weights == {"pyiqa/w.pth": hashlib.sha256(content).hexdigest()}


def test_a_missing_module_is_explained(packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyiqa", None)
    with pytest.raises(UserError, match="pip install pyiqa"):
        load("piqe", packages)
    with pytest.raises(UserError, match="setuptools<81"), pyiqa_weights.explained("clipiqa"):
        raise ModuleNotFoundError("No module named 'pkg_resources'", name="pkg_resources")
