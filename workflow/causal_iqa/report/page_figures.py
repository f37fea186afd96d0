"""A figure as the pages show it: in the page itself, with its size, legible on a dark page."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from causal_iqa.core.errors import UserError
from causal_iqa.report.drawing.palette import ON_DARK

PIXELS_PER_POINT = 96 / 72
"""Of a browser's page."""


class PageFigure(NamedTuple):
    """A figure for ``templates/figure.html.j2``; width, height: in CSS pixels."""

    uri: str
    width: int
    height: int
    alt: str
    caption: str


def page_figure(path: Path, alt: str, caption: str) -> PageFigure:
    """A drawn figure (SVG) or photograph (JPEG) for a page.

    Raises UserError where it is absent or an SVG does not say its size.
    """
    if not path.is_file():
        raise UserError(f"{path} is not there; draw the figures before the page")
    if path.suffix == ".svg":
        svg = path.read_text(encoding="utf-8")
        return PageFigure(_uri("svg+xml", with_dark(svg).encode()), *_size(svg, path), alt, caption)
    with Image.open(path) as picture:
        width, height = picture.size
    return PageFigure(_uri("jpeg", path.read_bytes()), width, height, alt, caption)


def _uri(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def _size(svg: str, path: Path) -> tuple[int, int]:
    sides = []
    for side in ("width", "height"):
        found = re.search(rf'<svg[^>]*? {side}="([\d.]+)pt"', svg)
        if found is None:
            raise UserError(f"{path} does not say its {side} in points; draw it again")
        sides.append(round(float(found[1]) * PIXELS_PER_POINT))
    return sides[0], sides[1]


def with_dark(svg: str) -> str:
    """The drawing with a second set of colours, taken where its reader asks for dark pages.

    Replaces the colours of ``palette.ON_DARK`` by rules of CSS; the others stay as they are.
    """
    rules = "".join(
        f'[style*="{what}: {light}"]{{{what}:{dark}!important}}'
        for light, dark in ON_DARK.items()
        for what in ("fill", "stroke")
        if f"{what}: {light}" in svg
    )
    # Text without a colour of its own is black.
    dark = f"svg{{fill:{ON_DARK['#000000']}}}{rules}"
    style = f"<style>@media (prefers-color-scheme:dark){{{dark}}}</style>"
    return re.sub(r"(<svg[^>]*>)", rf"\1{style}", svg, count=1)
