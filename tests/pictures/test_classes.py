"""Lists of classes: what is wrong with one is said in words, with its line."""

from pathlib import Path

import pytest

from causal_iqa.core.errors import UserError
from causal_iqa.pictures.classes import (
    imagenet_classes,
    read_class_map,
    read_classes,
    read_lines,
    read_names,
)

MAPS = [
    (b"", "it is empty"),
    (b"class,index\n", "maps no class; give a row class,index"),
    (b"class,index\nbus,x\n", "line 2: index is 'x'; it needs a whole number"),
    (b"class,index\nbus,779\ncar,1.5\n", "line 3: index is '1.5'; it needs a whole number"),
    (
        b"class,index\nbus,99999999999\n",
        "line 2: class 'bus' maps to 99999999999; allowed: 0 to 999",
    ),
    (b"name,index\nbus,779\n", "column 'class' is missing"),
    (b"bus,779\ncar,817\n", "column 'class' is missing"),
    (b"class,index\nbus,779,1\n", "line 2 has 3 values for the 2 columns class, index"),
    (b"class,index\nbus\n", "line 2: index is ''; it needs a whole number"),
    (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "line 1 is neither UTF-8 nor UTF-16"),
    (b"class,index\nb\xfcs,779\n", "line 2 is neither UTF-8 nor UTF-16"),
    (b"\x00\x01\x02\x03", "is no table: it holds bytes of 0"),
    (b"class,index\nbus,1000\n", "line 2: class 'bus' maps to 1000; allowed: 0 to 999"),
]


@pytest.mark.parametrize(("content", "said"), MAPS)
def test_a_faulty_class_map_is_said_in_words(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "map.csv"
    file.write_bytes(content)
    with pytest.raises(UserError) as caught:
        read_class_map(file, imagenet_classes())
    told = str(caught.value)
    assert told.startswith(str(file)) and said in told and "\n" not in told
    for word in ("polars", "dtype", "i32", "infer_schema", "parse"):
        assert word not in told.removeprefix(str(file))


@pytest.mark.parametrize(
    "content",
    [
        b"class;index\nbus;779\n",
        b"class\tindex\nbus\t779\n",
        b"class, index\n bus , 779\n",
        "class,index\nbus,779\n".encode("utf-16"),
    ],
)
def test_a_class_map_in_any_usual_form(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "map.csv"
    file.write_bytes(content)
    assert read_class_map(file, imagenet_classes()) == {"bus": 779}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty"),
        (b"index,wnid,name\n", "lists no class"),
        (b"index,wnid,name\nzero,n1,a\n", "line 2: index is 'zero'; it needs a whole number"),
        (b"index,name\n0,a\n", "column 'wnid' is missing"),
        (b"index,wnid,name\n1,n1,a\n", "index must count 0, 1, 2"),
        (b"\xff\xfei\x00n\x00", "column 'index' is missing; it has in"),
    ],
)
def test_a_faulty_list_of_classes_is_said_in_words(
    tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "classes.csv"
    file.write_bytes(content)
    with pytest.raises(UserError) as caught:
        read_classes(file)
    assert str(file) in str(caught.value) and said in str(caught.value)


def test_names_that_are_no_text_are_named_with_the_line(tmp_path: Path) -> None:
    file = tmp_path / "names.txt"
    file.write_bytes(b"fox\ndog\xff\n")
    with pytest.raises(UserError, match=r"audit\.classes: .*names\.txt, line 2: this is no UTF-8"):
        read_names(file)
    file.write_text("fox\n dog \n\ncat\n\n")
    assert read_lines(file, "key") == ["fox", "dog", "", "cat"]
