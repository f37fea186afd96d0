"""Full-reference metrics: against their definitions, and each picture with its own reference."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.ndimage import convolve, gaussian_filter
from scoring_world import MakeWorld, World

from causal_iqa.core import columns, contract
from causal_iqa.core import condition_archive as store
from causal_iqa.core.config import Scoring
from causal_iqa.core.errors import UserError
from causal_iqa.core.jpeg import encode_jpeg
from causal_iqa.core.scorer_config import FullReferenceMetric
from causal_iqa.scorers import engine, registry

CPU = Scoring(device="cpu", batch_size=4)
LIKE_ITSELF = {"psnr": 80, "ssim": 1, "ms_ssim": 1, "gmsd": 0, "vif": 1, "fsim": 1}
SIZE = "picture 'p01' has 200 x 224 pixels in .*, but 224 x 224 in"


def metric(name: str) -> FullReferenceMetric:
    return FullReferenceMetric(kind="fr_metric", metric=name)


def run(name: str, world: World, reference: Path) -> np.ndarray:
    pairs = [(world.tar, world.out)]
    engine.score(
        metric(name), name, pairs, world.manifest, world.classes, Path(), CPU, reference=reference
    )
    ids = contract.read_table(world.manifest, columns.MANIFEST)["image_id"]
    return contract.read_scores(world.out, "fr_metric", ids)["score"].to_numpy()


def pictures_of(tar: Path) -> np.ndarray:
    with store.Archive(tar) as archive:
        return np.stack(list(archive)).astype(np.float64) / 255


@pytest.fixture
def noisy(make_world: MakeWorld, tmp_path: Path) -> tuple[World, Path]:
    """A condition with more noise from picture to picture, and the clean pictures, backwards."""
    clean = make_world(4)
    reference = tmp_path / "clean.tar"
    plain = np.round(pictures_of(clean.tar) * 255).astype(np.uint8)
    members = [
        store.Member(f"p{k:02}", f"clean/0/0/p{k:02}.JPEG", encode_jpeg(plain[k]))
        for k in reversed(range(4))
    ]
    store.write_condition(reference, members, {})
    rng = np.random.default_rng(0)
    changed = {
        k: np.clip(plain[k] + rng.normal(0, 8 * (k + 1), plain[k].shape), 0, 255).astype(np.uint8)
        for k in range(4)
    }
    return make_world(4, replace=changed), reference


def luma(picture: np.ndarray) -> np.ndarray:
    """Y of the YIQ colour space, which pyiqa's luma is."""
    return picture @ np.array([0.299, 0.587, 0.114])


def ssim(x: np.ndarray, y: np.ndarray) -> float:
    """Wang et al. 2004: 11 x 11 Gaussian of sd 1.5, where the window fits; in 0 to 255."""

    def mean(values: np.ndarray) -> np.ndarray:
        return gaussian_filter(values, 1.5, radius=5)[5:-5, 5:-5]

    x, y = np.round(255 * luma(x)), np.round(255 * luma(y))
    mx, my = mean(x), mean(y)
    vx, vy, cov = mean(x * x) - mx**2, mean(y * y) - my**2, mean(x * y) - mx * my
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    index = (2 * mx * my + c1) / (mx**2 + my**2 + c1) * (2 * cov + c2) / (vx + vy + c2)
    return float(index.mean())


def gmsd(x: np.ndarray, y: np.ndarray) -> float:
    """Xue et al. 2014: sd of the Prewitt gradients' similarity on luma halved by a 2 x 2 mean."""
    prewitt = np.array([[1, 0, -1]] * 3) / 3

    def gradient(picture: np.ndarray) -> np.ndarray:
        y = np.round(255 * luma(picture))
        half = y.reshape(y.shape[0] // 2, 2, -1, 2).mean(axis=(1, 3))
        across, down = (convolve(half, k, mode="constant") for k in (prewitt, prewitt.T))
        return np.hypot(across, down)

    a, b = gradient(x), gradient(y)
    return float(((2 * a * b + 170) / (a**2 + b**2 + 170)).std(ddof=1))


def test_psnr_is_its_definition(noisy: tuple[World, Path]) -> None:
    world, reference = noisy
    x, y = pictures_of(world.tar), pictures_of(reference)
    expected = [-10 * np.log10(np.mean((a - b) ** 2) + 1e-8) for a, b in zip(x, y, strict=True)]
    found = run("psnr", world, reference)
    assert_allclose(found, expected, rtol=1e-5)
    assert (np.diff(found) < 0).all()


@pytest.mark.parametrize(("name", "definition"), [("ssim", ssim), ("gmsd", gmsd)])
def test_others_are_close_to_their_definitions(
    noisy: tuple[World, Path], name: str, definition: Callable[[np.ndarray, np.ndarray], float]
) -> None:
    world, reference = noisy
    x, y = pictures_of(world.tar), pictures_of(reference)
    expected = [definition(a, b) for a, b in zip(x, y, strict=True)]
    assert_allclose(run(name, world, reference), expected, atol=1e-3)


@pytest.mark.parametrize("name", registry.FULL_REFERENCE_METRICS)
def test_a_picture_is_like_itself_and_less_like_itself_with_noise(
    noisy: tuple[World, Path], name: str, tmp_path: Path
) -> None:
    world, reference = noisy
    changed = run(name, world, reference)
    same = run(name, world._replace(tar=reference, out=tmp_path / "same.parquet"), reference)
    assert_allclose(same, LIKE_ITSELF[name], atol=1e-5)
    worse = changed - same if registry.FULL_REFERENCE_METRICS[name].lower_better else same - changed
    assert (worse > 0.005).all()
    assert (np.diff(worse) > 0).sum() >= 2


def test_a_missing_reference_is_named(noisy: tuple[World, Path], make_world: MakeWorld) -> None:
    world, _ = noisy
    fewer = world.tar.with_name("fewer.tar")
    with store.Archive(world.tar) as archive:
        picture = encode_jpeg(archive.read(0))
    store.write_condition(fewer, [store.Member("p00", "clean/0/0/p00.JPEG", picture)], {})
    with pytest.raises(UserError, match=r"fewer\.tar lacks picture 'p01' of .*3\.tar"):
        run("psnr", world, fewer)
    assert not world.out.exists()


def test_pictures_of_another_size_are_refused(make_world: MakeWorld, tmp_path: Path) -> None:
    reference = tmp_path / "clean.tar"
    make_world(2).tar.rename(reference)
    (tmp_path / "3.index.parquet").rename(tmp_path / "clean.index.parquet")
    world = make_world(2, replace={1: np.zeros((224, 200, 3), np.uint8)})
    with pytest.raises(UserError, match=SIZE):
        run("psnr", world, reference)


def test_another_clean_archive_makes_the_scores_stale(noisy: tuple[World, Path]) -> None:
    world, reference = noisy
    before = run("psnr", world, reference)
    stamp = world.out.stat().st_mtime_ns
    run("psnr", world, reference)
    assert world.out.stat().st_mtime_ns == stamp
    found = contract.read_provenance(world.out)
    assert (
        found["reference"] == contract.read_provenance(store.index_path(reference))["fingerprint"]
    )
    after = run("psnr", world, world.tar)
    assert (after > before).all() and (after == 80).all()


def test_the_registry_names_pyiqas_full_reference_metrics() -> None:
    entry = registry.entry_of(metric("pyiqa:nlpd"))
    assert (entry.lower_better, entry.loader) == (True, registry.FULL_REFERENCE_METRIC)
    with pytest.raises(UserError, match="unknown metric 'brisque'"):
        registry.entry_of(metric("brisque"))
    facts = registry.scorer_table({"gmsd": metric("gmsd")})
    assert facts.select("kind", "lower_better").row(0) == ("fr_metric", True)
