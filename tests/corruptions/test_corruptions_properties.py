"""What holds for every corruption, whatever the picture."""

import numpy as np
import pytest
from corruption_pictures import made_up_frost, synthetic_picture
from hypothesis import given, settings
from hypothesis import strategies as st

from causal_iqa.core.conditions import ALL_CORRUPTIONS
from causal_iqa.corruptions import CORRUPTIONS, corrupt, generator

FROST = made_up_frost()
SEVERITIES = (1, 2, 3, 4, 5)
RANDOM = [name for name, entry in CORRUPTIONS.items() if "rng" in entry.inputs]
FIXED = [name for name in CORRUPTIONS if name not in RANDOM]


def run(picture: np.ndarray, name: str, severity: int, image_id: str = "a") -> np.ndarray:
    return corrupt(picture, name, severity, generator(1, image_id, name, severity), FROST)


def test_registry_has_the_conditions_in_order() -> None:
    assert tuple(CORRUPTIONS) == ALL_CORRUPTIONS
    for name, entry in CORRUPTIONS.items():
        assert entry.name == name
        assert len(entry.constants) == 5


@settings(max_examples=80, deadline=None)
@given(
    name=st.sampled_from(sorted(CORRUPTIONS)),
    severity=st.sampled_from(SEVERITIES),
    height=st.integers(64, 130),
    width=st.integers(64, 130),
    seed=st.integers(0, 2**32 - 1),
)
def test_shape_type_repeatability(
    name: str, severity: int, height: int, width: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    picture = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    before = picture.copy()
    once = run(picture, name, severity, str(seed))
    again = run(picture, name, severity, str(seed))
    assert once.shape == picture.shape
    assert once.dtype == np.uint8
    np.testing.assert_array_equal(once, again)
    np.testing.assert_array_equal(picture, before)
    assert not np.shares_memory(once, picture)


@pytest.mark.parametrize("name", RANDOM)
def test_other_picture_id_other_bytes(name: str) -> None:
    picture = synthetic_picture(96, 96)
    for severity in SEVERITIES:
        assert (run(picture, name, severity, "a") != run(picture, name, severity, "b")).any()


@pytest.mark.parametrize("name", FIXED)
def test_without_draws_the_generator_is_left_alone(name: str) -> None:
    rng = np.random.default_rng(0)
    corrupt(synthetic_picture(64, 64), name, 3, rng)
    assert rng.bit_generator.state == np.random.default_rng(0).bit_generator.state


@pytest.mark.parametrize("name", sorted(CORRUPTIONS))
def test_read_only_and_strided_pictures(name: str) -> None:
    picture = synthetic_picture(64, 140)
    expected = run(picture[:, ::2].copy(), name, 2)
    picture.flags.writeable = False
    np.testing.assert_array_equal(run(picture[:, ::2], name, 2), expected)
    planes = picture[:, ::2].transpose(2, 0, 1).copy()
    np.testing.assert_array_equal(run(planes.transpose(1, 2, 0), name, 2), expected)
    readonly = picture[:, ::2].copy()
    readonly.flags.writeable = False
    np.testing.assert_array_equal(run(readonly, name, 2), expected)


@pytest.mark.parametrize("name", [n for n in CORRUPTIONS if n != "frost"])
def test_larger_than_imagenet(name: str) -> None:
    picture = synthetic_picture(270, 330)
    result = run(picture, name, 4)
    assert result.shape == picture.shape
    assert result.std() > 1


MONOTONE = [
    "gaussian_noise",
    "shot_noise",
    "impulse_noise",
    "speckle_noise",
    "defocus_blur",
    "zoom_blur",
    "gaussian_blur",
    "fog",
    "brightness",
    "contrast",
    "pixelate",
    "jpeg_compression",
]


@pytest.mark.parametrize("name", MONOTONE)
def test_severity_orders_the_distance(name: str) -> None:
    # Several draws, for fog's distance hangs on the mean of its cloud. The size is such that the
    # picture's edges do not fall on the edges of pixelate's boxes.
    picture = synthetic_picture(202, 214)
    distances = [
        np.mean([np.abs(run(picture, name, s, i).astype(int) - picture).mean() for i in "abcdef"])
        for s in SEVERITIES
    ]
    assert distances[0] > 0
    assert (np.diff(distances) > 0).all(), distances


STILL = {
    "defocus_blur": 1,
    "glass_blur": 2,  # smoothed and cut off twice
    "motion_blur": 0,
    "zoom_blur": 1,
    "gaussian_blur": 1,
    "contrast": 1,
    "elastic_transform": 1,
    "pixelate": 0,
    "jpeg_compression": 2,  # the mean of a block is quantised too
}


@pytest.mark.parametrize("name", STILL)
@pytest.mark.parametrize("level", [0, 1, 100, 254, 255])
def test_plain_grey_stays(name: str, level: int) -> None:
    grey = np.full((72, 72, 3), level, np.uint8)
    for severity in SEVERITIES:
        result = run(grey, name, severity).astype(int)
        assert np.abs(result - level).max() <= STILL[name]


def test_brightness_of_grey_is_a_shift() -> None:
    grey = np.full((64, 64, 3), 100, np.uint8)
    values = [run(grey, "brightness", severity)[0, 0, 0] for severity in SEVERITIES]
    assert values == [int(100 + 25.5 * severity) for severity in SEVERITIES]
    assert (run(np.full_like(grey, 250), "brightness", 5) == 255).all()


def test_fog_keeps_below_the_brightest_pixel() -> None:
    grey = np.full((128, 128, 3), 100, np.uint8)
    for severity in SEVERITIES:
        result = run(grey, "fog", severity)
        assert result.max() <= 100
        assert result.std() > 5


def test_noise_on_grey_has_the_named_spread() -> None:
    grey = np.full((224, 224, 3), 128, np.uint8)
    assert run(grey, "gaussian_noise", 1).std() == pytest.approx(255 * 0.08, rel=0.02)
    assert run(grey, "speckle_noise", 1).std() == pytest.approx(128 * 0.15, rel=0.02)
    assert run(grey, "shot_noise", 1).std() == pytest.approx((128 * 255 / 60) ** 0.5, rel=0.02)
    hit = run(grey, "impulse_noise", 5) != 128
    assert hit.mean() == pytest.approx(0.27, abs=0.005)


def test_spatter_without_a_drop_changes_nothing() -> None:
    """The original divides by zero there."""
    from causal_iqa.corruptions.weather import spatter

    picture = synthetic_picture(64, 64)
    rng = np.random.default_rng(0)
    dry = spatter(picture, 0.0, 0.01, 4, 0.69, 0.6, 0, rng=rng)
    assert np.abs(dry.astype(int) - picture).max() <= 1


def test_generator_depends_on_each_value() -> None:
    calls = [
        (0, "a", "fog", 1),
        (1, "a", "fog", 1),
        (0, "b", "fog", 1),
        (0, "a", "snow", 1),
        (0, "a", "fog", 2),
        (0, 'a", "fog', "", 1),
    ]
    draws = {generator(*call).bytes(16) for call in calls}
    assert len(draws) == len(calls)
    assert generator(*calls[0]).bytes(16) == generator(*calls[0]).bytes(16)


def test_generator_is_the_same_everywhere_and_always() -> None:
    """Published results hang on this stream: a change here makes all of them anew."""
    first = generator(7, "ILSVRC2012_val_00000001", "glass_blur", 5).integers(0, 1000, 6)
    assert first.tolist() == [271, 868, 221, 227, 50, 982]
