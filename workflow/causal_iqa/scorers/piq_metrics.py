"""No-reference metrics through piq, which defines some otherwise than pyiqa does.

``piq:clip_iqa`` asks one pair of prompts ("Good photo.", "Bad photo."), as the paper of CLIP-IQA
does; pyiqa's ``clipiqa`` averages five pairs.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import piq
import torch

from causal_iqa.scorers.metrics import Metric
from causal_iqa.scorers.setting import Setting


def _brisque() -> Callable[[torch.Tensor], torch.Tensor]:
    """piq reads its weights at the first picture; asked for one here, it reads them on loading."""
    compute: Callable[[torch.Tensor], torch.Tensor] = partial(piq.brisque, reduction="none")
    # Any picture with some variance will do; of a flat one BRISQUE is not defined.
    compute(torch.linspace(0, 1, 3 * 64 * 64).sin().abs().reshape(1, 3, 64, 64))
    return compute


PIQ: dict[str, Callable[[], Callable[[torch.Tensor], torch.Tensor]]] = {
    "clip_iqa": piq.CLIPIQA,
    "brisque": _brisque,
    "total_variation": lambda: partial(piq.total_variation, reduction="none"),
}


def piq_metric(options: dict[str, Any], setting: Setting) -> Metric:
    """A metric of piq by its name there, on RGB in [0, 1]."""
    # The folder above XDG_CACHE_HOME, so that ~/.cache is where the other weights are.
    with _home_in(Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser().parent):
        compute = PIQ[options["metric"].removeprefix("piq:")]()
    if isinstance(compute, torch.nn.Module):
        compute.to(setting.device)
    return Metric(compute, setting)


@contextlib.contextmanager
def _home_in(folder: Path) -> Iterator[None]:
    """piq keeps CLIP's weights in ``~/.cache/clip`` and offers no other place."""
    before = os.environ.get("HOME")
    os.environ["HOME"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["HOME"]
        else:
            os.environ["HOME"] = before
