"""torchvision's and timm's networks: the right weights, the right preprocessing, clear refusals."""

from __future__ import annotations

import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import safetensors.torch
import timm
import torch
import torchvision
from PIL import Image

from causal_iqa.core.errors import UserError
from causal_iqa.core.scorer_config import Classifier, Scorer, ZeroShot
from causal_iqa.pictures.classes import imagenet_classes
from causal_iqa.scorers import engine
from causal_iqa.scorers.registry import entry_of
from causal_iqa.scorers.torchvision_catalogue import catalogue

PAPER = {
    "resnet34": "resnet34-b627a593.pth",
    "convnext_base": "convnext_base-6075fbad.pth",
    "efficientnet_v2_m": "efficientnet_v2_m-dc08266a.pth",
    "mobilenet_v3_large": "mobilenet_v3_large-5c1a4163.pth",
    "vit_l_16": "vit_l_16-852ce7e3.pth",
    "swin_b": "swin_b-68c6b09e.pth",
}
"""The paper's six with DEFAULT weights; the files' names: torch.hub."""
SMALL = "mobilenet_v3_large"


def classifier(model: str, preprocess: str = "fit") -> Classifier:
    return Classifier.model_validate(
        {"kind": "classifier", "model": model, "preprocess": preprocess}
    )


def load(spec: Scorer, classes: pl.DataFrame | None = None) -> engine.LoadedScorer:
    known = imagenet_classes() if classes is None else classes
    return engine.load(spec, known, Path(), "cpu", "float32")


def picture(side: int = 224) -> np.ndarray:
    small = np.random.default_rng(0).integers(0, 256, (9, 9, 3), dtype=np.uint8)
    big = Image.fromarray(small).resize((side, side), Image.Resampling.BICUBIC)
    return np.asarray(big)


def write_published(hub: Path, name: str) -> torch.nn.Module:
    """Random weights under the published file's name, as torch.hub stores it."""
    torch.manual_seed(0)
    network = torchvision.models.get_model(name).eval()
    for parameter in network.parameters():
        if not parameter.any():  # ViT's last layer starts at zero, and so would its logits
            torch.nn.init.normal_(parameter, std=0.02)
    (hub / "checkpoints").mkdir(parents=True, exist_ok=True)
    torch.save(network.state_dict(), hub / "checkpoints" / PAPER[name])
    return network


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path / "hub"))
    return tmp_path / "hub"


def test_the_catalogue_is_torchvisions_own() -> None:
    known = catalogue()
    classification = [name for name in torchvision.models.list_models(module=torchvision.models)]
    assert sorted(known) == sorted(classification)
    for name, members in known.items():
        enum = torchvision.models.get_model_weights(name)
        assert {*members} == {*enum.__members__}
        for member, published in members.items():
            assert enum[member].name == published.member
            assert enum[member].url.endswith(published.file)
            assert published.size == round(enum[member].meta["_file_size"] * 2**20)


def test_the_papers_networks_and_the_files_they_read() -> None:
    for name, file in PAPER.items():
        entry = entry_of(classifier(f"torchvision:{name}"))
        assert entry.fetched and entry.outputs == 1000 and entry.weights_group == file
    same = entry_of(classifier("torchvision:vit_l_16/IMAGENET1K_V1"))
    assert same.weights_group == PAPER["vit_l_16"]


@pytest.mark.parametrize(
    "name",
    [SMALL, *(pytest.param(n, marks=pytest.mark.slow) for n in PAPER if n != SMALL)],
)
@pytest.mark.parametrize("preprocess", ["fit", "weights"])
def test_published_weights_give_torchvisions_own_logits(
    name: str, preprocess: str, hub: Path
) -> None:
    network = write_published(hub, name)
    loaded = load(classifier(f"torchvision:{name}", preprocess))
    preset = torchvision.models.get_model_weights(name).DEFAULT.transforms()
    side = preset.crop_size[0]
    if preprocess == "fit":
        preset.resize_size = [side]
    with torch.inference_mode():
        expected = network(preset(Image.fromarray(picture()))[None])
        found = loaded.logits(loaded.prepare(picture())[None])  # type: ignore[attr-defined]
    scale = expected.abs().max()
    torch.testing.assert_close(found / scale, expected / scale, rtol=0, atol=1e-4)


def test_a_picture_of_the_networks_size_is_not_resized_or_cropped(hub: Path) -> None:
    write_published(hub, SMALL)
    prepared = load(classifier(f"torchvision:{SMALL}")).prepare(picture())
    np.testing.assert_array_equal(prepared.permute(1, 2, 0).numpy(), picture())


@pytest.mark.parametrize(
    ("wrap", "suffix"),
    [
        (lambda state: state, ".pth"),
        (lambda state: {"state_dict": state, "epoch": 3}, ".pth"),
        (lambda state: {f"module.{key}": value for key, value in state.items()}, ".pth"),
        (lambda state: state, ".safetensors"),
    ],
    ids=["bare", "wrapped", "parallel", "safetensors"],
)
def test_a_checkpoint_with_its_own_number_of_classes(
    wrap: object, suffix: str, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    network = torchvision.models.get_model(SMALL, num_classes=7).eval()
    file = tmp_path / f"mine{suffix}"
    state = wrap(network.state_dict())  # type: ignore[operator]
    (safetensors.torch.save_file if suffix != ".pth" else torch.save)(state, file)
    spec = classifier(f"torchvision:{SMALL}@{file}")
    loaded = load(spec, imagenet_classes().head(7))
    preset = torchvision.models.get_model_weights(SMALL).DEFAULT.transforms(resize_size=224)
    with torch.inference_mode():
        expected = network(preset(Image.fromarray(picture()))[None])
        found = loaded.logits(loaded.prepare(picture())[None])  # type: ignore[attr-defined]
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    with pytest.raises(UserError, match="predicts 7 classes"):
        load(spec)


def test_a_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "mine.pth"
    torch.save(torchvision.models.get_model(SMALL).state_dict(), file)
    with pytest.raises(UserError, match=r"mine\.pth does not hold weights of resnet34"):
        load(classifier(f"torchvision:resnet34@{file}"))
    torch.save([1, 2], file)
    with pytest.raises(UserError, match="holds no dict of tensors"):
        load(classifier(f"torchvision:{SMALL}@{file}"))
    torch.save(torchvision.models.get_model(SMALL), file)
    with pytest.raises(UserError, match="no file of weights alone"):
        load(classifier(f"torchvision:{SMALL}@{file}"))


class Runs:
    """A pickle that would run a command."""

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, ("touch ran",)


def odd_files(folder: Path) -> dict[str, str]:
    """Files that are no checkpoints -> what must be said of them."""
    small = {"a": torch.zeros(300)}
    torch.save(small, folder / "whole.pth")
    torch.save(small, folder / "old.pth", _use_new_zipfile_serialization=False)
    safetensors.torch.save_file(small, folder / "whole.safetensors")
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), folder / "program.pth")
    torch.save(torch.nn.Linear(2, 2), folder / "network.pth")
    (folder / "runs.pth").write_bytes(pickle.dumps(Runs()))
    (folder / "runs2.pth").write_bytes(pickle.dumps(Runs(), protocol=2))
    (folder / "numbers.pth").write_bytes(pickle.dumps({"a": 1}))
    (folder / "empty.pth").write_bytes(b"")
    (folder / "page.pth").write_text("<html><body>404: not found</body></html>")
    (folder / "text.pth").write_text("hello world\n")
    (folder / "noise.pth").write_bytes(np.random.default_rng(0).bytes(5000))
    (folder / "cut.pth").write_bytes((folder / "whole.pth").read_bytes()[:900])
    (folder / "cutold.pth").write_bytes((folder / "old.pth").read_bytes()[:200])
    (folder / "cut.safetensors").write_bytes((folder / "whole.safetensors").read_bytes()[:-9])
    (folder / "text.safetensors").write_text("hello")
    with zipfile.ZipFile(folder / "archive.pth", "w") as archive:
        archive.writestr("folder/x", "y")
    return {
        "program.pth": "it is a TorchScript program",
        "network.pth": "to load it, torch.nn.modules.linear.Linear would be run",
        "runs.pth": "to load it, posix.system would be run",
        "runs2.pth": "to load it, posix.system would be run",
        "numbers.pth": "is no file of weights alone",
        "empty.pth": "it is empty",
        "page.pth": "it is no checkpoint at all",
        "text.pth": "it is no checkpoint at all",
        "noise.pth": "it is no checkpoint at all",
        "cut.pth": "it is cut short; copy it again",
        "cutold.pth": "cut short",
        "cut.safetensors": "is no file of safetensors, or is cut short",
        "text.safetensors": "is no file of safetensors, or is cut short",
        "archive.pth": "it is an archive of something else",
    }


@pytest.mark.parametrize("family", ["torchvision:resnet18", "timm:resnet18", "open_clip:RN50"])
def test_a_file_that_is_no_checkpoint_is_refused_in_words(
    family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if family.startswith("open_clip"):
        spec: Scorer = ZeroShot(kind="zero_shot", model="")
        family += "-quickgelu"  # TorchScript archives are taken for OpenAI's
    else:
        spec = classifier("")
    odd = odd_files(tmp_path)
    if not family.startswith("torchvision"):  # building a network takes a second or two
        odd = {name: odd[name] for name in ("runs.pth", "cut.pth", "text.pth", "network.pth")}
    for name, said in odd.items():
        model = f"{family}@{tmp_path / name}"
        with pytest.raises(UserError) as caught:
            load(spec.model_copy(update={"model": model}))
        told = str(caught.value)
        assert str(tmp_path / name) in told and said in told, told
        assert "\n" not in told
        for word in ("weights_only", "PyTorch 2", "Unpickl", "pickle", "miniz", "Error(s)"):
            assert word not in told, told
    assert not (tmp_path / "ran").exists()
    other = spec.model_copy(update={"model": f"{family}@{tmp_path / 'whole.pth'}"})
    with pytest.raises(UserError, match=r"whole\.pth (does not hold|cannot be loaded)") as caught:
        load(other)
    assert "state_dict" not in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda state: state.pop("layer1.0.conv1.weight"), "layer1.0.conv1.weight is missing"),
        (
            lambda state: state.update({"bn1.weight": torch.zeros(3)}),
            r"bn1.weight is \(3,\), it needs \(64,\)",
        ),
        (lambda state: state.update({"more": torch.zeros(3)}), "more has no place in it"),
    ],
)
def test_the_first_tensor_that_does_not_fit_is_named(
    change: Callable[[dict], object], said: str, tmp_path: Path
) -> None:
    state = torchvision.models.get_model("resnet18").state_dict()
    change(state)
    torch.save(state, tmp_path / "mine.pth")
    with pytest.raises(UserError, match=f"mine.pth does not hold weights of resnet18: {said}$"):
        load(classifier(f"torchvision:resnet18@{tmp_path / 'mine.pth'}"))


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("torchvision:resnet35", "did you mean .*resnet34"),
        ("torchvision:resnet34/IMAGENET1K_V9", "has no weights 'IMAGENET1K_V9'"),
        ("torchvision:resnet34@nowhere.pth", "there is no file nowhere.pth"),
        ("timm:resnet18@nowhere.pth", "there is no file nowhere.pth"),
    ],
)
def test_a_wrong_name_is_known_before_any_job(model: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        entry_of(classifier(model))


@pytest.mark.parametrize("preprocess", ["fit", "weights"])
def test_timm_gives_its_own_logits(preprocess: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    name = "mobilenetv3_small_050.lamb_in1k"
    network = timm.create_model(name, num_classes=1000).eval()
    torch.save(network.state_dict(), tmp_path / "mine.pth")
    loaded = load(classifier(f"timm:{name}@{tmp_path / 'mine.pth'}", preprocess))
    config = timm.data.resolve_model_data_config(network)
    if preprocess == "fit":
        config["crop_pct"] = 1.0
    transform = timm.data.create_transform(**config, is_training=False)
    with torch.inference_mode():
        expected = network(transform(Image.fromarray(picture(300)))[None])
        found = loaded.logits(loaded.prepare(picture(300))[None])  # type: ignore[attr-defined]
    scale = expected.abs().max()
    torch.testing.assert_close(found / scale, expected / scale, rtol=0, atol=1e-4)


def test_timm_names_what_is_near() -> None:
    with pytest.raises(UserError, match=r"timm has no model 'resnet18x.a1'; near it: .*resnet"):
        load(classifier("timm:resnet18x.a1"))
