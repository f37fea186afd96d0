"""Folders and lists as people have them: what is found, told apart, passed over and said."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from samples import make_photograph

from causal_iqa.core.config import Pictures
from causal_iqa.core.errors import UserError
from causal_iqa.pictures.finding import Skipped, said, write_skipped
from causal_iqa.pictures.lists import read_json_lines
from causal_iqa.pictures.matched import matched
from causal_iqa.pictures.sources import list_pictures, list_skipped, listing


def imagefolder(path: Path, **more: object) -> Pictures:
    return Pictures.model_validate({"source": "imagefolder", "path": path, **more})


def ids(path: Path, **more: object) -> list[str]:
    return [picture.image_id for picture in list_pictures(imagefolder(path, **more))]


def test_pictures_of_every_suffix_and_of_none_count(photographs: Path) -> None:
    folder = photographs / "n02814533"
    picture = Image.open(folder / "p10.png")
    picture.save(folder / "x.jfif", format="JPEG")
    picture.save(folder / "y.avif")
    picture.save(folder / "z.dat", format="PNG")
    assert {"x", "y", "z"} < set(ids(photographs))


def test_what_is_passed_over_is_named_and_why(photographs: Path, tmp_path: Path) -> None:
    folder = photographs / "n01440764"
    (photographs / ".ipynb_checkpoints").mkdir()
    make_photograph(photographs / ".ipynb_checkpoints" / "p.png", 1)
    (folder / "._p00.png").write_bytes(b"what macOS leaves")
    (folder / "notes.txt").write_text("text")
    (folder / "more.zip").write_bytes(b"PK")
    make_photograph(photographs / "top.png", 2)
    os.mkfifo(folder / "pipe.png")
    (folder / "link.txt").symlink_to(folder / "gone.txt")
    assert ids(photographs) == ["p00", "p01", "p02", "p10", "p11", "p12"]
    skipped = list_skipped(imagefolder(photographs))
    assert dict(skipped) == {
        ".ipynb_checkpoints": "hidden, with all below it",
        "n01440764/._p00.png": "hidden",
        "n01440764/notes.txt": "not a picture",
        "n01440764/more.zip": "compressed: unpack it first",
        "top.png": "not in a folder of a class",
        "n01440764/pipe.png": "a pipe",
        "n01440764/link.txt": "it cannot be read: No such file or directory",
    }
    write_skipped(skipped, tmp_path / "skipped.csv")
    first = (tmp_path / "skipped.csv").read_text().splitlines()[:2]
    assert first == ["name,reason", '.ipynb_checkpoints,"hidden, with all below it"']


def test_the_line_counts_reasons_and_names_some() -> None:
    skipped = [Skipped(f"{n}.txt", "not a picture") for n in range(5)] + [Skipped(".a", "hidden")]
    assert said(skipped) == (
        "6 files passed over: 5 not a picture (0.txt, 1.txt, 2.txt, …); 1 hidden (.a)"
    )
    assert said(skipped[5:]) == "1 file passed over: 1 hidden (.a)" and said([]) == ""


def test_a_file_passed_over_changes_that_fingerprint_alone(photographs: Path) -> None:
    before = listing(imagefolder(photographs))
    (photographs / "n01440764" / "notes.txt").write_text("text")
    after = listing(imagefolder(photographs))
    assert after.pictures == before.pictures and after.skipped != before.skipped


def test_equal_names_take_their_folders_and_the_others_keep_theirs(photographs: Path) -> None:
    make_photograph(photographs / "n02814533" / "p00.png", 7)
    make_photograph(photographs / "n02814533" / "p00.jpg", 8)
    assert ids(photographs) == [
        *("n01440764_p00", "n02814533_p00.jpg", "n02814533_p00.png"),
        *("p01", "p02", "p10", "p11", "p12"),
    ]


def test_equal_names_in_a_list_and_in_shards(tmp_path: Path) -> None:
    for name in ("a.png", "x/a.png", "y/z/a.png"):
        make_photograph(tmp_path / name, 1)
    (tmp_path / "list.csv").write_text("file,label\na.png,0\nx/a.png,0\ny/z/a.png,0\n")
    assert ids(tmp_path / "list.csv") == ["a", "x_a", "y_z_a"]


def test_ids_that_nothing_tells_apart_are_refused(tmp_path: Path) -> None:
    make_photograph(tmp_path / "n01440764" / "b" / "x.png", 1)
    make_photograph(tmp_path / "n01440764_b" / "x.png", 2)
    (tmp_path / "map.csv").write_text("class,index\nn01440764,0\nn01440764_b,1\n")
    with pytest.raises(UserError, match=r"id 'n01440764_b_x\.png' is both .* rename one"):
        ids(tmp_path, class_map=tmp_path / "map.csv")


def test_splits_need_a_key_that_says_which(photographs: Path, tmp_path: Path) -> None:
    root = tmp_path / "set"
    root.mkdir()
    photographs.rename(root / "val")
    make_photograph(root / "train" / "n01440764" / "q.png", 1)
    with pytest.raises(UserError, match=r"holds train, val, splits .*: pictures\.split: val"):
        ids(root)
    assert ids(root, split="train") == ["q"] and len(ids(root, split="val")) == 6
    with pytest.raises(UserError, match=r"pictures\.split: there is no folder .*did you mean val"):
        ids(root, split="vall")


def test_a_class_that_is_called_test_is_no_split(tmp_path: Path) -> None:
    make_photograph(tmp_path / "set" / "test" / "q.png", 1)
    (tmp_path / "map.csv").write_text("class,index\ntest,0\n")
    assert ids(tmp_path / "set", class_map=tmp_path / "map.csv") == ["q"]


@pytest.mark.parametrize(
    "text",
    [
        b"file;label\na.png;n02814533\n",
        b"file\tlabel\na.png\tn02814533\n",
        "file,label\na.png,n02814533\n".encode("utf-16"),
        b"\xef\xbb\xbffile,label\r\na.png,n02814533\r\n",
        b"file, label\n a.png , n02814533 \n\n,,\n",
        b'label, file\n"beach wagon", "a.png"\n',
    ],
)
def test_lists_with_any_usual_separator_and_encoding(tmp_path: Path, text: bytes) -> None:
    make_photograph(tmp_path / "a.png", 1)
    (tmp_path / "list.csv").write_bytes(text)
    (picture,) = list_pictures(imagefolder(tmp_path / "list.csv"))
    assert (picture.image_id, picture.label, picture.path) == ("a", 436, tmp_path / "a.png")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda file: file.symlink_to("gone.jpg"), r"a link to gone\.jpg \(No such file"),
        (os.mkfifo, "is a pipe, not a file"),
        (lambda file: file.symlink_to("/dev/zero"), "is a device, not a file"),
        (Path.mkdir, "is a folder, not a file"),
    ],
)
def test_a_list_names_what_is_no_file_and_waits_for_nothing(
    tmp_path: Path, make: object, message: str
) -> None:
    make(tmp_path / "a.jpg")  # type: ignore[operator]
    (tmp_path / "list.csv").write_text("file,label\na.jpg,0\n")
    with pytest.raises(UserError, match=rf"list\.csv, line 2: .*{message}"):
        ids(tmp_path / "list.csv")


def test_a_dangling_link_is_named_before_any_job(photographs: Path) -> None:
    (photographs / "n01440764" / "x.jpg").symlink_to("gone.jpg")
    with pytest.raises(UserError, match=r"x\.jpg, a link to gone\.jpg, is not there; restore"):
        listing(imagefolder(photographs))


def test_a_name_that_is_no_utf8_is_named(photographs: Path) -> None:
    odd = os.fsencode(photographs / "n01440764") + b"/\xe9.png"
    Path(os.fsdecode(odd)).write_bytes(b"x")
    with pytest.raises(UserError, match=r"\\xe9\.png is not UTF-8; rename it"):
        ids(photographs)


def test_a_described_folder_names_pictures_that_its_list_leaves_out(tmp_path: Path) -> None:
    for name in ("a", "b"):
        make_photograph(tmp_path / f"{name}.png", 1)
    (tmp_path / "metadata.csv").write_text("file_name,label\na.png,0\n")
    assert ids(tmp_path) == ["a"]
    assert list_skipped(imagefolder(tmp_path)) == [Skipped("b.png", "not named in metadata.csv")]


def test_a_line_of_json_may_hold_unicodes_ends_of_lines(tmp_path: Path) -> None:
    lines = '{"a": "x\u2028y"}\r\n\n{"a": "x\u0085y"}\n'
    (tmp_path / "metadata.jsonl").write_bytes(lines.encode())
    found = list(read_json_lines(tmp_path / "metadata.jsonl"))
    assert found == [(1, {"a": "x\u2028y"}), (3, {"a": "x\u0085y"})]


def test_json_lines_that_are_none_are_named(tmp_path: Path) -> None:
    (tmp_path / "metadata.jsonl").write_text('{"file_name": 1}\nnonsense\n')
    with pytest.raises(UserError, match=r"metadata\.jsonl, line 1: label is empty or missing"):
        ids(tmp_path)
    (tmp_path / "metadata.jsonl").write_text("\nnonsense\n")
    with pytest.raises(UserError, match=r"metadata\.jsonl, line 2 is no JSON"):
        ids(tmp_path)


def test_labelled_pictures_are_read_as_those_of_an_audit(photographs: Path) -> None:
    """16 bits, a turn by EXIF, transparency: as the same picture upright in 8-bit RGB."""
    picture = Image.open(next(photographs.rglob("p01.png"))).convert("RGB")
    grey = picture.convert("L")
    deep, turned, clear = (photographs / name for name in ("c.png", "b.png", "d.png"))
    Image.fromarray(np.asarray(grey).astype("uint16") * 257).save(deep)
    exif = Image.Exif()
    exif[274] = 6
    picture.transpose(Image.Transpose.ROTATE_90).save(turned, exif=exif)
    Image.new("RGBA", picture.size, (0, 0, 0, 0)).save(clear)

    def seen(path: Path) -> np.ndarray:
        return matched(path.read_bytes(), str(path))

    grey.convert("RGB").save(photographs / "grey.png")
    picture.save(photographs / "upright.png")
    assert np.array_equal(seen(deep), seen(photographs / "grey.png"))
    assert np.array_equal(seen(turned), seen(photographs / "upright.png"))
    assert (seen(clear) == 255).all()


def test_a_bomb_is_named_and_not_read(photographs: Path) -> None:
    bomb = photographs / "huge.png"
    Image.new("L", (15000, 13000)).save(bomb)
    with pytest.raises(UserError, match=r"huge\.png: it has too many pixels, over 179 million"):
        matched(bomb.read_bytes(), str(bomb))
