"""Pictures of any kind are found wherever they lie, and what is none is passed over or refused."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from published_world import jpeg, write_tar

from causal_iqa.audit.pictures.listing import Found, list_any, listed
from causal_iqa.core.archives import read_bytes
from causal_iqa.core.errors import UserError
from causal_iqa.pictures.decode import read_any
from causal_iqa.pictures.finding import Skipped

PICTURE = jpeg(0, (8, 8))
GIF = b"GIF89a" + bytes(20)


def write(path: Path, content: bytes = PICTURE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def names(path: Path) -> list[str]:
    return [found.name for found in list_any(path)]


def test_a_folder_with_all_below_it_by_name(tmp_path: Path) -> None:
    for name in ("b/x.png", "a.jpg", "b/c/y.WebP", "b/a.JPEG"):
        write(tmp_path / name)
    assert list_any(tmp_path) == [
        Found("a.jpg", "", None, tmp_path / "a.jpg"),
        Found("b/a.JPEG", "b", None, tmp_path / "b/a.JPEG"),
        Found("b/c/y.WebP", "b/c", None, tmp_path / "b/c/y.WebP"),
        Found("b/x.png", "b", None, tmp_path / "b/x.png"),
    ]


def test_what_is_no_picture_is_passed_over(tmp_path: Path) -> None:
    for name in ("a.txt", "b.csv", "c.json", "README.md"):
        write(tmp_path / name, b"text")
    for name in (".DS_Store", ".b.jpg", ".git/c.jpg", "@eaDir/c.jpg", "Thumbs.db"):
        write(tmp_path / name)
    write(tmp_path / "Makefile", b"all: everything that is to be made")
    write(tmp_path / "cat.jpg")
    (tmp_path / "folder.jpg").mkdir()
    assert names(tmp_path) == ["cat.jpg"]
    assert dict(listed(tmp_path)[1]) == {
        **dict.fromkeys(("a.txt", "b.csv", "c.json", "README.md", "Makefile"), "not a picture"),
        **dict.fromkeys((".DS_Store", ".b.jpg"), "hidden"),
        ".git": "hidden, with all below it",
        "@eaDir": "a by-product of a system, with all below it",
        "Thumbs.db": "a by-product of a system",
    }


def test_a_picture_is_one_whatever_it_is_called(tmp_path: Path) -> None:
    for name in ("a.txt", "b.dat", "c.JFIF", "d.avif", "e"):
        write(tmp_path / name)
    assert names(tmp_path) == ["a.txt", "b.dat", "c.JFIF", "d.avif", "e"]


def test_a_picture_s_suffix_is_listed_whatever_it_holds(tmp_path: Path) -> None:
    listed = ["a.jpg", "b.heic", "c.TIFF", "d.avif", "e.jpe"]
    for name in listed:
        write(tmp_path / name, b"no picture")
    write(tmp_path / "f.jpg", b"")
    assert names(tmp_path) == [*listed, "f.jpg"]


def test_without_a_suffix_the_first_bytes_count(tmp_path: Path) -> None:
    write(tmp_path / "one")
    write(tmp_path / "two", GIF)
    write(tmp_path / "three", b"BMW is not a bitmap, nor is P5 or II")
    write(tmp_path / "four", b"")
    assert names(tmp_path) == ["one", "two"]


def test_links_are_followed_and_loops_are_not(tmp_path: Path) -> None:
    album = tmp_path / "album"
    write(album / "a/1.jpg")
    write(tmp_path / "elsewhere/2.jpg")
    (album / "b").symlink_to(tmp_path / "elsewhere")
    (album / "a/up").symlink_to(album)
    (album / "a/self").symlink_to(album / "a/self")
    (album / "z.jpg").symlink_to(album / "gone.jpg")
    assert names(album) == ["a/1.jpg", "b/2.jpg", "z.jpg"]


def test_a_pipe_is_never_opened(tmp_path: Path) -> None:
    write(tmp_path / "a.jpg")
    os.mkfifo(tmp_path / "b.jpg")
    os.mkfifo(tmp_path / "c")
    (tmp_path / "d.jpg").symlink_to("/dev/zero")
    assert names(tmp_path) == ["a.jpg"]
    assert dict(listed(tmp_path)[1]) == {"b.jpg": "a pipe", "c": "a pipe", "d.jpg": "a device"}


@pytest.mark.parametrize("name", ["set.csv", "set.tar"])
def test_a_pipe_in_place_of_a_list_or_tar_is_refused(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(UserError, match=rf"{name} is a pipe, not a file"):
        list_any(tmp_path / name)


def test_names_that_are_no_utf8_can_be_written(tmp_path: Path) -> None:
    os.mkdir(os.fsencode(tmp_path) + b"/\xe9t\xe9")  # noqa: PTH102 a Path takes no bytes
    with open(os.fsencode(tmp_path) + b"/\xe9t\xe9/caf\xe9.jpg", "wb") as file:  # noqa: PTH123
        file.write(PICTURE)
    (found,) = list_any(tmp_path)
    assert (found.name, found.group) == (r"\xe9t\xe9/caf\xe9.jpg", r"\xe9t\xe9")
    assert found.path.read_bytes() == PICTURE


def test_a_csv(tmp_path: Path) -> None:
    write(tmp_path / "in/1.jpg")
    csv = write(
        tmp_path / "list.csv",
        b"label,file,group\ncat,in/1.jpg,zoo\n,gone.jpg,\n dog ,/x/y.png,zoo\n",
    )
    assert list_any(csv) == [
        Found("/x/y.png", "zoo", "dog", Path("/x/y.png")),
        Found("gone.jpg", "", None, tmp_path / "gone.jpg"),
        Found("in/1.jpg", "zoo", "cat", tmp_path / "in/1.jpg"),
    ]


def test_a_csv_that_names_what_systems_leave(tmp_path: Path) -> None:
    csv = write(tmp_path / "list.csv", b"file\na.png\nn/.DS_Store\nn/Thumbs.db\n")
    assert list_any(csv) == [Found("a.png", "", None, tmp_path / "a.png")]
    assert listed(csv)[1] == [
        Skipped("n/.DS_Store", "hidden"),
        Skipped("n/Thumbs.db", "a by-product of a system"),
    ]


def test_a_csv_with_nothing_but_the_column_file(tmp_path: Path) -> None:
    csv = write(tmp_path / "list.CSV", b"\xef\xbb\xbffile\n007\n")
    assert list_any(csv) == [Found("007", "", None, tmp_path / "007")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"path;label\na.jpg;1\n", "column 'file' is missing; it has path, label. It needs file"),
        (b"file,label\na.jpg,1,2\n", "line 2 has 3 values for the 2 columns file, label"),
        (b"file,label\na.jpg,caf\xe9\n", "line 2 is neither UTF-8 nor UTF-16"),
        (b"file\0label\n", "holds bytes of 0"),
        (b"file,file\na,b\n", "column 'file' stands twice"),
        (b"file,label\na.jpg,1\n,2\n", "line 3: file is empty; name a picture"),
        (b"file\na.jpg\nb.jpg\na.jpg\n", "lists 'a.jpg' twice; leave one out"),
        (b"file\n", "holds no picture"),
        (b"", "is no CSV table"),
    ],
)
def test_a_csv_that_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    csv = write(tmp_path / "list.csv", content)
    with pytest.raises(UserError, match=rf"list\.csv.*{message}"):
        list_any(csv)


def test_a_tar_of_pictures(tmp_path: Path) -> None:
    members = [
        ("./b/2.jpg", jpeg(2)),
        ("1.png", jpeg(1)),
        ("notes.txt", b"no picture"),
        ("b/._2.jpg", b"what macOS leaves"),
        ("b/plain", jpeg(3)),
        ("b/other", b"no picture"),
    ]
    found = list_any(write_tar(tmp_path / "set.tar", members))
    assert [(f.name, f.group, f.label) for f in found] == [
        ("set.tar:1.png", "", None),
        ("set.tar:b/2.jpg", "b", None),
        ("set.tar:b/plain", "b", None),
    ]
    read = [read_bytes(f.path, f.offset, f.size) for f in found]
    assert read == [jpeg(1), jpeg(2), jpeg(3)]


def test_a_member_that_was_replaced_is_listed_once(tmp_path: Path) -> None:
    (found,) = list_any(write_tar(tmp_path / "a.tar", [("1.jpg", jpeg(1)), ("1.jpg", jpeg(2))]))
    assert read_bytes(found.path, found.offset, found.size) == jpeg(2)


def test_the_labels_of_a_webdataset_shard(tmp_path: Path) -> None:
    members = [
        ("x/1.jpg", PICTURE),
        ("x/1.cls", b"7\n"),
        ("x/2.jpg", PICTURE),
        ("2.cls", b"8"),
        ("x/3.jpg", PICTURE),
        ("x/3.cls", b" "),
        ("x/4.left.jpg", PICTURE),
        ("x/4.cls", b"\xff"),
    ]
    found = list_any(write_tar(tmp_path / "a.tar", members))
    assert [f.label for f in found] == ["7", None, None, "\ufffd"]


def test_a_folder_of_shards_and_pictures(tmp_path: Path) -> None:
    write_tar(tmp_path / "b/000.tar", [("x/1.jpg", PICTURE)])
    write_tar(tmp_path / "b/001.tar", [("x/1.jpg", PICTURE)])
    write(tmp_path / "c.jpg")
    found = list_any(tmp_path)
    assert [(f.name, f.group) for f in found] == [
        ("b/000.tar:x/1.jpg", "x"),
        ("b/001.tar:x/1.jpg", "x"),
        ("c.jpg", ""),
    ]


def test_paths_that_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"gone is not there; name a folder of pictures"):
        list_any(tmp_path / "gone")
    with pytest.raises(UserError, match=r"a\.jpg is not of a kind that is listed; name a folder"):
        list_any(write(tmp_path / "a.jpg"))
    for name in ("a.tar.gz", "a.tgz", "a.zip"):
        with pytest.raises(UserError, match=rf"{name} is compressed; unpack it"):
            list_any(write(tmp_path / name))
    with pytest.raises(UserError, match="is no uncompressed tar archive"):
        list_any(write_tar(tmp_path / "b.tar", [("a.jpg", PICTURE)], "w:gz"))
    with pytest.raises(
        UserError, match=r"c\.tar holds no picture: 1 file passed over: 1 not a pic"
    ):
        list_any(write_tar(tmp_path / "c.tar", [("a.txt", b"")]))


def test_folders_without_a_picture_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no picture: it is empty"):
        list_any(tmp_path)
    write(tmp_path / "x/a.NEF", b"II*\0")
    write(tmp_path / "notes", b"")
    with pytest.raises(
        UserError, match=r"2 files passed over: 1 a camera.s raw .* \(x/a\.NEF\); 1 not"
    ):
        list_any(tmp_path)
    write(tmp_path / "a.zip")
    with pytest.raises(UserError, match=r"3 files .*; 1 compressed: unpack it first \(a\.zip\)"):
        list_any(tmp_path)


def test_a_folder_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.jpg")
    write(tmp_path / "shut/b.jpg")
    scandir = os.scandir

    def refusing(path: str) -> object:
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(UserError, match=r"shut cannot be listed: Permission denied. Allow"):
        list_any(tmp_path)


PARTS = st.text("ab.ä", min_size=1, max_size=4).filter(lambda part: part[-1] != ".")
FILES = st.tuples(st.lists(PARTS, max_size=2), PARTS, st.sampled_from([".jpg", ".png", ""]))


@given(files=st.lists(FILES, min_size=1, max_size=8))
@settings(deadline=None, max_examples=40)
def test_every_picture_of_a_folder_is_listed_once(
    files: list[tuple[list[str], str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("folder")
    expected = set()
    for folders, stem, suffix in files:
        parts = [*(f"{part}_" for part in folders), stem + suffix]
        write(root.joinpath(*parts))
        if not any(part.startswith(".") for part in parts):
            expected.add("/".join(parts))
    write(root / "always.jpg")
    found = list_any(root)
    assert {f.name for f in found} == {*expected, "always.jpg"}
    assert [f.name for f in found] == sorted({f.name for f in found})
    for one in found:
        assert one.name == (f"{one.group}/" if one.group else "") + one.path.name
        assert read_any(read_bytes(one.path, one.offset, one.size), one.name).picture.shape[0] == 8
