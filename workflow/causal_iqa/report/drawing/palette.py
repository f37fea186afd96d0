"""One colour and marker per corruption: hue says the group, marker and shade the member.

The four hues are Okabe and Ito's, which stay apart under the common colour deficiencies; the
marker alone already tells the members of a group apart.
"""

from __future__ import annotations

from matplotlib.colors import to_rgb

from causal_iqa.core.conditions import GROUPS, group_of

# Grey for the extra ones, which are none of ImageNet-C's 15.
_HUES = {
    "noise": "#D55E00",
    "blur": "#0072B2",
    "weather": "#009E73",
    "digital": "#B5508C",
    "extra": "#5F5F5F",
}
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p")
"""Of a group's members, in their order; a ninth begins anew."""
_SHADES = (0.0, 0.38, -0.32, 0.55, 0.2, -0.16, 0.47, -0.45)
"""Part of the way to white (> 0) or to black (< 0)."""

FAMILY_COLOURS = {
    "nr_iqa": "#8A6100",
    "strong": "#0072B2",
    "weak": "#B5508C",
    "fr_iqa": "#00795C",
}


def group_colour(corruption: str) -> str:
    """The hue of a corruption's group as a hex colour."""
    return _HUES[group_of(corruption)]


def colour(corruption: str) -> tuple[float, float, float]:
    """RGB in [0, 1] of a corruption: its group's hue in the member's shade."""
    shade = _SHADES[member(corruption) % len(_SHADES)]
    towards = 1.0 if shade > 0 else 0.0
    red, green, blue = (c + abs(shade) * (towards - c) for c in to_rgb(group_colour(corruption)))
    return red, green, blue


def marker(corruption: str) -> str:
    """The matplotlib marker of a corruption."""
    return _MARKERS[member(corruption) % len(_MARKERS)]


def member(corruption: str) -> int:
    """The place of a corruption in its group."""
    return GROUPS[group_of(corruption)].index(corruption)


ON_DARK = {
    "#000000": "#e8e6e1",
    "#222222": "#d6d4cf",
    "#262626": "#e8e6e1",
    "#333333": "#d6d4cf",
    "#444444": "#c9c7c2",
    "#555555": "#a9adb5",
    "#5f5f5f": "#a0a0a0",
    "#777777": "#9aa0a8",
    "#b0b0b0": "#4a4f57",
    "#cccccc": "#3a3e45",
    "#ffffff": "#1e2125",
    "#e8eef4": "#2b3643",
    "#f6e3d3": "#4d3828",
    "#a33a00": "#ff9a66",
    "#8a6100": "#d9a938",
    "#0072b2": "#58b0ea",
    "#b5508c": "#e08fbf",
    "#00795c": "#3fc29c",
    "#004e79": "#2f86bd",
    "#006b4e": "#1f9c78",
    "#7b365f": "#b45f95",
    "#914000": "#c26a2e",
}
"""Colours of a drawing on white -> those that take their place on a dark page (as in page.css)."""
