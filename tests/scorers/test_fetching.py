"""Published weights: recorded by their hashes, never fetched in a job, missed in plain words."""

from __future__ import annotations

import hashlib
import json
import sys
import urllib.request
from pathlib import Path

import numpy as np
import piq
import pytest
import safetensors.torch
import torch
from tiny_clip import write_clip_of_piq

from causal_iqa.core import packaged
from causal_iqa.core.config import Scoring
from causal_iqa.core.errors import UserError
from causal_iqa.core.scorer_config import Classifier, Metric, Scorer, ZeroShot
from causal_iqa.pictures.classes import imagenet_classes
from causal_iqa.scorers import engine, fetching, freshness, prefetch


def load(spec: Scorer, packages: Path = Path()) -> engine.LoadedScorer:
    return engine.load(spec, imagenet_classes(), packages, "cpu", "float32")


def metric(name: str) -> Scorer:
    return Metric(kind="metric", metric=name)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty weights folder as a job finds it, and a machine without a network."""

    def no_network(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr("socket.getaddrinfo", no_network)
    monkeypatch.setattr("socket.socket.connect", no_network)
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path / "torch" / "hub"))
    monkeypatch.setattr("pyiqa.utils.download_util.DEFAULT_CACHE_DIR", str(tmp_path / "pyiqa"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hf"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))
    return tmp_path


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (metric("pyiqa:brisque"), "pyiqa/brisque_svm_weights.pth"),
        (metric("pyiqa:arniqa-kadid"), "hub/checkpoints/resnet50-0676ba61.pth"),
        (metric("pyiqa:clipiqa"), "hub/clip/RN50.pt"),
        (metric("pyiqa:topiq_nr"), "not on this machine"),
        (metric("piq:clip_iqa"), ".cache/clip/RN50.pt"),
        (metric("piq:brisque"), "hub/checkpoints/brisque_svm_weights.pt"),
        (
            Classifier(kind="classifier", model="torchvision:resnet34"),
            "hub/checkpoints/resnet34-b627a593.pth",
        ),
        (
            Classifier(kind="classifier", model="timm:resnet18.a1_in1k"),
            "of huggingface.co/timm/resnet18.a1_in1k",
        ),
        (
            ZeroShot(kind="zero_shot", model="open_clip:RN50-quickgelu/openai"),
            "of huggingface.co/timm/resnet50_clip.openai",
        ),
    ],
    ids=lambda value: getattr(value, "model", getattr(value, "metric", "")),
)
def test_missing_weights_are_explained_and_nothing_is_downloaded(
    hub: Path, spec: Scorer, said: str
) -> None:
    with pytest.raises(UserError) as raised:
        load(spec)
    message = str(raised.value)
    assert said in message and "snakemake --cores 1 weights" in message
    assert urllib.request.urlopen.__module__ == "urllib.request"


def test_a_missing_module_is_explained(packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyiqa", None)
    with pytest.raises(UserError, match="pip install pyiqa"):
        load(metric("piqe"), packages)
    with pytest.raises(UserError, match="setuptools<81"), fetching.explained("clipiqa"):
        raise ModuleNotFoundError("No module named 'pkg_resources'", name="pkg_resources")


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_every_file_that_is_read_is_recorded(tmp_path: Path) -> None:
    inside, outside = tmp_path / "weights", tmp_path / "elsewhere.pth"
    inside.mkdir()
    torch.save({"layer": torch.ones(2)}, inside / "a.pth")
    safetensors.torch.save_file({"layer": torch.ones(2)}, inside / "b.safetensors")
    (inside / "unread.pth").write_bytes(b"x")
    torch.save({"layer": torch.ones(2)}, outside)
    with fetching.files_read(inside) as files:
        torch.load(inside / "a.pth", weights_only=True)
        torch.load(outside, weights_only=True)
        safetensors.torch.load_file(inside / "b.safetensors")
    assert files == {name: sha256(inside / name) for name in ("a.pth", "b.safetensors")}


def test_a_record_pins_the_files_of_a_scorer(hub: Path) -> None:
    torch.manual_seed(0)
    import torchvision

    file = hub / "torch" / "hub" / "checkpoints" / "mobilenet_v3_large-5c1a4163.pth"
    file.parent.mkdir(parents=True)
    torch.save(torchvision.models.mobilenet_v3_large().state_dict(), file)
    spec = Classifier(kind="classifier", model="torchvision:mobilenet_v3_large")
    record = hub / "record.json"
    prefetch.write_weights(spec, imagenet_classes(), Path(), hub, record)
    name = str(file.relative_to(hub))
    assert json.loads(record.read_text()) == {"files": {name: sha256(file)}}
    prepared = freshness.Prepared(record, hub)
    freshness.check_weights(prepared)
    file.write_bytes(file.read_bytes() + b"0")
    with pytest.raises(UserError, match=r"mobilenet_v3_large-5c1a4163\.pth was changed since"):
        freshness.check_weights(prepared)
    file.unlink()
    with pytest.raises(UserError, match="is gone since"):
        freshness.check_weights(prepared)
    record.write_text("{}")
    with pytest.raises(UserError, match="is no record of weights"):
        freshness.check_weights(prepared)


def test_use_folder_moves_every_librarys_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in fetching.HOMES:
        monkeypatch.setenv(variable, "before")
    fetching.use_folder(tmp_path)
    import os

    assert {Path(os.environ[variable]).parent for variable in fetching.HOMES} == {tmp_path}


def test_clip_iqa_of_piq_from_a_file_laid_out_as_openais(
    hub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_clip_of_piq(hub / ".cache" / "clip")
    spec, record = metric("piq:clip_iqa"), hub / "record.json"
    prefetch.write_weights(spec, imagenet_classes(), Path(), hub, record)
    assert set(freshness.read_record(record)) == {
        ".cache/clip/RN50.pt",
        ".cache/clip/clipiqa_tokens.pt",
    }
    loaded = load(spec)
    picture = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    with torch.inference_mode():
        found = loaded.score(loaded.prepare(picture)[None], np.array([np.nan]))["score"]
    monkeypatch.setenv("HOME", str(hub))
    theirs = piq.CLIPIQA()(loaded.prepare(picture)[None] / 255)
    assert found == pytest.approx(theirs.numpy().ravel(), abs=1e-6)


def test_packaged_scorers_need_no_record() -> None:
    assert packaged.FILES
    spec = metric("tv_l2")
    assert (
        freshness.provenance(
            spec,
            imagenet_classes().select(image_id="wnid", label="index"),
            imagenet_classes(),
            None,
            Scoring(),
        )["weights"]
        == {}
    )
