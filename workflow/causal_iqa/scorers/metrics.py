"""Image-quality metrics: how one is run on a batch, and total variation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from causal_iqa.scorers.setting import Setting

Compute = Callable[[torch.Tensor], torch.Tensor]

REFUSALS = (AssertionError, torch.linalg.LinAlgError)  # type: ignore[attr-defined]
"""What pyiqa raises for a picture that a metric is not defined for, as one without variance."""


class Metric:
    """A metric as a function of a batch: float [n, 3, h, w] RGB in [0, 1] -> [n].

    Metrics run in the precision they are defined in, whatever the networks' precision is.
    at_once: pictures that fit a CPU's cache together; None: the whole batch.
    """

    def __init__(
        self,
        compute: Compute,
        setting: Setting,
        at_once: int | None = None,
    ) -> None:
        self._compute = compute
        self.device = setting.device
        self._at_once = at_once if setting.device == "cpu" else None

    def prepare(self, picture: np.ndarray) -> torch.Tensor:
        """uint8 [3, H, W] from RGB uint8 [H, W, 3]; a metric sees the pixels as they are."""
        return torch.from_numpy(picture.copy()).permute(2, 0, 1)  # PIL's array is read-only

    def score(self, batch: torch.Tensor, labels: np.ndarray) -> dict[str, np.ndarray]:
        """``score`` [n]; not finite where the metric is not defined for a picture."""
        there = batch.to(self.device)
        pictures = there.to(torch.float32, memory_format=torch.contiguous_format) / 255
        parts = torch.split(pictures, self._at_once or len(pictures))
        return {"score": torch.cat([self._values(part) for part in parts]).double().cpu().numpy()}

    def _values(self, pictures: torch.Tensor) -> torch.Tensor:
        try:
            return self._compute(pictures).reshape(len(pictures))
        except REFUSALS:
            if len(pictures) == 1:
                return torch.full((1,), torch.nan, device=pictures.device)
            # One by one: pyiqa refuses a whole batch for one picture in it.
            return torch.cat([self._values(picture[None]) for picture in pictures])


def tv_l1_mean(pictures: torch.Tensor) -> torch.Tensor:
    """mean |x[i, j+1] - x[i, j]| + mean |x[i+1, j] - x[i, j]| over channels and pixels, [n].

    Each mean is over the 3 H (W-1), or 3 (H-1) W, differences there are: the value does not grow
    with the picture. 0 for a constant picture, at most 2.
    """
    across, down = _differences(pictures)
    return across.abs().mean(dim=(1, 2, 3)) + down.abs().mean(dim=(1, 2, 3))


def tv_l1_sum(pictures: torch.Tensor) -> torch.Tensor:
    """The sum of all |x[i, j+1] - x[i, j]| and |x[i+1, j] - x[i, j]|, [n] (anisotropic TV)."""
    across, down = _differences(pictures)
    return across.abs().sum(dim=(1, 2, 3)) + down.abs().sum(dim=(1, 2, 3))


def tv_l2(pictures: torch.Tensor) -> torch.Tensor:
    """The square root of the sum of all squared differences of neighbours, [n].

    piq's total_variation(norm_type='l2'), its default.
    """
    across, down = _differences(pictures)
    return (across.square().sum(dim=(1, 2, 3)) + down.square().sum(dim=(1, 2, 3))).sqrt()


def _differences(pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    across = pictures[..., 1:] - pictures[..., :-1]
    down = pictures[..., 1:, :] - pictures[..., :-1, :]
    return across, down


TOTAL_VARIATION: dict[str, Compute] = {
    "tv_l1_mean": tv_l1_mean,
    "tv_l1_sum": tv_l1_sum,
    "tv_l2": tv_l2,
}


def total_variation(options: dict[str, Any], setting: Setting) -> Metric:
    """One of the three common definitions of total variation, on [0, 1] RGB."""
    return Metric(TOTAL_VARIATION[options["metric"]], setting)
