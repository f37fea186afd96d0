"""What a scorer is told when it is loaded, in plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch


@dataclass(frozen=True)
class Setting:
    """Where a scorer runs, what it reads and what its outputs mean.

    files: the checked packaged files, by name. class_names: what the classes are called; None:
    they are ImageNet's 1000. allowed: the classes that a prediction may be; None: all.
    device: cpu | cuda. precision: of a network's forward pass, float32 | bfloat16 | float16.
    texts: file with the classes' embeddings of a dual encoder; None: they are computed.
    compile: whether networks are compiled by torch before they run. softmax: whether a task
    network gives its whole softmax as well.
    """

    files: Mapping[str, Path]
    class_names: tuple[str, ...] | None
    allowed: tuple[int, ...] | None
    device: str
    precision: str
    texts: Path | None = None
    compile: bool = False
    softmax: bool = False

    def autocast(self) -> torch.autocast:
        """The block that a network's forward pass runs in."""
        dtype = getattr(torch, self.precision)
        return torch.autocast(self.device, dtype, enabled=dtype != torch.float32)


def exact_float32() -> None:
    """On a GPU: float32 means float32 (no TF32), and the same input gives the same bits."""
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
