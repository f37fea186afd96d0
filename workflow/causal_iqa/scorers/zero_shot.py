"""Zero-shot classification by an image-text dual encoder as a quality score (paper, section 4.4).

Any model takes the one path that a real CLIP takes through open_clip: class names through
``build_zero_shot_classifier``, pictures through ``encode_image``, the model's own ``logit_scale``.
A loader makes model, preprocess and tokenizer; the registry names it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import torch
import torch.nn.functional as F
from PIL import Image

from causal_iqa.core.errors import UserError
from causal_iqa.scorers.setting import Setting
from causal_iqa.scorers.softmax import summarise

Templates = Sequence[str | Callable[[str], str]]
TEMPLATES: dict[int, Templates] = {
    1: ("{}",),
    7: open_clip.SIMPLE_IMAGENET_TEMPLATES,
    80: open_clip.OPENAI_IMAGENET_TEMPLATES,
}
"""Prompts a class; 1 is the bare name, as the paper embeds it."""

TEXTS_AT_ONCE = 64

Tokenizer = Callable[[list[str]], torch.Tensor]


def templates_of(options: dict[str, Any]) -> Templates:
    """The prompts of the option ``templates``: one of TEMPLATES, or a file's lines.

    Raises UserError for a line without {}.
    """
    chosen = options["templates"]
    if chosen in TEMPLATES:
        return TEMPLATES[chosen]
    lines = _lines(Path(chosen))
    for number, line in enumerate(lines, start=1):
        if "{}" not in line:
            raise UserError(f"{chosen}, line {number}: {line!r} holds no {{}} for the class's name")
    return lines


def _lines(path: Path) -> list[str]:
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if line]


def class_weights(
    model: Any, tokenizer: Tokenizer, names: Sequence[str], templates: Templates, device: str
) -> torch.Tensor:
    """Unit-length text embeddings of the classes, float32 [d, k]; several prompts are averaged."""
    weights: torch.Tensor = open_clip.build_zero_shot_classifier(
        model,
        tokenizer,
        names,
        templates,
        # open_clip counts classes, each of which is a text a template.
        num_classes_per_batch=max(1, TEXTS_AT_ONCE // len(templates)),
        device=device,
    )
    return weights.float()


class ZeroShot:
    """A dual encoder over class names.

    model: of open_clip; preprocess: its transform, PIL picture -> float [3, h, w]; weights: the
    classes' embeddings, [d, k]; temperature: of the columns ``_t`` (None: the model's own).
    """

    def __init__(
        self,
        model: Any,
        preprocess: Callable[[Image.Image], torch.Tensor],
        weights: torch.Tensor,
        setting: Setting,
        temperature: float | None = None,
    ) -> None:
        self.device = setting.device
        self.model = model
        if setting.compile:
            model.visual.compile()
        self.outputs = weights.shape[1]
        own = float(model.logit_scale.detach().exp())  # models keep its logarithm
        self.logit_scale = own if temperature is None else 1 / temperature
        self._preprocess = preprocess
        self.weights = weights.to(setting.device)
        self._setting = setting

    def prepare(self, picture: np.ndarray) -> torch.Tensor:
        """The model's own transform of an RGB uint8 [H, W, 3] picture: float [3, h, w]."""
        return self._preprocess(Image.fromarray(picture))

    def cosines(self, batch: torch.Tensor) -> torch.Tensor:
        """Cosine similarity to each class, float32 [n, k] whatever precision the towers ran in."""
        pictures = batch.to(self._setting.device, memory_format=torch.channels_last)
        with self._setting.autocast():
            features = self.model.encode_image(pictures)
        # Normalised and multiplied in float32: that is encode_image(normalize=True), but bfloat16
        # cosines would have 3 digits, and their softmax over 1000 classes none.
        return F.normalize(features.float(), dim=-1) @ self.weights

    def score(self, batch: torch.Tensor, labels: np.ndarray) -> dict[str, np.ndarray]:
        """The zero-shot columns, each [n]. labels: [n], NaN where there is none.

        Softmax over raw cosines (temperature 1) as in the paper; ``_t``: at the model's scale.
        """
        cosines = self.cosines(batch).cpu().numpy().astype(np.float64)
        columns = summarise(cosines, labels, self._setting.allowed)
        tempered = summarise(self.logit_scale * cosines, labels, self._setting.allowed)
        return {
            **columns,
            "max_prob_t": tempered["max_prob"],
            "entropy_t": tempered["entropy"],
        }


def class_names(options: dict[str, Any], setting: Setting) -> Sequence[str]:
    """What the classes are called: as the option's file says; else as open_clip calls ImageNet's
    1000, or as classes.csv calls others.

    Raises UserError where the file has another number of names.
    """
    own: Sequence[str] = setting.class_names or open_clip.IMAGENET_CLASSNAMES
    if options["class_names"] is None:
        return own
    names = _lines(Path(options["class_names"]))
    if len(names) != len(own):
        raise UserError(
            f"{options['class_names']} holds {len(names)} names; there are {len(own)} classes"
        )
    return names
