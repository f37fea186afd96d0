"""Pictures, folders, lists and shards as people have them, and what can be wrong with them."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from published_world import jpeg, write_tar
from samples import make_photograph
from trials import Fault, World

from causal_iqa.core.condition_archive import Archive

CLASS = "n01440764"


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def put(name: str, content: bytes) -> Fault:
    """A file below the pictures."""

    def fault(pictures: Path) -> None:
        file = pictures / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)

    return fault


def link(name: str, target: str) -> Fault:
    return lambda pictures: (pictures / name).symlink_to(target)


PHOTOGRAPH = Image.open(io.BytesIO(jpeg(3))).convert("RGB")
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64)
NAN = encoded(Image.fromarray(np.full((64, 64), np.nan, np.float32)), "TIFF")

UNREADABLE: dict[str, tuple[Fault, str]] = {
    "a photograph that is cut short": (put(f"{CLASS}/x.jpg", jpeg(1)[:900]), "x.jpg: it is cut"),
    "an empty file": (put(f"{CLASS}/x.png", b""), "x.png: the file is empty"),
    "a text that is called .jpg": (put(f"{CLASS}/x.jpg", b"text"), "x.jpg: it is not a picture"),
    "HEIC": (put(f"{CLASS}/x.heic", HEIC), "x.heic: it is HEIC, a format that is not read"),
    "too many pixels": (
        put(f"{CLASS}/x.png", encoded(Image.new("L", (15000, 13000)), "PNG")),
        "x.png: it has too many pixels, over 179 million; make it smaller",
    ),
    "too narrow": (
        put(f"{CLASS}/x.png", encoded(Image.new("L", (3, 400)), "PNG")),
        "x.png: it is 3 x 400 pixels, longer than 64 times its shorter side",
    ),
    "values that are no numbers": (put(f"{CLASS}/x.tiff", NAN), "infinite or not a number"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_picture_that_cannot_be_read_is_named(world: World, name: str) -> None:
    fault, words = UNREADABLE[name]
    fault(world.pictures)
    assert world.list()[0] == 0
    world.refuses(world.make_clean(), words)


PASSED_OVER: dict[str, tuple[Fault, str, str]] = {
    "a checkpoint folder": (
        put(".ipynb_checkpoints/x.png", jpeg(1)),
        ".ipynb_checkpoints",
        "hidden, with all below it",
    ),
    "macOS's resource fork": (put(f"{CLASS}/._p00.png", b"?"), f"{CLASS}/._p00.png", "hidden"),
    "a file server's thumbnails": (
        put(f"{CLASS}/@eaDir/x.jpg", jpeg(1)),
        f"{CLASS}/@eaDir",
        "a by-product of a system, with all below it",
    ),
    "Windows' thumbnails": (
        put(f"{CLASS}/Thumbs.db", jpeg(1)),
        f"{CLASS}/Thumbs.db",
        "a by-product of a system",
    ),
    "a text": (put(f"{CLASS}/notes.txt", b"text"), f"{CLASS}/notes.txt", "not a picture"),
    "a film": (put(f"{CLASS}/x.mp4", b"\0\0\0\x18ftypisom"), f"{CLASS}/x.mp4", "not a picture"),
    "a raw file": (
        put(f"{CLASS}/x.NEF", encoded(PHOTOGRAPH, "TIFF")),
        f"{CLASS}/x.NEF",
        "a camera's raw file: develop it first",
    ),
    "a compressed archive": (put("x.tar.gz", b"?"), "x.tar.gz", "compressed: unpack it first"),
    "a picture beside the folders": (put("x.png", jpeg(1)), "x.png", "not in a folder of a class"),
    "a pipe": (
        lambda pictures: os.mkfifo(pictures / CLASS / "x.jpg"),
        f"{CLASS}/x.jpg",
        "a pipe",
    ),
    "a device": (link(f"{CLASS}/x.jpg", "/dev/zero"), f"{CLASS}/x.jpg", "a device"),
    "a link to nowhere": (
        link(f"{CLASS}/x.txt", "gone"),
        f"{CLASS}/x.txt",
        "it cannot be read: No such file or directory",
    ),
    "a loop of links": (
        link(f"{CLASS}/up", ".."),
        f"{CLASS}/up",
        "a folder that is listed already, by a link",
    ),
}


@pytest.mark.parametrize("name", PASSED_OVER)
def test_what_is_no_picture_is_passed_over_and_said(world: World, name: str) -> None:
    fault, file, reason = PASSED_OVER[name]
    fault(world.pictures)
    status, printed = world.list()
    assert status == 0 and f"1 file passed over: 1 {reason} ({file})" in printed
    assert world.listed() == ["p00", "p01", "p10", "p11"]
    assert file in world.results.skipped.read_text()
    assert world.make_clean()[0] == 0


def exif(turn: int) -> Image.Exif:
    tags = Image.Exif()
    tags[274] = turn
    return tags


T = Image.Transpose
TURNS = {
    2: T.FLIP_LEFT_RIGHT,
    3: T.ROTATE_180,
    4: T.FLIP_TOP_BOTTOM,
    5: T.TRANSPOSE,
    6: T.ROTATE_90,
    7: T.TRANSVERSE,
    8: T.ROTATE_270,
}
"""How a camera lays a picture, by the orientation that it then writes."""
GREY = PHOTOGRAPH.convert("L")
CLEAR = Image.fromarray(np.dstack([np.asarray(PHOTOGRAPH), np.zeros(GREY.size[::-1], np.uint8)]))
READ_RIGHT: dict[str, tuple[str, bytes, Image.Image]] = {
    **{
        f"EXIF orientation {turn}": (
            "x.png",
            encoded(PHOTOGRAPH.transpose(laid), "PNG", exif=exif(turn)),
            PHOTOGRAPH,
        )
        for turn, laid in TURNS.items()
    },
    "16 bits": (
        "x.png",
        encoded(Image.fromarray(np.asarray(GREY).astype("uint16") * 257), "PNG"),
        GREY,
    ),
    "transparency": ("x.png", encoded(CLEAR, "PNG"), Image.new("L", GREY.size, 255)),
    "a palette": ("x.png", encoded(GREY.convert("P"), "PNG"), GREY),
    "CMYK": (
        "x.tif",
        encoded(PHOTOGRAPH.convert("CMYK"), "TIFF"),
        PHOTOGRAPH.convert("CMYK").convert("RGB"),
    ),
    "black and white": ("x.png", encoded(GREY.convert("1"), "PNG"), GREY.convert("1")),
    "several frames": (
        "x.tif",
        encoded(PHOTOGRAPH, "TIFF", save_all=True, append_images=[GREY.convert("RGB")]),
        PHOTOGRAPH,
    ),
    "a name without a suffix": ("x", encoded(PHOTOGRAPH, "PNG"), PHOTOGRAPH),
    "another format than its suffix": ("x.jpg", encoded(PHOTOGRAPH, "PNG"), PHOTOGRAPH),
    "a suffix of a text": ("x.txt", encoded(PHOTOGRAPH, "BMP"), PHOTOGRAPH),
    "JPEG by its old suffix": (
        "x.jfif",
        jpeg(3),
        PHOTOGRAPH,
    ),
    "AVIF": (
        "x.avif",
        avif := encoded(PHOTOGRAPH, "AVIF", quality=100),
        Image.open(io.BytesIO(avif)).convert("RGB"),
    ),
}


@pytest.mark.parametrize("name", READ_RIGHT)
def test_a_labelled_picture_is_read_as_it_is_meant(world: World, name: str) -> None:
    file, content, meant = READ_RIGHT[name]
    put(f"{CLASS}/{file}", content)(world.pictures)
    meant.convert("RGB").save(world.pictures / CLASS / "y.png")
    assert world.list()[0] == 0 and world.make_clean()[0] == 0
    with Archive(world.results.root / "conditions" / "clean" / "0.tar") as archive:
        rows = archive.index["image_id"].to_list()
        seen, wanted = (archive.read(rows.index(name)) for name in "xy")
    assert np.array_equal(seen, wanted)


def in_list(text: bytes) -> Fault:
    def fault(pictures: Path) -> None:
        make_photograph(pictures / "a.png", 1)
        (pictures / "list.csv").write_bytes(text)

    return fault


LISTS: dict[str, tuple[Fault, str]] = {
    "no column label": (in_list(b"file,class\na.png,0\n"), "column 'label' is missing"),
    "a separator that is none": (in_list(b"file:label\na.png:0\n"), "column 'file' is missing"),
    "a file that is not there": (in_list(b"file,label\nb.png,0\n"), "line 2: there is no file"),
    "an empty label": (in_list(b"file,label\na.png,\n"), "line 2: label is empty"),
    "a label that is none": (in_list(b"file,label\na.png,unicorn\n"), "line 2: 'unicorn' is no"),
    "a label out of range": (in_list(b"file,label\na.png,1000\n"), "line 2: label 1000 is outside"),
    "one file twice": (in_list(b"file,label\na.png,0\na.png,0\n"), "a.png is listed twice"),
    "too many values": (in_list(b"file,label\na.png,0,1\n"), "line 2 has 3 values for the 2"),
    "another encoding": (in_list(b"file,label\na.png,caf\xe9\n"), "line 2 is neither UTF-8"),
    "binary junk": (in_list(b"\x00\x01\x02\xff\xfe"), "list.csv"),
    "nothing": (in_list(b""), "list.csv is no CSV table: it is empty"),
    "a column twice": (in_list(b"file,label,label\na.png,0,0\n"), "column 'label' stands twice"),
    "a text": (
        in_list(b"file,label\na.png,0\nlist.csv,1\n"),
        "list.csv: not a picture; take the line out",
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_with_a_fault_is_refused_by_its_line(world: World, name: str) -> None:
    fault, words = LISTS[name]
    fault(world.pictures)
    world.refuses(world.list(path=world.pictures / "list.csv"), words)


SYSTEMS = [
    *(".ipynb_checkpoints/x.png", "n/._x.jpg", "n/.DS_Store", "n/Thumbs.db"),
    *("__MACOSX/x.jpg", "n/desktop.ini"),
]


@pytest.mark.parametrize("form", ["list.csv", "metadata.csv", "metadata.jsonl"])
def test_what_systems_leave_is_passed_over_in_lists_too(world: World, form: str) -> None:
    for name in SYSTEMS:
        put(name, jpeg(1))(world.pictures)
    make_photograph(world.pictures / "a.png", 1)
    if form.endswith(".jsonl"):
        lines = [f'{{"file_name": "{name}", "label": 0}}' for name in ["a.png", *SYSTEMS]]
    else:
        column = "file" if form == "list.csv" else "file_name"
        lines = [f"{column},label", *(f"{name},0" for name in ["a.png", *SYSTEMS])]
    (world.pictures / form).write_text("\n".join(lines) + "\n")
    given = world.pictures / form if form == "list.csv" else world.pictures
    status, printed = world.list(path=given)
    assert status == 0 and world.listed() == ["a"], printed
    skipped = world.results.skipped.read_text()
    assert skipped.count("hidden") == 3 and skipped.count("a by-product of a system") == 3


def test_a_list_in_a_hidden_folder_names_pictures_all_the_same(world: World) -> None:
    hidden = world.root / ".cache"
    world.pictures.rename(hidden)
    (hidden / "list.csv").write_text(f"file,label\n{hidden}/{CLASS}/p00.png,0\n")
    assert world.list(path=hidden / "list.csv")[0] == 0 and world.listed() == ["p00"]


FOLDERS: dict[str, tuple[Fault, dict[str, str], str]] = {
    "splits below the path": (
        lambda pictures: (pictures / CLASS).rename(pictures / "val"),
        {},
        "holds val, splits of a data set",
    ),
    "a split that is not there": (lambda _: None, {"split": "val"}, "there is no folder"),
    "a class that is unknown": (put("unicorn/x.png", jpeg(1)), {}, "'unicorn' is no wnid"),
    "a link to nowhere": (
        link(f"{CLASS}/x.jpg", "gone.jpg"),
        {},
        "x.jpg cannot be read: a link to gone.jpg: No such",
    ),
    "a name that is no UTF-8": (
        lambda pictures: put(os.fsdecode(b"n01440764/\xe9.png"), jpeg(1))(pictures),
        {},
        "\\xe9.png is not UTF-8; rename it",
    ),
    "a list with a line of nonsense": (
        put("metadata.jsonl", b"nonsense\n"),
        {},
        "metadata.jsonl, line 1 is no JSON",
    ),
    "no folder at all": (
        lambda pictures: pictures.rename(pictures.with_name("elsewhere")),
        {},
        "is neither a folder nor a CSV file",
    ),
}


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_with_a_fault_is_refused(world: World, name: str) -> None:
    fault, keys, words = FOLDERS[name]
    fault(world.pictures)
    world.refuses(world.list(**keys), words)


def shard(*files: tuple[str, bytes], end: Callable[[bytes], bytes] = bytes) -> Fault:
    def fault(pictures: Path) -> None:
        tar = write_tar(pictures / "shards" / "a.tar", files)
        tar.write_bytes(end(tar.read_bytes()))

    return fault


ONE = (("1.jpg", jpeg(1)), ("1.cls", b"0"))
TWO = (*ONE, ("2.jpg", jpeg(2)), ("2.cls", b"0"))
SHARDS: dict[str, tuple[Fault, str]] = {
    "no label": (shard(("1.jpg", jpeg(1))), "sample 1 has no label"),
    "a label that is no text": (shard(ONE[0], ("1.cls", b"\xff")), "1.cls is no text in UTF-8"),
    "a label that is no JSON": (shard(ONE[0], ("1.json", b"{")), "1.json is no JSON"),
    "cut in a picture": (shard(*ONE, end=lambda tar: tar[:3000]), "is cut short"),
    "cut after a picture": (
        shard(*ONE, end=lambda tar: tar[: tar.index(b"1.cls")]),
        "ends without the mark of an archive's end",
    ),
    "a damaged header": (
        shard(*TWO, end=lambda tar: tar.replace(b"2.jpg\0", b"?.jpg\0")),
        "it is damaged there",
    ),
    "two that were joined": (shard(*ONE, end=lambda tar: tar + tar), "goes on after its end"),
    "compressed": (
        lambda pictures: write_tar(pictures / "shards" / "a.tar", ONE, "w:gz"),
        "is no uncompressed tar archive",
    ),
}


@pytest.mark.parametrize("name", SHARDS)
def test_a_shard_with_a_fault_is_refused(world: World, name: str) -> None:
    fault, words = SHARDS[name]
    fault(world.pictures)
    outcome = world.list(source="webdataset", path=world.pictures / "shards")
    world.refuses(outcome, words)
