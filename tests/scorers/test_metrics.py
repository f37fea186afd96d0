"""Metrics against values by hand, pyiqa's published values, and what a user sees go wrong."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch

from causal_iqa.core.scorer_config import Metric, Scorer
from causal_iqa.pictures.classes import imagenet_classes
from causal_iqa.pictures.decode import read_any
from causal_iqa.scorers import engine, metrics

PUBLISHED = {
    "brisque": ([94.6443, -0.1068, 1.0732, 5.1447, 66.8415], [0.005] * 5),
    "niqe": ([15.6538, 3.6549, 3.2342, 3.1922, 9.0722], [0.02, 0.001, 0.001, 0.001, 0.001]),
}
"""pyiqa's own results on its calibration pictures, and what they may differ by:
ResultsCalibra/calibration_summary.csv. The first picture has flat blocks, whose NIQE is a matter
of rounding: 15.654 on an Intel, 15.656 on an AMD processor, 15.670 from float64 pixels."""


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
    expected, tolerances = PUBLISHED[name]
    found = scores(load(name, packages), [read_any(f.read_bytes(), f.name).picture for f in files])
    assert (np.abs(found - np.array(expected)) <= tolerances).all(), found


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


def test_piq_defines_total_variation_as_the_registry_says(
    packages: Path, foolbox_photographs: list[tuple[np.ndarray, int]]
) -> None:
    pictures = [picture[:224, :224] for picture, _ in foolbox_photographs[:2]]
    found = scores(load("piq:total_variation", packages), pictures)
    assert found == pytest.approx(scores(load("tv_l2", packages), pictures), rel=1e-6)
