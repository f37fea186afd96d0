"""Task models of torchvision and timm, with their published weights or a checkpoint of the user's.

``torchvision:BUILDER/WEIGHTS``, ``torchvision:BUILDER@FILE``, ``timm:NAME``, ``timm:NAME@FILE``.
Published weights are read from the weights folder; nothing is fetched here
(``scorers.fetching`` does that).
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import timm
import torch
import torchvision
from PIL import Image
from torch import nn
from torchvision.transforms import InterpolationMode

from causal_iqa.core.errors import UserError
from causal_iqa.scorers.checkpoints import load_state, read_checkpoint
from causal_iqa.scorers.classifiers import Classifier, Geometry, crop_centre
from causal_iqa.scorers.setting import Setting

RESAMPLE = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


def from_torchvision(options: dict[str, Any], setting: Setting) -> Classifier:
    """A network of torchvision. Raises UserError where a checkpoint is of another network.

    preprocess ``fit``: the shorter side to the input size (a 224x224 picture stays as it is, but
    for a network with another input) and no border cropped of a square picture; ``weights``: the
    resize and crop that the weights were published with. A checkpoint takes those of DEFAULT.
    """
    name, _, file = options["model"].removeprefix("torchvision:").partition("@")
    builder_name, _, member = name.partition("/")
    builder = torchvision.models.get_model_builder(builder_name)
    weights = torchvision.models.get_model_weights(builder)[member or "DEFAULT"]
    if file:
        state = read_checkpoint(Path(file))
        build = partial(builder, weights=None)
        network = build(num_classes=_outputs_in(state, build, Path(file), builder_name))
        load_state(network, state, Path(file), builder_name)
    else:
        network = builder(weights=weights, progress=False)
    preset = weights.transforms()
    resample = RESAMPLE[InterpolationMode(preset.interpolation).value]
    crop = preset.crop_size[0]  # torchvision's presets hold lists of one
    shorter = crop if options["preprocess"] == "fit" else preset.resize_size[0]
    return Classifier(
        network.eval(),
        _outputs(network),
        lambda picture: crop_centre(picture, shorter, crop, resample),
        _on_255(preset.mean),
        _on_255(preset.std),
        setting,
    )


def from_timm(options: dict[str, Any], setting: Setting) -> Classifier:
    """A network of timm; preprocess as in ``from_torchvision``, from its pretrained configuration.

    Raises UserError for a name that timm does not have, and where a checkpoint does not fit.
    """
    name, _, file = options["model"].removeprefix("timm:").partition("@")
    if not timm.is_model(name):
        known = {*timm.list_models(), *timm.list_pretrained()}
        close = ", ".join(difflib.get_close_matches(name, sorted(known), n=5)) or "none"
        raise UserError(f"timm has no model {name!r}; near it: {close}")
    if file:
        state = read_checkpoint(Path(file))
        build = partial(timm.create_model, name)
        network = build(num_classes=_outputs_in(state, build, Path(file), name))
        load_state(network, state, Path(file), name)
    else:
        network = timm.create_model(name, pretrained=True)
    config = timm.data.resolve_model_data_config(network)
    return Classifier(
        network.eval(),
        int(network.num_classes),
        _timm_geometry(config, options["preprocess"], name),
        _on_255(config["mean"]),
        _on_255(config["std"]),
        setting,
    )


def _timm_geometry(config: Mapping[str, Any], preprocess: str, name: str) -> Geometry:
    """timm's evaluation transform up to the tensor, for crop modes center and squash."""
    size = config["input_size"][-1]
    resample = RESAMPLE[config["interpolation"]]
    if preprocess == "fit":
        return lambda picture: crop_centre(picture, size, size, resample)
    scaled = math.floor(size / config["crop_pct"])
    if config["crop_mode"] == "center":
        return lambda picture: crop_centre(picture, scaled, size, resample)
    if config["crop_mode"] == "squash":
        left = round((scaled - size) / 2)
        box = (left, left, left + size, left + size)
        return lambda picture: picture.resize((scaled, scaled), resample).crop(box)
    raise UserError(
        f"timm:{name} was published with crop mode {config['crop_mode']!r}; preprocess: weights "
        "knows center and squash. Use preprocess: fit."
    )


def _last_layer(network: nn.Module) -> str:
    """Name of the layer that gives the logits."""
    layers = network.named_modules()
    # Conv2d as well: SqueezeNet's logits come from a convolution.
    named: list[str] = [name for name, layer in layers if isinstance(layer, nn.Linear | nn.Conv2d)]
    return named[-1]


def _outputs(network: nn.Module) -> int:
    return int(network.get_parameter(f"{_last_layer(network)}.weight").shape[0])


def _outputs_in(
    state: dict[str, torch.Tensor], build: Callable[[], nn.Module], path: Path, name: str
) -> int:
    """How many classes a checkpoint's last layer has."""
    # Nothing is allocated or drawn there, and names are all that is wanted.
    with torch.device("meta"):
        last = f"{_last_layer(build())}.weight"
    if last not in state:
        raise UserError(f"{path} does not hold weights of {name}: {last} is missing")
    return int(state[last].shape[0])


def _on_255(values: Any) -> tuple[float, float, float]:
    red, green, blue = (255 * float(value) for value in values)
    return red, green, blue
