"""What is refused, in which words, and what importing costs."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from corruption_pictures import made_up_frost, synthetic_picture

from causal_iqa.corruptions import corrupt, read_frost_pictures

PICTURE = synthetic_picture(64, 64)
NAMES = ("frost1.png", "frost2.png", "frost3.png", "frost4.jpg", "frost5.jpg")


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_unknown_corruption_names_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"'motion_blurr'.*did you mean motion_blur.*Allowed: gau"):
        corrupt(PICTURE, "motion_blurr", 1, rng())


@pytest.mark.parametrize("severity", [0, 6, -1, 1.5, "3", None])
def test_severity_outside(severity: object) -> None:
    with pytest.raises(ValueError, match=rf"severity {severity!r}; allowed: 1, 2, 3, 4, 5"):
        corrupt(PICTURE, "fog", severity, rng())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        (PICTURE / 255, r"float64 of shape \(64, 64, 3\)"),
        (PICTURE[..., 0], r"uint8 of shape \(64, 64\)"),
        (np.zeros((64, 64, 4), np.uint8), r"uint8 of shape \(64, 64, 4\)"),
        (PICTURE[:63], r"uint8 of shape \(63, 64, 3\)"),
        ("a.png", r"str of shape \(\)"),
    ],
)
def test_other_pictures(picture: np.ndarray, said: str) -> None:
    with pytest.raises(ValueError, match=said + r"; allowed: uint8 .*\(height, width, 3\).*64"):
        corrupt(picture, "contrast", 1, rng())


def test_frost_without_pictures() -> None:
    with pytest.raises(ValueError, match="frost needs frost_pictures; read_frost_pictures"):
        corrupt(PICTURE, "frost", 1, rng())


def test_frost_of_a_picture_as_large_as_the_smallest_sheet() -> None:
    frost = made_up_frost()
    largest = synthetic_picture(224, 224)
    assert corrupt(largest, "frost", 1, rng(), frost).shape == largest.shape
    for size in ((225, 224), (224, 225)):
        with pytest.raises(ValueError, match=rf"{size[0]} x {size[1]} .*up to 224 x 224"):
            corrupt(synthetic_picture(*size), "frost", 1, rng(), frost)


def write_frost(folder: Path) -> None:
    for name, sheet in zip(NAMES, made_up_frost(), strict=True):
        _, data = cv2.imencode(".png", sheet[..., ::-1])
        (folder / name).write_bytes(data.tobytes())


def test_frost_pictures_are_read_as_rgb_in_order(tmp_path: Path) -> None:
    write_frost(tmp_path)
    sheets = read_frost_pictures(tmp_path)
    assert len(sheets) == 5
    for sheet, expected in zip(sheets, made_up_frost(), strict=True):
        assert sheet.dtype == np.uint8
        np.testing.assert_array_equal(sheet, expected)


def test_missing_and_broken_frost_pictures(tmp_path: Path) -> None:
    write_frost(tmp_path)
    (tmp_path / "frost3.png").write_bytes(b"no picture")
    with pytest.raises(ValueError, match=r"frost3\.png is no readable picture"):
        read_frost_pictures(tmp_path)
    (tmp_path / "frost2.png").unlink()
    with pytest.raises(FileNotFoundError, match=r"frost2\.png is missing; needed: frost1\.png"):
        read_frost_pictures(tmp_path)


def test_import_loads_neither_numba_nor_scipy() -> None:
    code = "import sys, causal_iqa.corruptions; print({'numba', 'scipy', 'torch'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
