"""A small CLIP with random weights, in files laid out as OpenAI's."""

from __future__ import annotations

from pathlib import Path

import piq.feature_extractors.clip
import torch
from torch import nn


def write_clip(path: Path) -> None:
    """RN50.pt: a TorchScript archive."""
    torch.manual_seed(0)
    tiny = piq.feature_extractors.clip.CLIP(
        embed_dim=64,
        image_resolution=64,
        vision_layers=(1, 1, 1, 1),
        vision_width=64,
        vision_patch_size=None,
        context_length=77,
        vocab_size=49408,
        transformer_width=64,
        transformer_heads=1,
        transformer_layers=1,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.jit.script(Bag(tiny.state_dict())).save(path)


def write_clip_of_piq(folder: Path) -> None:
    """What piq's CLIP-IQA reads."""
    write_clip(folder / "RN50.pt")
    torch.save(torch.randint(1, 49000, (2, 77)), folder / "clipiqa_tokens.pt")


class Bag(nn.Module):
    """Tensors under given dotted names, in a module that TorchScript takes."""

    def __init__(self, tensors: dict[str, torch.Tensor]) -> None:
        super().__init__()
        parts: dict[str, dict[str, torch.Tensor]] = {}
        for name, tensor in tensors.items():
            head, _, rest = name.partition(".")
            if rest:
                parts.setdefault(head, {})[rest] = tensor
            else:
                self.register_buffer(head, tensor)
        for head, inner in parts.items():
            self.add_module(head, Bag(inner))

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        return picture
