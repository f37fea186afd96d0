"""Pictures of every format, mode and defect: read whole, upright and in RGB, or refused."""

import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from encoded import HEIC, IMAGE, LOSSLESS, LOSSY, PHOTOGRAPH, encode
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from causal_iqa.pictures.decode import Unreadable, kind_of, read_any
from causal_iqa.pictures.matched import LONGEST, RESIZE, matched_of, resize_and_crop

WHITE_NOTE = "transparent: laid on white"


def apart(one: np.ndarray, two: np.ndarray) -> float:
    """Mean absolute difference in grey levels."""
    assert one.shape == two.shape
    return float(np.abs(one.astype(int) - two.astype(int)).mean())


@pytest.mark.parametrize("form", LOSSLESS)
def test_lossless_formats(form: str) -> None:
    picture, notes = read_any(LOSSLESS[form], "a")
    assert picture.dtype == np.uint8
    np.testing.assert_array_equal(picture, PHOTOGRAPH)
    assert notes == ()
    assert kind_of(LOSSLESS[form]) is not None


@pytest.mark.parametrize("form", LOSSY)
def test_lossy_formats(form: str) -> None:
    picture, notes = read_any(LOSSY[form], "a")
    assert apart(picture, PHOTOGRAPH) < 3
    assert notes == ()
    assert kind_of(LOSSY[form]) is not None


STORED: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    1: lambda up: up,
    2: lambda up: up[:, ::-1],
    3: lambda up: up[::-1, ::-1],
    4: lambda up: up[::-1],
    5: lambda up: up.swapaxes(0, 1),
    6: lambda up: np.rot90(up),
    7: lambda up: up[::-1, ::-1].swapaxes(0, 1),
    8: lambda up: np.rot90(up, -1),
}
"""How a camera stores an upright picture, by EXIF's sides of the 0th row and column."""


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("PNG", {}),
        ("JPEG", {"quality": 100, "subsampling": 0}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
    ],
)
def test_exif_orientation(form: str, options: dict, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(np.ascontiguousarray(STORED[orientation](PHOTOGRAPH)))
    picture, notes = read_any(encode(stored, form, exif=exif, **options), "a")
    assert apart(picture, PHOTOGRAPH) < (1 if form == "JPEG" else 1e-9)
    assert notes == (() if orientation == 1 else ("rotated by EXIF",))


@pytest.mark.parametrize(
    "exif",
    [
        b"no TIFF at all",
        struct.pack("<4sIHHHI4sI", b"II*\0", 8, 1, 0x0112, 2, 3, b"abc\0", 0),  # turned by 'abc'
    ],
)
def test_broken_exif_does_not_cost_the_picture(exif: bytes) -> None:
    data = encode(IMAGE, "JPEG", quality=95, exif=b"Exif\0\0" + exif)
    picture, notes = read_any(data, "a")
    assert apart(picture, PHOTOGRAPH) < 3
    assert notes == ()


SIXTEEN = np.linspace(0, 65535, 48 * 60).round().astype(np.uint16).reshape(48, 60)
GREY = np.rint(SIXTEEN / 257)


def pgm(values: np.ndarray) -> bytes:
    height, width = values.shape
    return b"P5 %d %d 65535\n" % (width, height) + values.astype(">u2").tobytes()


def tiff(width: int, bits: tuple[int, ...], extra: int | None, data: bytes, order: str) -> bytes:
    """One uncompressed row of ``width`` grey pixels, with a second sample of TIFF's kind extra."""
    short = {256: width, 257: 1, 259: 1, 262: 1, 277: len(bits), 278: 1, 279: len(data)}
    rows = {tag: struct.pack(f"{order}HHIHH", tag, 3, 1, value, 0) for tag, value in short.items()}
    rows[258] = struct.pack(f"{order}HHI{len(bits)}H", 258, 3, len(bits), *bits).ljust(12, b"\0")
    if extra is not None:
        rows[338] = struct.pack(f"{order}HHIHH", 338, 3, 1, extra, 0)
    start = 8 + 2 + 12 * (len(rows) + 1) + 4
    rows[273] = struct.pack(f"{order}HHIHH", 273, 3, 1, start, 0)
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}IH", 8, len(rows))
    return head + b"".join(rows[tag] for tag in sorted(rows)) + bytes(4) + data


@pytest.mark.parametrize(
    "data",
    [
        encode(Image.fromarray(SIXTEEN), "PNG"),
        encode(Image.fromarray(SIXTEEN), "TIFF"),
        encode(Image.fromarray(SIXTEEN), "JPEG2000"),
        pgm(SIXTEEN),
    ],
    ids=["png", "tiff", "jp2", "pgm"],
)
def test_sixteen_bits_of_grey_are_scaled(data: bytes) -> None:
    picture, notes = read_any(data, "a")
    np.testing.assert_array_equal(picture, np.stack([GREY] * 3, axis=2))
    assert notes == ("greyscale", "16 bit scaled to 8")


def test_sixteen_bits_high_byte_first_and_twelve_bits() -> None:
    picture, notes = read_any(tiff(2, (16,), None, b"\x80\x80\xff\xff", ">"), "a")
    assert (picture[0, :, 0].tolist(), notes[1]) == ([128, 255], "16 bit scaled to 8")
    picture, notes = read_any(tiff(2, (12,), None, b"\x80\x0f\xff", "<"), "a")
    assert (picture[0, :, 0].tolist(), notes[1]) == ([128, 255], "12 bit scaled to 8")


def png(depth: int, colour: int, width: int, height: int, rows: bytes) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def test_sixteen_bits_of_colour() -> None:
    deep = PHOTOGRAPH.astype(np.uint16) * 257
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in deep)
    picture, _ = read_any(png(16, 2, 60, 48, rows), "a")
    np.testing.assert_array_equal(picture, PHOTOGRAPH)


def test_sixteen_bits_with_a_transparent_value() -> None:
    values = np.array([[0, 25700, 65535]], dtype=np.uint16)
    picture, notes = read_any(encode(Image.fromarray(values), "PNG", transparency=0), "a")
    assert picture[0, :, 0].tolist() == [255, 100, 255]
    assert notes == ("greyscale", "16 bit scaled to 8", WHITE_NOTE)


@pytest.mark.parametrize(
    ("values", "expected", "note"),
    [
        ([0.0, 0.2, 0.6], [0, 51, 153], "scaled"),
        ([0.0, 51.0, 153.0], [0, 51, 153], "scaled"),
        ([0.0, 25700.0, 40000.0], [0, 100, 156], "scaled"),
        ([-1.0, 0.0, 1.0], [0, 128, 255], "stretched"),
        ([1e6, 2e6, 3e6], [0, 128, 255], "stretched"),
        ([-5.0, -5.0, -5.0], [0, 0, 0], "stretched"),
    ],
)
def test_thirty_two_bits(values: list[float], expected: list[int], note: str) -> None:
    kinds: list[type] = [np.float32]
    if all(value == int(value) for value in values):
        kinds.append(np.int32)
    for kind in kinds:
        data = encode(Image.fromarray(np.array([values]).astype(kind)), "TIFF")
        picture, notes = read_any(data, "a")
        assert np.abs(picture[0, :, 0].astype(int) - expected).max() <= (note == "stretched")
        assert notes == ("greyscale", f"32 bit {note} to 8")


def test_values_that_are_no_numbers() -> None:
    values = np.array([[0.0, np.nan]], dtype=np.float32)
    with pytest.raises(Unreadable, match="not a number"):
        read_any(encode(Image.fromarray(values), "TIFF"), "a")


def lab() -> Image.Image:
    made = ImageCms.profileToProfile(
        IMAGE, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("data", "note"),
    [
        (encode(IMAGE.convert("CMYK"), "JPEG", quality=95), "CMYK"),
        (encode(IMAGE.convert("CMYK"), "TIFF"), "CMYK"),
        (encode(IMAGE.convert("YCbCr"), "TIFF"), "YCbCr"),
        (encode(lab(), "TIFF"), "LAB"),
    ],
)
def test_other_colours(data: bytes, note: str) -> None:
    picture, notes = read_any(data, "a")
    assert apart(picture, PHOTOGRAPH) < 3
    assert notes == (note,)


@pytest.mark.parametrize(
    ("mode", "form", "note"),
    [
        ("L", "JPEG", "greyscale"),
        ("L", "PNG", "greyscale"),
        ("1", "PNG", "black and white"),
        ("1", "TIFF", "black and white"),
        ("P", "PNG", "palette"),
        ("P", "GIF", "palette"),
    ],
)
def test_few_colours(mode: str, form: str, note: str) -> None:
    image = IMAGE.convert(mode)
    picture, notes = read_any(encode(image, form), "a")
    assert apart(picture, np.asarray(image.convert("RGB"))) < 2
    assert notes == (note,)


def with_alpha(alpha: list[int], mode: str = "RGBA") -> Image.Image:
    """A row of black pixels of the given opacities."""
    image = Image.new("RGBA", (len(alpha), 1))
    image.putdata([(0, 0, 0, a) for a in alpha])
    return image.convert(mode)


def palette(image: str = "P") -> Image.Image:
    made = Image.new("P", (3, 1))
    made.putpalette([0, 0, 0, 0, 0, 0, 0, 0, 0])
    made.putdata([0, 1, 2])
    return made.convert(image)


TRANSPARENT = {
    "rgba png": (encode(with_alpha([0, 102, 255]), "PNG"), [255, 153, 0]),
    "rgba webp": (encode(with_alpha([0, 102, 255]), "WEBP", lossless=True), [255, 153, 0]),
    "la png": (encode(with_alpha([0, 102, 255], "LA"), "PNG"), [255, 153, 0]),
    "la premultiplied": (tiff(3, (8, 8), 1, b"\0\0\x33\x66\0\xff", "<"), [255, 204, 0]),
    "palette index": (encode(palette(), "PNG", transparency=1), [0, 255, 0]),
    "palette bytes": (encode(palette(), "PNG", transparency=b"\0\x66\xff"), [255, 153, 0]),
    "palette gif": (encode(with_alpha([0, 255, 255]), "GIF"), [255, 0, 0]),
    "one colour": (
        encode(
            Image.fromarray(np.array([[[9] * 3, [8] * 3]], np.uint8)), "PNG", transparency=(9,) * 3
        ),
        [255, 8],
    ),
    "one grey": (
        encode(Image.fromarray(np.array([[9, 8]], np.uint8)), "PNG", transparency=9),
        [255, 8],
    ),
    "one bit": (
        encode(Image.fromarray(np.array([[False, True, False]])), "PNG", transparency=0),
        [255, 255, 255],
    ),
}


@pytest.mark.parametrize("case", TRANSPARENT)
def test_transparency_is_laid_on_white(case: str) -> None:
    data, expected = TRANSPARENT[case]
    picture, notes = read_any(data, "a")
    assert picture.tolist() == [[[value] * 3 for value in expected]]
    assert notes[-1] == WHITE_NOTE


def test_a_palette_with_alpha_in_a_tiff() -> None:
    picture, notes = read_any(encode(palette("PA"), "TIFF"), "a")
    assert picture.tolist() == [[[0] * 3] * 3]
    assert notes == ("palette",)


def test_an_opaque_alpha_leaves_no_note() -> None:
    assert read_any(encode(IMAGE.convert("RGBA"), "PNG"), "a").notes == ()


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG", "TIFF"])
def test_the_first_frame(form: str) -> None:
    frames = [Image.new("RGB", (20, 10), colour) for colour in ("red", "lime", "blue")]
    options = {"lossless": True} if form == "WEBP" else {}
    data = encode(frames[0], form, save_all=True, append_images=frames[1:], **options)
    picture, notes = read_any(data, "a")
    np.testing.assert_array_equal(picture, np.asarray(frames[0]))
    assert notes[0] == "first of 3 frames"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"some notes of mine, saved as a.jpg", "not a picture.*read are JPEG, PNG"),
        (encode(IMAGE, "EPS"), "not a picture"),
        (encode(IMAGE, "TGA"), "not a picture"),
        (HEIC, "HEIC, a format that is not read; save it as JPEG or PNG"),
        (b"\xff\x0a" + bytes(50), "JPEG XL, a format"),
        (LOSSLESS["tiff lzw"][:200], "begins as TIFF but is cut short"),
        (LOSSY["jpeg"][:-200], "cut short or damaged"),
        (LOSSLESS["png"][:-300], "cut short or damaged"),
        (png(8, 2, 20_000, 20_000, b""), "too many pixels, over 179 million"),
        (png(8, 2, 0, 5, b""), "cut short or damaged"),
        (png(8, 2, 2, 2, b"\0123456" + b"\x4d123456"), "cut short or damaged"),
    ],
)
def test_reasons(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason) as caught:
        read_any(data, "album/7.jpg")
    assert str(caught.value) == f"album/7.jpg: {caught.value.reason}"


def test_no_memory_left(monkeypatch: pytest.MonkeyPatch) -> None:
    def convert(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Image.Image, "convert", convert)
    with pytest.raises(Unreadable, match="more memory than is left"):
        read_any(LOSSLESS["png"], "a")


WHOLE = {**LOSSLESS, **{f"lossy {name}": data for name, data in LOSSY.items()}}
WHOLE["transparent gif"] = encode(with_alpha([0, 255] * 40), "GIF")
WHOLE["cmyk"] = encode(IMAGE.convert("CMYK"), "JPEG")
BEGINNINGS = st.sampled_from([b"", HEIC[:24], *(data[:40] for data in WHOLE.values())])


@given(beginning=BEGINNINGS, rest=st.binary(max_size=300))
@settings(deadline=None, max_examples=300)
def test_random_bytes_are_unreadable_or_a_picture(beginning: bytes, rest: bytes) -> None:
    try:
        picture, _ = read_any(beginning + rest, "a")
    except Unreadable:
        return
    assert picture.ndim == 3
    assert picture.size > 0


@given(name=st.sampled_from(sorted(WHOLE)), part=st.floats(0, 1, exclude_max=True))
@settings(deadline=None, max_examples=300)
def test_a_cut_picture_is_unreadable_or_whole(name: str, part: float) -> None:
    data = WHOLE[name]
    try:
        picture, _ = read_any(data[: int(part * len(data))], "a")
    except Unreadable:
        return
    np.testing.assert_array_equal(picture, read_any(data, "a").picture)


@given(
    name=st.sampled_from(sorted(WHOLE)),
    place=st.floats(0, 1, exclude_max=True),
    byte=st.integers(0, 255),
)
@settings(deadline=None, max_examples=200)
def test_a_damaged_picture_is_unreadable_or_a_picture(name: str, place: float, byte: int) -> None:
    data = bytearray(WHOLE[name])
    data[int(place * len(data))] = byte
    try:
        picture, _ = read_any(bytes(data), "a")
    except Unreadable:
        return
    assert picture.dtype == np.uint8
    assert picture.shape[2] == 3


def test_matched() -> None:
    np.testing.assert_array_equal(matched_of(PHOTOGRAPH, "a"), resize_and_crop(PHOTOGRAPH))


def test_the_narrowest_picture_that_is_matched() -> None:
    ratio = LONGEST // RESIZE
    for shape in ((2, 2 * ratio, 3), (2 * ratio, 2, 3)):
        assert matched_of(np.zeros(shape, np.uint8), "a").shape == (224, 224, 3)
    for shape in ((2, 2 * ratio + 1, 3), (5000, 1, 3)):
        with pytest.raises(Unreadable, match=r"^a: it is \d+ x \d+ pixels, longer than 64 times"):
            matched_of(np.zeros(shape, np.uint8), "a")
