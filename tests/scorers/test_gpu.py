"""What a GPU asks of the scorers, on a GPU in name: all is there, and float32 is float32."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import polars as pl
import pytest
import timm
import torch
import torchvision
from fake_gpu import fake_gpu
from tiny_clip import write_clip, write_clip_of_piq

from causal_iqa.core.scorer_config import Classifier, FullReferenceMetric, Metric, Scorer, ZeroShot
from causal_iqa.pictures.classes import imagenet_classes
from causal_iqa.scorers import engine, registry

RNG = np.random.default_rng(0)
PICTURES = [RNG.integers(0, 256, (224, 224, 6), dtype=np.uint8) for _ in range(2)]
"""A picture and its reference."""


@pytest.fixture(autouse=True)
def no_gradients() -> Any:
    with torch.no_grad():
        yield


def test_the_gpu_in_name_computes_and_refuses_the_cpus_tensors() -> None:
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4)).eval()
    picture = torch.rand(1, 3, 8, 8)
    expected = network(picture)
    with fake_gpu():
        with pytest.raises(RuntimeError, match="tensors of the CPU among the GPU's"):
            network(picture.to("cuda"))
        network.to("cuda")
        there = network(picture.to("cuda"))
        assert there.device.type == "cuda" and there.cpu().equal(expected)
        with pytest.raises(RuntimeError, match="tensors of the CPU among the GPU's"):
            there + torch.ones(1, 4, 6, 6)
        assert (there + torch.tensor(1.0)).device.type == "cuda"  # a number may be anywhere


def score(spec: Scorer, packages: Path, device: str, classes: pl.DataFrame) -> dict[str, Any]:
    loaded = engine.load(spec, classes, packages, device, "float32")
    channels = 6 if spec.kind == "fr_metric" else 3
    batch = torch.stack([loaded.prepare(picture[..., :channels].copy()) for picture in PICTURES])
    return loaded.score(batch, np.zeros(len(batch)))


def assert_the_same_on_a_gpu(spec: Scorer, packages: Path, classes: pl.DataFrame) -> None:
    here = score(spec, packages, "cpu", classes)
    with fake_gpu():
        there = score(spec, packages, "cuda", classes)
    for column, values in here.items():
        np.testing.assert_allclose(there[column], values, rtol=1e-4, atol=1e-6, err_msg=column)


PACKAGED: list[Scorer] = [
    *(Classifier(kind="classifier", model=name) for name in registry.CLASSIFIERS),
    *(Metric(kind="metric", metric=name) for name in registry.METRICS),
    *(FullReferenceMetric(kind="fr_metric", metric=n) for n in registry.FULL_REFERENCE_METRICS),
]


@pytest.mark.parametrize(
    "spec", PACKAGED, ids=lambda spec: getattr(spec, "model", getattr(spec, "metric", ""))
)
def test_a_packaged_scorer_is_whole_on_a_gpu(spec: Scorer, packages: Path) -> None:
    assert_the_same_on_a_gpu(spec, packages, imagenet_classes())


@pytest.mark.slow  # embeds the names of 1000 classes, twice
@pytest.mark.parametrize("name", registry.ZERO_SHOT)
def test_an_assembled_encoder_is_whole_on_a_gpu(name: str, packages: Path) -> None:
    spec = ZeroShot(kind="zero_shot", model=name)
    assert_the_same_on_a_gpu(spec, packages, imagenet_classes())


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of weights under the published names, random and small."""
    torch.manual_seed(0)
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))
    write_clip_of_piq(tmp_path / ".cache" / "clip")
    write_clip(tmp_path / "RN50.pt")
    monkeypatch.setattr(
        "pyiqa.archs.clip_model._download", lambda url, folder: str(tmp_path / "RN50.pt")
    )
    support = torch.randn(774, 1), torch.randn(774, 36)
    # a GPU in name cannot be what a file is read onto
    monkeypatch.setattr(
        sys.modules["piq.brisque"],
        "load_url",
        lambda url, map_location: [tensor.clone().to(map_location) for tensor in support],
    )
    return tmp_path


@pytest.mark.parametrize(
    "name", [*(f"piq:{name}" for name in registry.PIQ), "pyiqa:clipiqa", "pyiqa:entropy"]
)
def test_a_published_metric_is_whole_on_a_gpu(name: str, weights: Path) -> None:
    assert_the_same_on_a_gpu(Metric(kind="metric", metric=name), weights, imagenet_classes())


NETWORKS: dict[str, tuple[str, Callable[[], torch.nn.Module]]] = {
    "torchvision:mobilenet_v3_small": (
        "classifier",
        lambda: torchvision.models.mobilenet_v3_small(num_classes=3),
    ),
    "torchvision:swin_t": ("classifier", lambda: torchvision.models.swin_t(num_classes=3)),
    "torchvision:vit_b_32": ("classifier", lambda: torchvision.models.vit_b_32(num_classes=3)),
    "timm:mobilenetv3_small_050": (
        "classifier",
        lambda: timm.create_model("mobilenetv3_small_050", num_classes=3),
    ),
    "open_clip:ViT-S-32-alt": ("zero_shot", lambda: open_clip.create_model("ViT-S-32-alt")),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_from_a_file_is_whole_on_a_gpu(name: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    kind, build = NETWORKS[name]
    torch.save(build().state_dict(), tmp_path / "weights.pt")
    model = f"{name}@{tmp_path / 'weights.pt'}"
    made = {"classifier": Classifier, "zero_shot": ZeroShot}[kind]
    classes = imagenet_classes().head(3).with_columns(wnid=pl.lit(""))
    assert_the_same_on_a_gpu(made(kind=kind, model=model), Path(), classes)


@pytest.mark.parametrize("name", ["niqe", "pyiqa:clipiqa", "ms_ssim"])
def test_no_convolution_of_pyiqa_may_take_tf32(
    name: str, packages: Path, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pyiqa enters cudnn flags of its own for every batch."""
    seen: set[tuple[bool, bool, bool]] = set()
    convolve = torch.nn.functional.conv2d

    def watched(*args: Any, **kwargs: Any) -> torch.Tensor:
        cudnn = torch.backends.cudnn
        seen.add((cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32, cudnn.deterministic))
        return convolve(*args, **kwargs)

    monkeypatch.setattr(torch.nn.functional, "conv2d", watched)
    monkeypatch.setattr("torch.nn.modules.conv.F.conv2d", watched)
    made = FullReferenceMetric if name == "ms_ssim" else Metric
    spec = made(kind="fr_metric" if made is FullReferenceMetric else "metric", metric=name)
    score(spec, packages, "cpu", imagenet_classes())
    assert seen == {(False, False, True)}
