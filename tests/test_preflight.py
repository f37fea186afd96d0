"""What is looked at before any job: corruptions, class lists, folders, numbers of pictures."""

from pathlib import Path
from typing import Any

import pytest
from samples import make_photograph

from causal_iqa.core.errors import UserError
from causal_iqa.corruptions.registry import CORRUPTIONS
from causal_iqa.preflight import preflight

NET = {"kind": "classifier", "model": "package:squeezenet1_1"}


def test_a_corruption_without_an_entry_is_found_before_any_job(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(CORRUPTIONS, "fog")
    with pytest.raises(UserError, match=r"fog stands in core/conditions\.py, and has no entry in"):
        preflight({"conditions": {"corruptions": ["snow", "fog"]}})
    preflight({"conditions": {"corruptions": ["snow"]}})


def test_class_list_of_the_wrong_length_is_named(photographs: Path) -> None:
    classes = photographs.parent / "classes.csv"
    classes.write_text("index,wnid,name\n0,n01440764,tench\n1,n02814533,beach wagon\n")
    pictures = {"source": "imagefolder", "path": str(photographs), "classes": str(classes)}
    with pytest.raises(UserError, match=r"lists 2 classes, but scorers\.net predicts 1000"):
        preflight({"pictures": pictures, "scorers": {"net": NET}})


def test_missing_folder_is_found_before_any_job(tmp_path: Path) -> None:
    pictures = {"source": "imagefolder", "path": str(tmp_path / "nowhere")}
    with pytest.raises(UserError, match="nowhere is neither a folder nor a CSV file"):
        preflight({"pictures": pictures})


def picture_set(root: Path, count: int) -> dict[str, Any]:
    for k in range(count):
        make_photograph(root / "n01440764" / f"p{k}.png", k, (30, 20))
    return {"source": "imagefolder", "path": str(root)}


def test_one_picture_is_too_few(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is 1 picture; at least 2 are needed"):
        preflight({"pictures": picture_set(tmp_path, 1), "scorers": {"net": NET}})
    preflight({"pictures": picture_set(tmp_path, 2), "scorers": {"net": NET}})


@pytest.mark.parametrize(("count", "most"), [(2, 0.5), (3, 0.66), (5, 0.8)])
def test_a_fraction_that_leaves_nothing_to_train_on_is_too_large(
    tmp_path: Path, count: int, most: float
) -> None:
    def asked(fraction: float) -> dict[str, Any]:
        pictures = picture_set(tmp_path, count)
        analysis = {"test_fraction": fraction}
        return {"pictures": pictures, "scorers": {"net": NET}, "analysis": analysis}

    said = f"test_fraction: 0.95 of {count} pictures leaves none to train on; give {most} or less"
    with pytest.raises(UserError, match=said):
        preflight(asked(0.95))
    preflight(asked(most))
    preflight(asked(0.01))  # one is held out at least


def test_a_subset_counts_as_it_is(tmp_path: Path) -> None:
    pictures = {**picture_set(tmp_path, 3), "subset": {"per_class": 1}}
    with pytest.raises(UserError, match="there is 1 picture"):
        preflight({"pictures": pictures, "scorers": {"net": NET}})


@pytest.mark.parametrize("key", ["templates", "class_names"])
def test_a_text_file_that_is_no_text_is_named(tmp_path: Path, key: str) -> None:
    (tmp_path / "lines.txt").write_bytes(b"a photo of {}\n\xff\xfe{}\n")
    dual = {
        "kind": "zero_shot",
        "model": "assembled:lite0-minilm",
        key: str(tmp_path / "lines.txt"),
    }
    said = rf"scorers\.dual\.{key}: .*lines\.txt, line 2: this is no UTF-8 text"
    with pytest.raises(UserError, match=said):
        preflight({"scorers": {"net": NET, "dual": dual}})
