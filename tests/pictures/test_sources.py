"""Listing pictures: what is found, and what each kind of bad input is told."""

from pathlib import Path

import polars as pl
import pytest
from samples import make_photograph

from causal_iqa.core.columns import CLASSES, MANIFEST
from causal_iqa.core.config import Pictures
from causal_iqa.core.contract import read_provenance, read_table
from causal_iqa.core.errors import UserError
from causal_iqa.pictures.classes import imagenet_classes
from causal_iqa.pictures.manifest import write_manifest
from causal_iqa.pictures.picture import Picture
from causal_iqa.pictures.sources import list_pictures, listing, take_subset


def imagefolder(path: Path, **more: object) -> Pictures:
    return Pictures.model_validate({"source": "imagefolder", "path": path, **more})


def test_imagenet_classes_are_in_the_order_of_sorted_wnids() -> None:
    classes = imagenet_classes()
    assert classes.height == 1000
    assert classes["wnid"].is_sorted()
    assert classes.row(436) == (436, "n02814533", "beach wagon")


def test_embedded_pictures_are_foolbox_s_twenty() -> None:
    pictures = list_pictures(Pictures())
    assert len(pictures) == 20
    assert len({picture.label for picture in pictures}) == 19
    assert all(f"_{picture.label}.jpg" in picture.path.name for picture in pictures)


def test_folder_per_class_is_labelled_by_wnid(photographs: Path) -> None:
    found = {picture.image_id: picture.label for picture in list_pictures(imagefolder(photographs))}
    assert found == {"p00": 0, "p01": 0, "p02": 0, "p10": 436, "p11": 436, "p12": 436}


@pytest.mark.parametrize("label", ["n02814533", "436", "beach wagon"])
def test_csv_label_is_a_wnid_an_index_or_a_name(tmp_path: Path, label: str) -> None:
    make_photograph(tmp_path / "car.png", 0)
    (tmp_path / "list.csv").write_text(f"file,label\ncar.png,{label}\n")
    assert list_pictures(imagefolder(tmp_path / "list.csv"))[0].label == 436


def test_manifest_and_classes_are_written(photographs: Path, tmp_path: Path) -> None:
    manifest, classes = tmp_path / "r" / "manifest.parquet", tmp_path / "r" / "classes.csv"
    write_manifest(imagefolder(photographs), manifest, classes)
    assert read_table(manifest, MANIFEST)["image_id"].to_list() == [
        *("p00", "p01", "p02", "p10", "p11", "p12")
    ]
    assert read_table(classes, CLASSES).height == 1000
    assert read_provenance(manifest)["restrict_to"] is None


def test_own_names_are_mapped_and_predictions_restricted(tmp_path: Path) -> None:
    for name in ("car", "fish"):
        make_photograph(tmp_path / "set" / name / f"{name}1.png", len(name))
    (tmp_path / "map.csv").write_text("class,index\ncar,436\nfish,0\nship,510\n")
    config = imagefolder(tmp_path / "set", class_map=tmp_path / "map.csv", restrict=True)
    write_manifest(config, tmp_path / "manifest.parquet", tmp_path / "classes.csv")
    assert read_table(tmp_path / "manifest.parquet", MANIFEST)["label"].to_list() == [436, 0]
    assert read_provenance(tmp_path / "manifest.parquet")["restrict_to"] == [0, 436, 510]


def test_listing_sees_an_added_and_a_changed_picture(photographs: Path) -> None:
    def now() -> str:
        return listing(imagefolder(photographs))

    first = now()
    assert now() == first
    make_photograph(photographs / "n01440764" / "new.png", 5)
    second = now()
    make_photograph(photographs / "n01440764" / "new.png", 6, (100, 90))
    assert len({first, second, now()}) == 3


def csv_fault(folder: Path, text: str) -> Pictures:
    make_photograph(folder / "a.png", 0)
    make_photograph(folder / "sub" / "a.png", 0)
    (folder / "list.csv").write_text(text)
    return imagefolder(folder / "list.csv")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("file,label\na.png,0\na.png,0\n", r"a\.png is listed twice; leave one out"),
        ("image_id,file,label\nx,a.png,0\nx,sub/a.png,0\n", "id 'x' is both"),
        ("file,label\na.png,1000\n", "line 2: label 1000 is outside the classes 0 to 999"),
        ("file,label\na.png,no such thing\n", "line 2: 'no such thing' is no wnid"),
        ("file,label\nb.png,0\n", r"line 2: there is no file .*b\.png"),
        ("file,label\n", "holds no picture: it is empty. It needs a folder with a folder per"),
        ("file,class\na.png,0\n", "column 'label' is missing"),
        ("file,label\na.png,\n", "line 2: label is empty or missing; it needs file,label"),
        ("image_id,file,label\nx/y,a.png,0\n", "image_id 'x/y' .* holds a '/'"),
    ],
)
def test_faulty_csv_is_named(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(UserError, match=fault):
        list_pictures(csv_fault(tmp_path, text))


def test_ambiguous_name_is_refused(tmp_path: Path) -> None:
    twice = imagenet_classes().filter(pl.col("name").is_duplicated())["name"][0]
    with pytest.raises(UserError, match="unambiguous name"):
        list_pictures(csv_fault(tmp_path, f"file,label\na.png,{twice}\n"))


def test_missing_folder_and_empty_set_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="neither a folder nor a CSV file"):
        list_pictures(imagefolder(tmp_path / "nowhere"))
    with pytest.raises(UserError, match=r"holds no picture: it is empty\. It needs a folder"):
        list_pictures(imagefolder(tmp_path))
    shards = Pictures.model_validate({"source": "webdataset", "path": tmp_path})
    with pytest.raises(UserError, match=r"holds no picture: it is empty\. It needs shards: \.tar"):
        list_pictures(shards)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("class,index\nn01440764,0\n", "'n02814533' is not in pictures.class_map"),
        ("class,index\nn01440764,1000\n", "maps to 1000; allowed: 0 to 999"),
        ("class,index\nn01440764,0\nn01440764,1\n", "stands more than once"),
    ],
)
def test_faulty_class_map_is_named(photographs: Path, text: str, fault: str) -> None:
    file = photographs.parent / "map.csv"
    file.write_text(text)
    with pytest.raises(UserError, match=fault):
        list_pictures(imagefolder(photographs, class_map=file))


def test_class_list_with_a_gap_is_refused(photographs: Path) -> None:
    file = photographs.parent / "classes.csv"
    file.write_text("index,wnid,name\n0,n01440764,tench\n2,n02814533,beach wagon\n")
    with pytest.raises(UserError, match="index must count 0, 1, 2"):
        list_pictures(imagefolder(photographs, classes=file))


def described(root: Path, name: str, text: str) -> Path:
    for number in range(2):
        make_photograph(root / "images" / f"{number}.png", number)
    (root / name).write_text(text)
    return root


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("metadata.csv", "file_name,label\nimages/0.png,436\nimages/1.png,n01440764\n"),
        (
            "metadata.jsonl",
            '{"file_name": "images/0.png", "label": 436}\n'
            '{"file_name": "images/1.png", "label": 0}\n',
        ),
    ],
)
def test_a_described_folder(tmp_path: Path, name: str, text: str) -> None:
    pictures = list_pictures(imagefolder(described(tmp_path, name, text)))
    assert [(p.image_id, p.label) for p in pictures] == [("0", 436), ("1", 0)]


def test_a_described_folder_names_line_and_column(tmp_path: Path) -> None:
    folder = described(tmp_path, "metadata.jsonl", '{"file_name": "images/9.png", "label": 0}\n')
    with pytest.raises(UserError, match=r"metadata\.jsonl, line 1: there is no file"):
        list_pictures(imagefolder(folder))
    described(tmp_path, "metadata.jsonl", '{"file_name": "images/0.png"}\n')
    with pytest.raises(UserError, match="line 1: label is empty or missing; it needs"):
        list_pictures(imagefolder(folder))


def test_a_larger_subset_holds_the_smaller_one() -> None:
    pictures = [Picture(f"p{n:03}", n % 4, Path("x")) for n in range(100)]
    few, more = (take_subset(pictures, count, seed=0) for count in (3, 7))
    assert set(few) < set(more)
    assert [sum(p.label == k for p in more) for k in range(4)] == [7] * 4
    assert take_subset(pictures, 3, seed=1) != few == sorted(few)
    assert take_subset(pictures, 200, seed=0) == pictures
    other_classes = [p for p in pictures if p.label != 2]
    assert take_subset(other_classes, 3, seed=0) == [p for p in few if p.label != 2]


def test_a_subset_of_the_configuration_is_taken(photographs: Path) -> None:
    config = imagefolder(photographs, subset={"per_class": 2})
    assert [p.label for p in list_pictures(config)] == [0, 0, 436, 436]


@pytest.mark.parametrize("listing", ["list.csv", "metadata.csv"])
def test_pictures_of_one_name_beside_their_list_take_their_suffix(
    tmp_path: Path, listing: str
) -> None:
    for place, name in enumerate(("1.jpg", "1.png", "2.png", "sub/2.png")):
        make_photograph(tmp_path / name, place)
    column = "file" if listing == "list.csv" else "file_name"
    path = tmp_path / listing if listing == "list.csv" else tmp_path

    def ids(*rows: str) -> list[str]:
        (tmp_path / listing).write_text("\n".join([f"{column},label,image_id", *rows]))
        found = list_pictures(Pictures(source="imagefolder", path=path))
        return [picture.image_id for picture in found]

    assert ids("1.jpg,0,", "1.png,0,", "2.png,0,", "sub/2.png,0,") == [
        *("1.jpg", "1.png", "2", "sub_2")
    ]
    assert ids("1.png,0,", "2.png,0,") == ["1", "2"]
    with pytest.raises(UserError, match="id 'x' is both"):
        ids("1.jpg,0,x", "1.png,0,x")
