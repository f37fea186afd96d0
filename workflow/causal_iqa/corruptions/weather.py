"""Weather: snow, frost, fog, brightness, spatter.

Pictures are uint8 RGB, [H, W, 3], and so are the results. Constants stand in `registry`.
Source of all: the functions of the same names in hendrycks/robustness, make_imagenet_c.py.
"""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from causal_iqa.corruptions.levels import Floats, Picture, to_levels, to_unit

# The original lists a sixth file but draws from the first five.
FROST_FILES = ("frost1.png", "frost2.png", "frost3.png", "frost4.jpg", "frost5.jpg")

# The original's colours: pale turquoise and brown.
WATER = np.array([175, 238, 238], np.float64) / 255
MUD = np.array([63, 42, 20], np.float64) / 255


def snow(
    picture: Picture,
    mean: float,
    spread: float,
    zoom: float,
    threshold: float,
    radius: int,
    sigma: float,
    keep: float,
    *,
    rng: np.random.Generator,
) -> Picture:
    """Whiten the picture and lay falling flakes and their half-turned copy over it.

    Parameters
    ----------
    mean, spread : of the normal noise that the flakes are made of.
    zoom : magnification of the flakes.
    threshold : noise below it is no flake.
    radius, sigma : motion blur of the flakes, pixels; it falls at -135 to -45 degrees.
    keep : share of the picture itself against its whitened version.
    rng : draws the noise, then the angle.
    """
    flakes = _flakes(picture.shape[:2], mean, spread, zoom, threshold, radius, sigma, rng)
    unit = picture.astype(np.float32) / np.float32(255)
    grey = cv2.cvtColor(unit, cv2.COLOR_RGB2GRAY)[..., None]
    # 1.5 and 0.5 as in the original.
    whitened = np.maximum(unit, grey * 1.5 + 0.5)
    return to_levels(keep * unit + (1 - keep) * whitened + flakes + flakes[::-1, ::-1])


def _flakes(
    size: tuple[int, ...],
    mean: float,
    spread: float,
    zoom: float,
    threshold: float,
    radius: int,
    sigma: float,
    rng: np.random.Generator,
) -> Floats:
    """[H, W, 1] in [0, 1]."""
    from causal_iqa.corruptions.kernels import motion
    from causal_iqa.corruptions.kernels.zoom import add_zoomed

    noise = rng.normal(size=(*size, 1), loc=mean, scale=spread)
    flakes = np.zeros_like(noise)
    add_zoomed(flakes, noise, zoom)
    flakes[flakes < threshold] = 0
    # By way of 8 bits: the original hands the flakes to ImageMagick as a PNG.
    return to_unit(motion.motion(to_levels(flakes), radius, sigma, rng.uniform(-135, -45)))


def read_frost_pictures(folder: Path) -> tuple[Picture, ...]:
    """Read the five pictures that ImageNet-C lays over its photographs.

    Parameters
    ----------
    folder : holds frost1.png, frost2.png, frost3.png, frost4.jpg and frost5.jpg, as in
        hendrycks/robustness or in the folder `frost` of the PyPI package imagecorruptions.

    Returns
    -------
    Five pictures, [H, W, 3] uint8 RGB, of different sizes.

    Raises
    ------
    FileNotFoundError
        one of them is missing.
    ValueError
        one of them is no readable picture.
    """
    pictures = []
    for name in FROST_FILES:
        path = Path(folder) / name
        if not path.is_file():
            raise FileNotFoundError(f"{path} is missing; needed: {', '.join(FROST_FILES)}")
        bgr = cv2.imread(str(path), cv2.IMREAD_COLOR)  # cv2, as the original reads them
        if bgr is None:
            raise ValueError(f"{path} is no readable picture")
        pictures.append(np.ascontiguousarray(bgr[..., ::-1], dtype=np.uint8))
    return tuple(pictures)


def frost(
    picture: Picture,
    keep: float,
    ice: float,
    *,
    rng: np.random.Generator,
    frost_pictures: Sequence[Picture],
) -> Picture:
    """Lay a random cut of a random frost picture over the picture: keep * it + ice * frost.

    Raises
    ------
    ValueError
        a frost picture is not higher and wider than the picture. All are looked at,
        so that whether a picture size is accepted does not depend on the draw.
    """
    height, width = picture.shape[:2]
    # - 1: rng.integers(0, 0) is an error, so a row and a column have to be left over.
    high, wide = (min(p.shape[axis] for p in frost_pictures) - 1 for axis in (0, 1))
    if height > high or width > wide:
        raise ValueError(
            f"picture of {height} x {width} (height x width) is too large for frost; "
            f"allowed: up to {high} x {wide}, one less than the smallest frost picture"
        )
    sheet = frost_pictures[int(rng.integers(len(frost_pictures)))]
    top = rng.integers(0, sheet.shape[0] - height)
    left = rng.integers(0, sheet.shape[1] - width)
    cut = sheet[top : top + height, left : left + width]
    frosted: Picture = np.minimum(keep * picture + ice * cut, 255).astype(np.uint8)
    return frosted


def fog(picture: Picture, amount: float, decay: float, *, rng: np.random.Generator) -> Picture:
    """Add `amount` of a cloud in [0, 1] and scale back; cloud detail fades by `decay` an octave."""
    height, width = picture.shape[:2]
    side = 256  # the original's; larger pictures take the next power of two
    while side < max(height, width):
        side *= 2
    unit = to_unit(picture)
    brightest = unit.max()
    unit += amount * _plasma(side, decay, rng)[:height, :width, None]
    return to_levels(unit * brightest / (brightest + amount))


def _plasma(side: int, decay: float, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """A height map in [0, 1] on a torus by the diamond-square algorithm; side: a power of two."""
    heights = np.zeros((side, side))
    step, wibble = side, 100.0  # 100 as in the original

    def mean_and_wibble(total: Floats) -> Floats:
        # wibble twice, hence squared, as in the original.
        return total / 4 + wibble * rng.uniform(-wibble, wibble, total.shape)

    # Draws and sums come in the original's order: squares, then both kinds of diamonds.
    while step >= 2:
        half = step // 2
        corners = heights[::step, ::step]
        pairs = corners + np.roll(corners, -1, axis=0)
        heights[half::step, half::step] = mean_and_wibble(pairs + np.roll(pairs, -1, axis=1))
        centres = heights[half::step, half::step]
        above_below = centres + np.roll(centres, 1, axis=0)
        left_right = corners + np.roll(corners, -1, axis=1)
        heights[::step, half::step] = mean_and_wibble(above_below + left_right)
        left_right = centres + np.roll(centres, 1, axis=1)
        above_below = corners + np.roll(corners, -1, axis=0)
        heights[half::step, ::step] = mean_and_wibble(left_right + above_below)
        step, wibble = half, wibble / decay

    heights -= heights.min()
    heights /= heights.max()
    return heights


def brightness(picture: Picture, value: float) -> Picture:
    """Add `value` to the HSV value, clipped to 1."""
    from causal_iqa.corruptions.kernels import hsv

    return hsv.change_hsv(picture, 1.0, 0.0, value)


def spatter(
    picture: Picture,
    mean: float,
    spread: float,
    sigma: float,
    threshold: float,
    strength: float,
    mud: int,
    *,
    rng: np.random.Generator,
) -> Picture:
    """Splash water (mud = 0) or mud (mud = 1) onto the picture.

    Parameters
    ----------
    mean, spread : of the normal noise that the drops are made of.
    sigma : smoothing of the noise, pixels.
    threshold : smoothed noise above it is liquid.
    strength : of the water; for mud, sigma of its rims in pixels.
    """
    from causal_iqa.corruptions.kernels.gaussian import smooth

    unit = picture.astype(np.float32) / np.float32(255)
    noise = rng.normal(size=(*picture.shape[:2], 1), loc=mean, scale=spread)
    liquid = smooth(noise, sigma)
    liquid[liquid < threshold] = 0
    if not mud:
        return to_levels(unit + _water(liquid[..., 0], strength)[..., None] * _colour(WATER))
    cover = smooth((liquid > threshold).astype(np.float32), strength)
    cover[cover < 0.8] = 0  # 0.8 as in the original
    return to_levels(unit * (1 - cover) + _colour(MUD) * cover)


def _colour(colour: Floats) -> npt.NDArray[np.float32]:
    return colour.astype(np.float32)


def _water(liquid: Floats, strength: float) -> npt.NDArray[np.float32]:
    """How much light each pixel of the water adds, 0 to `strength`: rims of drops, embossed."""
    # Every number here, and each passage through 8 bits, is the original's.
    depth = (liquid * 255).astype(np.uint8)
    distance = cv2.distanceTransform(255 - cv2.Canny(depth, 50, 150), cv2.DIST_L2, 5)
    _, distance = cv2.threshold(distance, 20, 20, cv2.THRESH_TRUNC)
    relief = cv2.equalizeHist(cv2.blur(distance, (3, 3)).astype(np.uint8))
    emboss = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]], np.float32)
    relief = cv2.filter2D(relief, cv2.CV_8U, emboss)
    light: npt.NDArray[np.float32] = depth * cv2.blur(relief, (3, 3)).astype(np.float32)
    highest = light.max()
    if highest > 0:  # a small picture may have no drop
        light /= highest
    light *= strength
    return light
