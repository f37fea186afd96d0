"""Hue, saturation and value, bit for bit as `skimage.color.rgb2hsv` and `hsv2rgb`."""

import numpy as np
from numba import njit

from causal_iqa.corruptions.levels import Picture


def change_hsv(picture: Picture, gain: float, saturation: float, value: float) -> Picture:
    """Saturation times `gain` plus `saturation`, value plus `value`, each clipped to [0, 1].

    Parameters
    ----------
    picture : [H, W, 3] uint8 RGB.

    Returns
    -------
    uint8 of the same shape, fractions cut off.

    Source: `brightness` and `saturate` in make_imagenet_c.py.
    """
    changed: Picture = _change(picture, gain, saturation, value)
    return changed


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator]
def _change(picture, gain, saturation, value):  # type: ignore[no-untyped-def]
    height, width, _ = picture.shape
    out = np.empty_like(picture)
    for y in range(height):
        for x in range(width):
            r, g, b = picture[y, x, 0] / 255.0, picture[y, x, 1] / 255.0, picture[y, x, 2] / 255.0
            h, s, v = _to_hsv(r, g, b)
            s = min(max(s * gain + saturation, 0.0), 1.0)
            v = min(max(v + value, 0.0), 1.0)
            r, g, b = _to_rgb(h, s, v)
            out[y, x, 0] = np.uint8(min(max(r, 0.0), 1.0) * 255.0)
            out[y, x, 1] = np.uint8(min(max(g, 0.0), 1.0) * 255.0)
            out[y, x, 2] = np.uint8(min(max(b, 0.0), 1.0) * 255.0)
    return out


# error_model: no test for a division by 0, which the return for delta == 0 rules out.
@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator]
def _to_hsv(r, g, b):  # type: ignore[no-untyped-def]
    v = max(r, g, b)
    delta = v - min(r, g, b)
    if delta == 0.0:
        return 0.0, 0.0, v
    # Blue before green before red: skimage writes them in the other order, over each other.
    if b == v:
        sixth = 4.0 + (r - g) / delta
    elif g == v:
        sixth = 2.0 + (b - r) / delta
    else:
        sixth = (g - b) / delta
    h = sixth / 6.0
    return (h + 1.0 if h < 0.0 else h), delta / v, v


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator]
def _to_rgb(h, s, v):  # type: ignore[no-untyped-def]
    sector = np.floor(h * 6.0)
    f = h * 6.0 - sector
    p = v * (1.0 - s)
    q = v * (1.0 - f * s)
    t = v * (1.0 - (1.0 - f) * s)
    if sector == 1.0:
        return q, v, p
    if sector == 2.0:
        return p, v, t
    if sector == 3.0:
        return p, q, v
    if sector == 4.0:
        return t, p, v
    if sector == 5.0:
        return v, p, q
    return v, t, p  # sector 0, and 6, where h * 6 is rounded up to it
