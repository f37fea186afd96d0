"""A picture of any kind as RGB, with notes of what had to be done to bring it there."""

from __future__ import annotations

import io
import re
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, UnidentifiedImageError
from PIL.ExifTags import Base

from causal_iqa.core.errors import UserError

Image.init()  # loads every plugin: Image.OPEN is empty until then

# BMP's pattern, the longest, takes 18.
HEAD = 32
"""So many first bytes tell what a file is."""


class _Kind(NamedTuple):
    """A format as people and as PIL name it, and the pattern of its first bytes."""

    name: str
    pil: str
    beginning: bytes


_KINDS = (
    _Kind("JPEG", "JPEG", rb"\xff\xd8\xff"),
    _Kind("PNG", "PNG", rb"\x89PNG\r\n\x1a\n"),
    _Kind("GIF", "GIF", rb"GIF8[79]a"),
    _Kind("WebP", "WEBP", rb"RIFF.{4}WEBP"),
    # The "+" of BigTIFF stands where the others have "*".
    _Kind("TIFF", "TIFF", rb"II[*+]\0|MM\0[*+]"),
    # "BM" may begin any text; 14 bytes on stands the size of one of the format's headers.
    _Kind("BMP", "BMP", rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0"),
    _Kind("JPEG 2000", "JPEG2000", rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51"),
    _Kind("PPM", "PPM", rb"P[1-7Ff]\s+[#\d]"),
    _Kind("AVIF", "AVIF", rb".{4}ftypavi[fs]"),
    _Kind("HEIC", "HEIF", rb".{4}ftyp(?:hei|hev|mif1|msf1)"),
    _Kind("JPEG XL", "JXL", rb"\xff\x0a|\0\0\0\x0cJXL "),
)
# PIL without a choice of formats would try some that start other programs, and some without any
# first bytes of their own, which take random data for a picture.
_READ = tuple(kind for kind in _KINDS if kind.pil in Image.OPEN)

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF's orientation, and what brings such a picture upright."""
_MODES = {
    **dict.fromkeys(("RGB", "RGBA", "RGBa", "RGBX"), None),
    **dict.fromkeys(("L", "LA", "La", "I", "F", "I;16", "I;16L", "I;16B", "I;16N"), "greyscale"),
    **dict.fromkeys(("P", "PA"), "palette"),
    "1": "black and white",
}
"""PIL's modes in words; any other, such as CMYK, is its own word."""
_DEEP = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")
"""Modes of more than 8 bits, which PIL would clip at 255."""


class Unreadable(UserError):
    """A picture that cannot be read. ``reason`` says why, without the place."""

    def __init__(self, where: str, reason: str) -> None:
        # Both, since an exception is carried between processes by its arguments.
        super().__init__(where, reason)
        self.where, self.reason = where, reason

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"


class Read(NamedTuple):
    """picture: RGB uint8 [H, W, 3], H and W >= 1; notes: what had to be done, in that order."""

    picture: np.ndarray
    notes: tuple[str, ...]


def kind_of(head: bytes) -> str | None:
    """The picture format that begins with ``head`` (HEAD bytes or more), whether read or not."""
    for kind in _KINDS:
        if re.match(kind.beginning, head, re.DOTALL):
            return kind.name
    return None


def read_any(data: bytes, where: str) -> Read:
    """The whole picture that ``data`` encodes, upright and in RGB; the first one of several.

    Transparency is laid on white and more than 8 bits are scaled to 8. Colour profiles are not
    applied. Raises Unreadable, naming ``where`` it lies, for anything but a whole picture of a
    format that is read. No setting of PIL is changed, so that threads may share it.
    """
    if not data:
        raise Unreadable(where, "the file is empty; fetch or save it again")
    try:
        with Image.open(io.BytesIO(data), formats=[kind.pil for kind in _READ]) as image:
            return _read(image)
    except UnidentifiedImageError as error:
        raise Unreadable(where, _unidentified(kind_of(data))) from error
    except Image.DecompressionBombError as error:
        # Of more than MAX_IMAGE_PIXELS PIL warns; it refuses more than twice as many.
        most = 2 * (Image.MAX_IMAGE_PIXELS or 0) / 1e6
        raise Unreadable(
            where, f"it has too many pixels, over {most:.0f} million; make it smaller"
        ) from error
    except MemoryError as error:
        raise Unreadable(where, "it needs more memory than is left; make it smaller") from error
    except Exception as error:  # a plugin of PIL raises whatever a broken file makes it stumble on
        raise Unreadable(
            where, f"it is cut short or damaged; fetch or save it again: {error}"
        ) from error


def _unidentified(kind: str | None) -> str:
    """Why PIL knows no picture in a file that begins as ``kind``."""
    names = [known.name for known in _READ]
    if kind is None:
        return (
            "it is not a picture, or of a format that is not read; read are "
            f"{', '.join(names)}: save it as one of them"
        )
    if kind not in names:
        return f"it is {kind}, a format that is not read; save it as JPEG or PNG"
    return f"it begins as {kind} but is cut short or damaged; fetch or save it again"


def _read(image: Image.Image) -> Read:
    """Everything is asked of ``image`` in the order in which PIL gives right answers."""
    notes = []
    frames = getattr(image, "n_frames", 1)
    if frames > 1:
        notes.append(f"first of {frames} frames")
    # PIL itself turns a TIFF while it loads it and then forgets that it did. Any other picture must
    # be loaded first: asking for EXIF may load it, and _orientation would hide that this failed.
    turned = _orientation(image) if image.format == "TIFF" else 1
    image.load()
    turn = _TURNS.get(_orientation(image))
    colours, colour_notes = _rgb(image)
    notes += colour_notes
    if turned in _TURNS or turn is not None:
        notes.append("rotated by EXIF")
    upright = colours if turn is None else colours.transpose(turn)
    return Read(np.asarray(upright), tuple(notes))


def _orientation(image: Image.Image) -> int:
    """EXIF's orientation, 1 where there is none."""
    try:
        return int(image.getexif().get(Base.Orientation, 1))
    except Exception:  # broken EXIF is common in photographs whose pixels are whole
        return 1


def _rgb(image: Image.Image) -> tuple[Image.Image, list[str]]:
    """A loaded picture of any mode in RGB, and notes of it."""
    mode = _MODES.get(image.mode, image.mode)
    notes = [] if mode is None else [mode]
    if image.mode in _DEEP:
        grey, bits, transparent = _eight_bits(image)
        notes.append(bits)
        colours = Image.fromarray(grey).convert("RGB")
    elif image.has_transparency_data:
        colours, transparent = _on_white(image)
    else:
        colours, transparent = image.convert("RGB"), False
    if transparent:
        notes.append("transparent: laid on white")
    return colours, notes


def _on_white(image: Image.Image) -> tuple[Image.Image, bool]:
    """RGB of a picture with transparency, and whether any of its pixels is not opaque."""
    # PIL would turn La into RGBA by way of L, without its transparency
    rgba = (image.convert("LA") if image.mode == "La" else image).convert("RGBA")
    white = Image.new("RGBA", rgba.size, "white")
    transparent = rgba.getchannel("A").getextrema() != (255, 255)
    return Image.alpha_composite(white, rgba).convert("RGB"), transparent


def _eight_bits(image: Image.Image) -> tuple[np.ndarray, str, bool]:
    """uint8 [H, W] of a grey picture of more bits, the note of it, whether it is transparent.

    Raises ValueError for values that are infinite or not a number.
    """
    values = np.asarray(image)
    if not np.isfinite(values).all():
        raise ValueError("some of its values are infinite or not a number")
    black, white, note = _range(image, float(values.min()), float(values.max()))
    scale = 255 / (white - black) if white > black else 0.0
    grey = np.rint((values.astype(np.float32) - black) * scale).clip(0, 255).astype(np.uint8)
    hidden = values == image.info["transparency"] if "transparency" in image.info else None
    if hidden is None or not hidden.any():
        return grey, note, False
    return np.where(hidden, np.uint8(255), grey), note, True


def _range(image: Any, least: float, greatest: float) -> tuple[float, float, str]:
    """The values of black and white and the note of it, for a picture from least to greatest.

    16 bits have a white of their own, as have 12 bits in a TIFF. For 32 bits it is the lowest of 1,
    255 and 65535 that no value exceeds; values beyond these are stretched from least to greatest.
    """
    if image.mode.startswith("I;16"):
        bits = image.tag_v2[258][0] if image.format == "TIFF" else 16  # 258: BitsPerSample
        return 0.0, 2.0**bits - 1, f"{bits} bit scaled to 8"
    # A PPM: PIL itself scales what is over 8 bits to 16.
    if image.mode == "I" and image.format != "TIFF":
        return 0.0, 65535.0, "16 bit scaled to 8"
    for white in (1.0, 255.0, 65535.0):
        if least >= 0 and greatest <= white:
            return 0.0, white, "32 bit scaled to 8"
    return least, greatest, "32 bit stretched to 8"
