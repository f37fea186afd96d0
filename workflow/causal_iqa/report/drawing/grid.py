"""One photograph under every condition, as one JPEG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from causal_iqa.core.condition_archive import Archive
from causal_iqa.core.conditions import CLEAN, Condition, grid
from causal_iqa.core.contract import atomic
from causal_iqa.core.provenance.wholeness import check_named
from causal_iqa.report.scorer_words import corruption_words

TILE = 128
MARGIN = 4
LABELS = 150
HEADER = 26
"""Pixels: a picture's side, the gap between pictures, the row names' width, the header's height."""
JPEG_QUALITY = 88


def picture_grid(
    conditions: Path,
    image_id: str,
    corruptions: Sequence[str],
    severities: Sequence[int],
    target: Path,
) -> None:
    """Write ``target`` (JPEG): a row per corruption; clean, then the severities, across.

    conditions: the folder with ``<corruption>/<severity>.tar``. Raises UserError where it holds
    no picture ``image_id`` or an archive is of another condition, ContractError where an archive's
    index is absent. Archives are not read whole for the sake of one picture each.
    """
    # All of them before any is opened: a refusal comes before the work.
    check_named(_tar(conditions, condition) for condition in grid(corruptions, severities))
    clean = _picture(conditions, Condition(CLEAN, 0), image_id)
    step = TILE + MARGIN
    width, height = LABELS + step * (1 + len(severities)), HEADER + step * len(corruptions)
    sheet = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=15)
    for column, name in enumerate([CLEAN, *(f"severity {s}" for s in severities)]):
        middle = LABELS + column * step + TILE / 2
        draw.text((middle, HEADER / 2), name, fill="black", font=font, anchor="mm")
    for row, corruption in enumerate(corruptions):
        y = HEADER + row * step
        name = corruption_words(corruption)
        draw.text((LABELS - 8, y + TILE / 2), name, fill="black", font=font, anchor="rm")
        sheet.paste(clean, (LABELS, y))
        for column, severity in enumerate(severities, start=1):
            tile = _picture(conditions, Condition(corruption, severity), image_id)
            sheet.paste(tile, (LABELS + column * step, y))
    with atomic(target) as temporary:
        sheet.save(temporary, format="JPEG", quality=JPEG_QUALITY, optimize=True)


def _tar(conditions: Path, condition: Condition) -> Path:
    return conditions / f"{condition}.tar"


def _picture(conditions: Path, condition: Condition, image_id: str) -> Image.Image:
    """One picture of a condition's archive, TILE x TILE pixels."""
    with Archive(_tar(conditions, condition)) as archive:
        picture = Image.fromarray(archive.read_named(image_id))
    return picture.resize((TILE, TILE), Image.Resampling.LANCZOS)
