"""Statistics of a quality score Q and a correctness M: arrays in, arrays out.

The modules are imported one by one (`from causal_iqa.statistics.auc import auc`), so that a
caller pays for numba or scipy.stats only where it needs them.
"""

from causal_iqa.statistics.not_estimable import NotEstimable

__all__ = ["NotEstimable"]
