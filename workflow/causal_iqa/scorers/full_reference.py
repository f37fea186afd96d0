"""Full-reference metrics through pyiqa: a picture against its matched clean one (Appendix A).

They need the reference, so they break the paper's D2, and Appendix A expects them to separate
Q from M given X as well as any; the paper does not measure them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from causal_iqa.scorers.metrics import Metric
from causal_iqa.scorers.pyiqa_metrics import create_metric
from causal_iqa.scorers.setting import Setting


class FullReference(Metric):
    """A metric of pairs: float [n, 3, h, w] picture and reference, RGB in [0, 1] -> [n].

    It is prepared from RGB uint8 [H, W, 6], the reference behind the picture (``pairs.Pairs``),
    and runs pair by pair on a CPU, where larger batches were slower.
    """

    def __init__(
        self,
        compare: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
        setting: Setting,
    ) -> None:
        def compute(both: torch.Tensor) -> torch.Tensor:
            return compare(both[:, :3], both[:, 3:])

        super().__init__(compute, setting, at_once=1)


def full_reference(options: dict[str, Any], setting: Setting) -> Metric:
    """Any full-reference metric of pyiqa by its name there: ``ssim``, ``pyiqa:lpips``.

    As pyiqa sets them: PSNR over RGB, 10 log10(1 / (MSE + 1e-8)), so that equal pictures have 80
    dB; SSIM, MS-SSIM and GMSD on the luma, without downsampling before SSIM; FSIM with colour.
    """
    compare = create_metric(options["metric"].removeprefix("pyiqa:"), setting)
    return FullReference(compare, setting)
