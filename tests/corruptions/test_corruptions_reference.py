"""Each fast method against a slow, plain one."""

import colorsys
import math

import cv2
import numpy as np
import pytest
import scipy.ndimage
from corruption_pictures import synthetic_picture

from causal_iqa.corruptions import CORRUPTIONS, corrupt, generator
from causal_iqa.corruptions.kernels.displace import displace
from causal_iqa.corruptions.kernels.gaussian import smooth
from causal_iqa.corruptions.kernels.hsv import change_hsv
from causal_iqa.corruptions.kernels.motion import motion
from causal_iqa.corruptions.kernels.shuffle import copy_neighbours
from causal_iqa.corruptions.kernels.zoom import add_zoomed


def assert_levels(found: np.ndarray, unit: np.ndarray) -> None:
    """uint8 pictures are values in [0, 1] cut off to levels, give or take a thousandth of one."""
    off = np.clip(unit, 0, 1) * 255 - found
    assert off.min() > -1e-3 and off.max() < 1 + 1e-3


# At 160 and 87 pixels rounding puts the last coordinate of some zooms outside the image.
SIZES = [(224, 224), (64, 101), (160, 87)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("sigma", [0.7, 1.1, 1.5, 6])
def test_smooth_equals_scipy(size: tuple[int, int], dtype: type, sigma: float) -> None:
    image = (synthetic_picture(*size) / 255).astype(dtype)
    expected = scipy.ndimage.gaussian_filter(image, (sigma, sigma, 0), mode="nearest")
    np.testing.assert_array_equal(smooth(image, sigma), expected)


def zoomed_by_scipy(image: np.ndarray, factor: float) -> np.ndarray:
    cuts = []
    for length in image.shape[:2]:
        cropped = math.ceil(length / factor)
        start = (length - cropped) // 2
        cuts.append(slice(start, start + cropped))
    large = scipy.ndimage.zoom(image[tuple(cuts)], (factor, factor, 1), order=1)
    height, width = image.shape[:2]
    top, left = (large.shape[0] - height) // 2, (large.shape[1] - width) // 2
    return large[top : top + height, left : left + width]


def all_zoom_factors() -> list[float]:
    blurs = [np.arange(1, *constants) for constants in CORRUPTIONS["zoom_blur"].constants]
    snows = [constants[2] for constants in CORRUPTIONS["snow"].constants]
    return sorted({*np.concatenate(blurs).tolist(), *snows})


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_zoom_equals_scipy(size: tuple[int, int], dtype: type) -> None:
    image = (synthetic_picture(*size) / 255).astype(dtype)
    total = image.copy()
    expected = image.copy()
    for factor in all_zoom_factors():
        add_zoomed(total, image, factor)
        expected += zoomed_by_scipy(image, factor)
        np.testing.assert_array_equal(total, expected)


@pytest.mark.parametrize("angle", [-135, -90, -61.5, -45, -12.3, 0, 7, 44.9])
@pytest.mark.parametrize(("radius", "sigma"), [(10, 3), (20, 15)])
def test_motion_equals_plain_sums(angle: float, radius: int, sigma: float) -> None:
    image = synthetic_picture(64, 80)
    steps = range(2 * radius + 1)
    weights = np.array([math.exp(-(i**2) / (2 * sigma**2)) for i in steps])
    weights /= weights.sum()
    rows, columns = np.arange(64), np.arange(80)
    total = np.zeros(image.shape)
    for i in steps:
        down = math.ceil(i * math.sin(math.radians(angle)) - 0.5)
        right = math.ceil(i * math.cos(math.radians(angle)) - 0.5)
        y, x = np.clip(rows + down, 0, 63), np.clip(columns + right, 0, 79)
        total += weights[i] * (257 * image[np.ix_(y, x)].astype(int))
    expected = np.floor(total + 0.5).astype(int) // 257
    np.testing.assert_array_equal(motion(image, radius, sigma, angle), expected)


@pytest.mark.parametrize("reach", [1, 4])
def test_shuffle_equals_the_assignment_of_views(reach: int) -> None:
    fast, slow = synthetic_picture(64, 75), synthetic_picture(64, 75)
    rng = np.random.default_rng(1)
    offsets = rng.integers(-reach, reach, size=(2, 64 - 2 * reach, 75 - 2 * reach, 2))
    copy_neighbours(fast, reach, offsets)
    visits = iter(offsets.reshape(-1, 2))
    for _ in range(2):
        for h in range(64 - reach, reach, -1):
            for w in range(75 - reach, reach, -1):
                dx, dy = next(visits)
                slow[h, w], slow[h + dy, w + dx] = slow[h + dy, w + dx], slow[h, w]
    np.testing.assert_array_equal(fast, slow)


@pytest.mark.parametrize("reach", [1, 3])
def test_offsets_drawn_at_once_equal_offsets_drawn_one_by_one(reach: int) -> None:
    at_once, one_by_one = np.random.default_rng(3), np.random.default_rng(3)
    drawn = at_once.integers(-reach, reach, size=(2, 5, 7, 2)).reshape(-1, 2)
    expected = [one_by_one.integers(-reach, reach, size=(2,)) for _ in range(2 * 5 * 7)]
    np.testing.assert_array_equal(drawn, expected)


@pytest.mark.parametrize("spread", [1.0, 300.0])
def test_displace_equals_scipy(spread: float) -> None:
    image = (synthetic_picture(64, 90) / 255).astype(np.float32)
    rng = np.random.default_rng(2)
    right, down = rng.normal(0, spread, (2, 64, 90)).astype(np.float32)
    y, x, c = np.meshgrid(range(64), range(90), range(3), indexing="ij")
    places = (y + down[..., None], x + right[..., None], c)
    sampled = scipy.ndimage.map_coordinates(image, places, order=1, mode="reflect")
    expected = (np.clip(sampled, 0, 1) * np.float32(255)).astype(np.uint8)
    np.testing.assert_array_equal(displace(image, right, down), expected)


@pytest.mark.parametrize("severity", range(1, 6))
@pytest.mark.parametrize("size", [(224, 224), (64, 101)])
def test_elastic_transform_equals_scipy(size: tuple[int, int], severity: int) -> None:
    """Noise smoothed by a running filter, cut at 3 sigma, moves what OpenCV has warped."""
    picture = synthetic_picture(*size)
    alpha, sigma, affine = CORRUPTIONS["elastic_transform"].constants[severity - 1]
    named = (0, "a", "elastic_transform", severity)
    rng = generator(*named)
    third = min(size) // 3
    before = np.float32([[third, third], [third, -third], [-third, -third]])
    before += np.float32([size[0] // 2, size[1] // 2])
    after = before + rng.uniform(-affine, affine, before.shape).astype(np.float32)
    matrix = cv2.getAffineTransform(before, after)
    unit = (picture / 255).astype(np.float32)
    unit = cv2.warpAffine(unit, matrix, size[::-1], borderMode=cv2.BORDER_REFLECT_101)
    right, down = (
        alpha
        * scipy.ndimage.gaussian_filter(rng.uniform(-1, 1, size), sigma, mode="reflect", truncate=3)
        for _ in range(2)
    )
    y, x, c = np.meshgrid(*map(range, (*size, 3)), indexing="ij")
    places = (y + down[..., None], x + right[..., None], c)
    expected = scipy.ndimage.map_coordinates(unit, places, order=1, mode="reflect")
    found = corrupt(picture, "elastic_transform", severity, generator(*named))
    assert_levels(found, expected.astype(np.float64))


@pytest.mark.parametrize(("gain", "shift", "value"), [(1, 0, 0.3), (5, 0.1, 0), (0.3, 0, 0)])
def test_change_hsv_equals_colorsys(gain: float, shift: float, value: float) -> None:
    colours = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    colours[:8] = colours[:8, :, :1]  # greys
    colours[8:16, :, 2] = colours[8:16, :, 0]  # two channels equal
    colours[0, :8] = 0
    expected = []
    for r, g, b in colours.reshape(-1, 3) / 255:
        h, s, v = colorsys.rgb_to_hsv(r, g, b)
        s, v = min(s * gain + shift, 1), min(v + value, 1)
        expected.append([255 * level for level in colorsys.hsv_to_rgb(h, s, v)])
    result = change_hsv(colours, gain, shift, value).reshape(-1, 3)
    # colorsys orders its sums otherwise: a value at a whole level may be cut off to the next.
    difference = np.array(expected) - result
    assert difference.min() > -1e-9
    assert difference.max() < 1 + 1e-9


@pytest.mark.parametrize("severity", range(1, 6))
def test_defocus_blur_averages_over_a_disk_smoothed_over_three_or_five_pixels(
    severity: int,
) -> None:
    radius, softness = CORRUPTIONS["defocus_blur"].constants[severity - 1]
    reach, taps = (8, 1) if radius <= 8 else (radius, 2)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disk = (x**2 + y**2 <= radius**2) / np.sum(x**2 + y**2 <= radius**2)
    weights = np.exp(-(np.arange(-taps, taps + 1) ** 2) / (2 * softness**2))
    for axis in (0, 1):
        disk = scipy.ndimage.correlate1d(disk, weights / weights.sum(), axis, mode="mirror")
    picture = synthetic_picture()
    expected = scipy.ndimage.correlate(picture / 255, disk[..., None], mode="mirror")
    found = corrupt(picture, "defocus_blur", severity, generator(0, "a", "defocus_blur", severity))
    assert_levels(found, expected)


@pytest.mark.parametrize(("size", "side"), [((224, 224), 256), ((64, 300), 512)])
def test_fog_is_a_plasma_made_point_by_point(size: tuple[int, int], side: int) -> None:
    """Every square's middle, then every diamond's, on a torus, from the same draws."""
    amount, decay = CORRUPTIONS["fog"].constants[2]
    rng = generator(0, "a", "fog", 3)
    heights = np.zeros((side, side))
    step, wibble = side, 100.0
    while step >= 2:
        half = step // 2
        grid = range(0, side, step)
        for row, column in ((half, half), (0, half), (half, 0)):
            draws = iter(wibble * rng.uniform(-wibble, wibble, (side // step) ** 2))
            reach = [(-half, 0), (half, 0), (0, -half), (0, half)]
            if row and column:
                reach = [(-half, -half), (-half, half), (half, -half), (half, half)]
            for y in grid:
                for x in grid:
                    at = [((y + row + a) % side, (x + column + b) % side) for a, b in reach]
                    mean = sum(heights[place] for place in at) / 4
                    heights[y + row, x + column] = mean + next(draws)
        step, wibble = half, wibble / decay
    heights -= heights.min()
    heights /= heights.max()
    picture = synthetic_picture(*size)
    most = picture.max() / 255
    expected = picture / 255 + amount * heights[: size[0], : size[1], None]
    found = corrupt(picture, "fog", 3, generator(0, "a", "fog", 3))
    assert_levels(found, expected * most / (most + amount))


def test_impulse_noise_replaces_single_channels_by_black_and_white() -> None:
    picture = synthetic_picture()
    noisy = corrupt(picture, "impulse_noise", 3, generator(0, "a", "impulse_noise", 3))
    rng = generator(0, "a", "impulse_noise", 3)
    hit, white = rng.random(picture.shape) <= 0.09, rng.random(picture.shape) <= 0.5
    expected = np.where(hit, np.where(white, 255, 0), picture)
    np.testing.assert_array_equal(noisy, expected)
