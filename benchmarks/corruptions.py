"""Milliseconds per corruption of one 224 x 224 picture, as a Markdown table.

    OPENBLAS_NUM_THREADS=1 PYTHONPATH=workflow python benchmarks/corruptions.py --repeats 12

One thread. The least of the repeats is shown: the rest is what other programs took. The fifteen
of ImageNet-C are summed; the four extra ones stand below the sum.
"""

import argparse
import os
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read when NumPy is loaded

import cv2
import numpy as np

from causal_iqa.core.conditions import EXTRA
from causal_iqa.corruptions import CORRUPTIONS, corrupt, generator

SEVERITIES = (1, 2, 3, 4, 5)


def milliseconds(
    picture: np.ndarray, sheets: tuple[np.ndarray, ...], name: str, severity: int, repeats: int
) -> float:
    """The least time of `repeats` runs, after one that is not counted (compilation, caches)."""
    least = float("inf")
    for repeat in range(repeats + 1):
        rng = generator(0, "benchmark", name, severity)
        start = time.perf_counter()
        corrupt(picture, name, severity, rng, sheets)
        if repeat:
            least = min(least, time.perf_counter() - start)
    return 1000 * least


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=12)
    repeats = parser.parse_args().repeats
    if repeats < 1:
        parser.error(f"--repeats {repeats}; allowed: 1 or more")

    cv2.setNumThreads(1)
    rng = np.random.default_rng(0)
    grain = rng.integers(0, 256, (224, 224, 3), dtype=np.uint8)
    picture = cv2.GaussianBlur(grain, (0, 0), 2)
    sheets = tuple(rng.integers(0, 256, (5, 315, 560, 3), dtype=np.uint8))

    print("| corruption | s1 | s2 | s3 | s4 | s5 | sum |\n|---|---:|---:|---:|---:|---:|---:|")
    total, extras = 0.0, []
    for name in CORRUPTIONS:
        times = [milliseconds(picture, sheets, name, s, repeats) for s in SEVERITIES]
        cells = " | ".join(f"{t:.1f}" for t in [*times, sum(times)])
        if name in EXTRA:
            extras.append(f"| {name} | {cells} |")
        else:
            total += sum(times)
            print(f"| {name} | {cells} |", flush=True)
    print(f"| **sum of ImageNet-C's 75** | | | | | | **{total:.0f}** |")
    print("\n".join(extras))


if __name__ == "__main__":
    main()
