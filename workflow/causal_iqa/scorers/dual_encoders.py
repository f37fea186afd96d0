"""Dual encoders for ``zero_shot``: how each comes by its model, transform and tokenizer."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path
from typing import Any

import open_clip
import safetensors.torch
import torch
from open_clip.model import CLIPTextCfg, CLIPVisionCfg, CustomTextCLIP
from open_clip.transform import PreprocessCfg, image_transform_v2
from tokenizers import Tokenizer

from causal_iqa.core.errors import UserError
from causal_iqa.scorers.checkpoints import read_checkpoint
from causal_iqa.scorers.folding import fold_batch_norm
from causal_iqa.scorers.setting import Setting
from causal_iqa.scorers.weights import read_lite, read_zip_member, read_zipped_safetensors
from causal_iqa.scorers.zero_shot import (
    TEMPLATES,
    ZeroShot,
    class_names,
    class_weights,
    templates_of,
)

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
    imagenet = class_weights(
        model, tokenizer, open_clip.IMAGENET_CLASSNAMES, TEMPLATES[1], setting.device
    )
    projection = fit_projection(imagenet.T.cpu(), classifier)
    model.visual.head.proj.weight.data.copy_(projection)
    names, templates = class_names(options, setting), templates_of(options)
    weights = imagenet
    # By identity: the very same texts are embedded already, and once more would take seconds.
    if names is not open_clip.IMAGENET_CLASSNAMES or templates is not TEMPLATES[1]:
        weights = class_weights(model, tokenizer, names, templates, setting.device)
    preprocess = PreprocessCfg(size=224, mean=(127 / 255,) * 3, std=(128 / 255,) * 3)
    transform = image_transform_v2(preprocess, is_train=False)
    return ZeroShot(model, transform, weights, setting, options["temperature"])


def fit_projection(texts: torch.Tensor, classifier: torch.Tensor) -> torch.Tensor:
    """The map [e, d] of image features into the text space, fitted without a picture.

    texts: embeddings of the class names, [k, e]; classifier: the rows of the image tower's own
    classifier, [k, d], which stand for each class's typical feature. Both centred over classes:
    P = (E'E / mean diagonal + RIDGE I)^-1 E'W, in float64. On one thread, whose number the last
    digits depend on.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    e, w = (m.double() - m.double().mean(dim=0) for m in (texts, classifier))
    gram = e.T @ e
    gram /= gram.diagonal().mean()
    ridge = RIDGE * torch.eye(len(gram), dtype=torch.float64)
    projection: torch.Tensor = torch.linalg.solve(gram + ridge, e.T @ w)
    torch.set_num_threads(threads)
    return projection.float()


def _assemble(setting: Setting) -> tuple[CustomTextCLIP, torch.Tensor]:
    """The model with both towers' weights, and the classifier's rows [1000, 1280] of Lite0."""
    image = read_lite(setting.files["efficientnet_lite0.pth"], "efficientnet_lite0")
    archive = setting.files["all_minilm_l6_v2.zip"]
    # open_clip has transformers read the configuration, which takes a folder for a name.
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "config.json").write_bytes(read_zip_member(archive, "config.json"))
        model = CustomTextCLIP(
            WIDTH,
            CLIPVisionCfg(
                timm_model_name="tf_efficientnet_lite0", timm_pool="avg", timm_proj="linear"
            ),
            CLIPTextCfg(
                hf_model_name=folder,
                hf_model_pretrained=False,  # the folder holds no weights: _load_text has them
                hf_pooler_type="mean_pooler",
                hf_proj_type=None,  # the default is a random one
            ),
        )
    # The tower ends at its features; Lite0's own classifier serves the fit alone.
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
    """A model of open_clip: ``open_clip:MODEL/TAG`` or ``open_clip:MODEL@FILE``.

    Raises UserError where a file does not hold that model's weights, where the model has no such
    tag, and where weights and model disagree on QuickGELU, of which open_clip only warns.
    """
    given, _, path = options["model"].removeprefix("open_clip:").partition("@")
    name, _, tag = given.partition("/")
    if tag and tag not in open_clip.list_pretrained_tags_by_model(name):
        tags = ", ".join(open_clip.list_pretrained_tags_by_model(name))
        raise UserError(f"open_clip has no weights {tag!r} of {name}; allowed: {tags}")
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", message="QuickGELU mismatch")
            model, _, preprocess = open_clip.create_model_and_transforms(
                name, pretrained=tag or path, device=setting.device
            )
    except UserWarning as mismatch:
        other = name.removesuffix("-quickgelu") if "quickgelu" in name else f"{name}-quickgelu"
        raise UserError(f"{options['model']}: {mismatch} Use open_clip:{other}/{tag}") from None
    except ImportError:  # fetching.explained names the module that is missing
        raise
    except Exception as error:  # the loaders raise what a file's first fault happens to be
        if tag and "Failed to download" in str(error):
            raise OSError(error) from error  # not on this machine
        if path:
            read_checkpoint(Path(path))  # says so where it is no checkpoint
        raise UserError(
            f"{path or tag} cannot be loaded into open_clip's {name}: "
            + ("its tensors are those of another model" if path else _DAMAGED)
        ) from error
    model.eval()
    model.visual.to(memory_format=torch.channels_last)
    return ZeroShot(
        model,
        preprocess,
        _embeddings(model, name, options, setting),
        setting,
        options["temperature"],
    )


_DAMAGED = "the file is damaged. Delete it below weights.folder, and fetch the weights again"


def _embeddings(model: Any, name: str, options: dict[str, Any], setting: Setting) -> torch.Tensor:
    """The classes' embeddings [d, k], out of the file that holds them already or computed."""
    if setting.texts is not None:
        weights: torch.Tensor = safetensors.torch.load_file(setting.texts)["weights"]
        return weights
    names, templates = class_names(options, setting), templates_of(options)
    return class_weights(model, open_clip.get_tokenizer(name), names, templates, setting.device)
