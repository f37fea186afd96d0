"""Dual encoders for ``zero_shot``: how each comes by its model, transform and tokenizer."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import open_clip
import torch
from open_clip.model import CLIPTextCfg, CLIPVisionCfg, CustomTextCLIP
from open_clip.transform import PreprocessCfg, image_transform_v2
from tokenizers import Tokenizer

from causal_iqa.errors import UserError
from causal_iqa.scorers.folding import fold_batch_norm
from causal_iqa.scorers.setting import Setting
from causal_iqa.scorers.weights import read_lite, read_zip_member, read_zipped_safetensors
from causal_iqa.scorers.zero_shot import ZeroShot, class_names, class_weights

WIDTH = 384
"""Of MiniLM's sentence embeddings, and so of the space that both towers share."""

RIDGE = 1e-3
"""Relative to the mean variance of the text embeddings along an axis."""

MAX_TOKENS = 256
"""The length all-MiniLM-L6-v2 was published with."""


def lite0_minilm(options: dict[str, Any], setting: Setting) -> ZeroShot:
    """EfficientNet-Lite0 and MiniLM joined by a projection in closed form (DeViSE-style).

    No CLIP: the image tower was trained on ImageNet's labels, so its scores are circular with
    Lite0's. The projection is fitted on the names of ImageNet's 1000 classes, whatever classes
    are then scored. ``logit_scale`` stays open_clip's initial 1/0.07: no temperature was learnt.
    """
    model, classifier = _assemble(setting)
    tokenizer = _MiniLMTokenizer(setting.files["all_minilm_l6_v2.zip"])
    imagenet = class_weights(model, tokenizer, open_clip.IMAGENET_CLASSNAMES, 1, setting.device)
    projection = fit_projection(imagenet.T.cpu(), classifier)
    model.visual.head.proj.weight.data.copy_(projection)
    weights = imagenet
    if setting.class_names is not None or options["templates"] != 1:
        weights = class_weights(
            model, tokenizer, class_names(setting), options["templates"], setting.device
        )
    preprocess = PreprocessCfg(size=224, mean=(127 / 255,) * 3, std=(128 / 255,) * 3)
    return ZeroShot(model, image_transform_v2(preprocess, is_train=False), weights, setting)


def fit_projection(texts: torch.Tensor, classifier: torch.Tensor) -> torch.Tensor:
    """The map [e, d] of image features into the text space, fitted without a picture.

    texts: embeddings of the class names, [k, e]; classifier: the rows of the image tower's own
    classifier, [k, d], which stand for each class's typical feature. Both centred over classes:
    P = (E'E / mean diagonal + RIDGE I)^-1 E'W, in float64.
    """
    e, w = (m.double() - m.double().mean(dim=0) for m in (texts, classifier))
    gram = e.T @ e
    gram /= gram.diagonal().mean()
    ridge = RIDGE * torch.eye(len(gram), dtype=torch.float64)
    projection: torch.Tensor = torch.linalg.solve(gram + ridge, e.T @ w)
    return projection.float()


def _assemble(setting: Setting) -> tuple[CustomTextCLIP, torch.Tensor]:
    """The model with both towers' weights, and the classifier's rows [1000, 1280] of Lite0."""
    image = read_lite(setting.files["efficientnet_lite0.pth"], "efficientnet_lite0")
    archive = setting.files["all_minilm_l6_v2.zip"]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "config.json").write_bytes(read_zip_member(archive, "config.json"))
        model = CustomTextCLIP(
            WIDTH,
            CLIPVisionCfg(
                timm_model_name="tf_efficientnet_lite0", timm_pool="avg", timm_proj="linear"
            ),
            CLIPTextCfg(
                hf_model_name=folder,
                hf_model_pretrained=False,
                hf_pooler_type="mean_pooler",
                hf_proj_type=None,  # the default is a random one
            ),
        )
    rows = image.pop("classifier.weight")
    image.pop("classifier.bias")
    model.visual.trunk.load_state_dict(image, strict=True)
    _load_text(model, read_zipped_safetensors(archive, "model.safetensors"))
    model.eval()
    fold_batch_norm(model.visual.trunk)
    model.visual.to(memory_format=torch.channels_last)
    return model.to(setting.device), rows


def _load_text(model: CustomTextCLIP, state: dict[str, torch.Tensor]) -> None:
    """Load MiniLM into the whole text tower, so that nothing in it can stay at random.

    Its file also holds BERT's pooling layer and position numbers; neither is part of the
    mean-pooled encoder.
    """
    unused = {"pooler.dense.weight", "pooler.dense.bias", "embeddings.position_ids"}
    needed = {f"transformer.{key}": state[key] for key in state.keys() - unused}
    model.text.load_state_dict(needed, strict=True)


class _MiniLMTokenizer:
    """Texts -> token ids [n, longest], padded with 0, which the text tower masks."""

    def __init__(self, archive: Path) -> None:
        self._tokenizer = Tokenizer.from_str(read_zip_member(archive, "tokenizer.json").decode())
        self._tokenizer.enable_padding(pad_id=0, pad_token="[PAD]")
        self._tokenizer.enable_truncation(MAX_TOKENS)

    def __call__(self, texts: list[str]) -> torch.Tensor:
        return torch.tensor([encoded.ids for encoded in self._tokenizer.encode_batch(texts)])


def from_open_clip(options: dict[str, Any], setting: Setting) -> ZeroShot:
    """A model of open_clip's list with weights from a file: ``open_clip:MODEL@PATH``.

    Raises UserError where the file does not hold that model's weights.
    """
    name, _, path = options["model"].removeprefix("open_clip:").partition("@")
    try:
        model, _, preprocess = open_clip.create_model_and_transforms(
            name, pretrained=path, device=setting.device
        )
    except (RuntimeError, ValueError, KeyError, OSError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"{path} cannot be loaded into open_clip's {name}: {reason}") from error
    model.eval()
    model.visual.to(memory_format=torch.channels_last)
    weights = class_weights(
        model,
        open_clip.get_tokenizer(name),
        class_names(setting),
        options["templates"],
        setting.device,
    )
    return ZeroShot(model, preprocess, weights, setting)
