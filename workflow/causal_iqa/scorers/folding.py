"""Batch normalisation folded into the convolution before it: the same function, fewer passes."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn


def fold_batch_norm(network: nn.Module) -> nn.Module:
    """Fold every BatchNorm2d that directly follows a Conv2d within a block; returns ``network``.

    The network must be in evaluation mode. Computed in float64, so that logits change by float32
    rounding alone (1e-5 of an EfficientNet-Lite's logits). A normalisation with an activation of
    its own (timm's BatchNormAct2d) leaves that activation behind.
    """
    for block in list(network.modules()):
        children = list(block.named_children())
        for (conv_name, conv), (norm_name, norm) in pairwise(children):
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                setattr(block, conv_name, _fold(conv, norm))
                setattr(block, norm_name, getattr(norm, "act", nn.Identity()))
    return network


@torch.no_grad()
def _fold(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> nn.Conv2d:
    assert norm.running_mean is not None and norm.running_var is not None
    scale = norm.weight.double() / (norm.running_var.double() + norm.eps).sqrt()
    offset = conv.bias.double() if conv.bias is not None else 0.0
    bias = norm.bias.double() + (offset - norm.running_mean.double()) * scale
    conv.weight.copy_(conv.weight.double() * scale[:, None, None, None])
    conv.bias = nn.Parameter(bias.to(conv.weight.dtype))
    return conv
