"""Our results against the original code's; see golden/README.md."""

import json
from pathlib import Path

import numpy as np
import pytest
from corruption_pictures import made_up_frost, synthetic_picture

from causal_iqa.corruptions import CORRUPTIONS, corrupt, generator, read_frost_pictures

GOLDEN = json.loads((Path(__file__).parent / "golden" / "original.json").read_text())
PICTURE = synthetic_picture()

# Levels. OpenCV, BLAS or Pillow may round otherwise in another version or on another processor.
TOLERANCE = dict.fromkeys(CORRUPTIONS, 0) | {
    "defocus_blur": 1,
    "snow": 1,
    "elastic_transform": 1,
    "pixelate": 1,
    "jpeg_compression": 1,
    "spatter": 1,
}
CONDITIONS = [(name, severity) for name in CORRUPTIONS for severity in (1, 2, 3, 4, 5)]


def check_statistics(result: np.ndarray, row: dict[str, list[float]], tolerance: int) -> None:
    slack = 0.02 if tolerance else 2e-6
    np.testing.assert_allclose(result.mean(axis=(0, 1)), row["mean"], rtol=0, atol=slack)
    np.testing.assert_allclose(result.std(axis=(0, 1)), row["std"], rtol=0, atol=slack)


@pytest.mark.parametrize(("name", "severity"), CONDITIONS)
def test_equals_the_original(name: str, severity: int) -> None:
    rng = generator(0, "golden", name, severity)
    result = corrupt(PICTURE, name, severity, rng, made_up_frost())
    row = GOLDEN[f"{name}/{severity}"]
    grid = result[14::28, 14::28].ravel().astype(int)
    assert np.abs(grid - row["pixels"]).max() <= TOLERANCE[name]
    check_statistics(result, row, TOLERANCE[name])


@pytest.mark.parametrize("severity", [1, 2, 3, 4, 5])
def test_frost_with_the_published_pictures(severity: int, packages: Path) -> None:
    sheets = read_frost_pictures(packages)
    sizes = [sheet.shape[:2] for sheet in sheets]
    assert sizes == [(600, 900), (315, 560), (315, 560), (350, 527), (495, 660)]
    rng = generator(0, "golden", "frost", severity)
    result = corrupt(PICTURE, "frost", severity, rng, sheets)
    check_statistics(result, GOLDEN[f"frost, published pictures/{severity}"], tolerance=0)


def test_golden_holds_every_condition() -> None:
    published = {f"frost, published pictures/{severity}" for severity in (1, 2, 3, 4, 5)}
    assert set(GOLDEN) == {f"{name}/{severity}" for name, severity in CONDITIONS} | published
