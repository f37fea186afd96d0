"""How much memory (MB) and time (minutes) jobs ask for: what was measured, and room beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from causal_iqa.scorers.needs import Needs

Amount = Callable[..., int]
UNCOUNTED = 50_000
"""Pictures where they stand in archives: as many as ImageNet's."""


class Amounts(NamedTuple):
    """Of an experiment with so many pictures (None: not counted yet), whose networks run on a GPU
    or do not. Every attempt at a job asks for more.
    """

    pictures: int | None
    on_gpu: bool
    needs: Needs

    def grow(self, amount: float, a_thousand: float = 0) -> Amount:
        """An amount, and so much a thousand pictures."""
        pictures = UNCOUNTED if self.pictures is None else self.pictures
        total = round(amount + a_thousand * pictures / 1000)
        return lambda wildcards, attempt: attempt * total

    def light(self) -> dict[str, Amount]:
        """What reads no picture and few scores, or one at a time.

        Measured with 20 pictures: 90 to 310 MB and at most 9 s; a page of 50,000 takes no more.
        """
        return {"mem_mb": self.grow(800), "runtime": self.grow(60)}

    def every_score(self) -> dict[str, Amount]:
        """What reads the scores of every picture under every condition.

        Measured: at most 390 MB and 26 s of 20 pictures, 2.1 GB and 6 min of 50,000; estimators
        take 0.6 GB and 6 min of 5,000.
        """
        # 4 minutes a thousand: three times what the estimators took, the slowest of these.
        return {"mem_mb": self.grow(800, 60), "runtime": self.grow(30, 4)}

    def corruption(self, processes: int) -> dict[str, Amount]:
        """Measured: 270 MB per process; 0.03 s per picture and severity; there are five."""
        # 5 minutes a thousand: twice 0.03 s by five severities.
        return {"mem_mb": self.grow(500 * (1 + processes)), "runtime": self.grow(30, 5)}

    def network(self, passes: float | None = None) -> dict[str, Any]:
        """A scoring job. passes: times that it goes over all pictures; None: over others.

        Measured of 1,520 pictures on a CPU: 0.6 to 1.3 GB; 0.01 s (total variation) to 0.16 s
        (MS-SSIM) a picture. CUDA takes memory of its own. Weights are held twice while they are
        loaded: as read, and in the network.
        """
        base = 4000 if self.on_gpu else 2000
        # 3.4 minutes a thousand are 0.2 s a picture, a quarter above the slowest.
        minutes = self.grow(720) if passes is None else self.grow(60, 3.4 * passes)

        def megabytes(wildcards: Any, attempt: int) -> int:
            return attempt * (base + 2 * self.needs.size(wildcards.scorer) // 10**6)

        return {
            "gpu": int(self.on_gpu),
            "mem_mb": megabytes,
            "runtime": lambda wildcards, attempt: attempt * min(720, minutes(wildcards, attempt=1)),
        }
