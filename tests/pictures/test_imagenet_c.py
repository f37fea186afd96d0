"""ImageNet-C as published, read in place; what is absent or wrong is named."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from published_world import NAMES, corrupted_files, write_devkit, write_tar, write_val_tar

from causal_iqa.core.condition_archive import Archive, condition_provenance
from causal_iqa.core.conditions import Condition
from causal_iqa.core.config import Pictures
from causal_iqa.core.contract import Results
from causal_iqa.core.errors import UserError
from causal_iqa.core.jpeg import decode
from causal_iqa.pictures.imagenet_c import find, require, write_indices
from causal_iqa.pictures.manifest import write_manifest

FOGS = [Condition("fog", 1), Condition("fog", 2)]
FILES = corrupted_files(("fog", "snow"), (1, 2))


@pytest.fixture
def results(tmp_path: Path) -> Results:
    """A manifest of the miniature validation pictures."""
    write_val_tar(tmp_path / "val")
    write_devkit(tmp_path / "val")
    made = Results(tmp_path / "results")
    config = {"source": "imagenet", "path": tmp_path / "val", "verify": False}
    write_manifest(Pictures.model_validate(config), made.manifest, made.classes)
    return made


def unpack(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def packed(folder: Path, files: dict[str, bytes]) -> Path:
    return write_tar(folder / "weather.tar", files.items())


def opened(folder: Path, files: dict[str, bytes]) -> Path:
    return unpack(folder, files) / "fog"


@pytest.mark.parametrize("place", [packed, opened])
def test_pictures_are_read_where_they_lie(
    results: Results, tmp_path: Path, place: Callable[[Path, dict[str, bytes]], Path]
) -> None:
    source = place(tmp_path / "c", FILES)
    write_indices(results, source, FOGS, verify=False)
    for condition in FOGS:
        assert not results.condition(condition).exists()
        with Archive(results.condition(condition)) as archive:
            assert archive.index["image_id"].to_list() == sorted(NAMES)
            for row, member in enumerate(archive.index["member"]):
                expected = decode(FILES[member], "")
                np.testing.assert_array_equal(archive.read(row), expected)
    fingerprints = {condition_provenance(results.condition(c))["fingerprint"] for c in FOGS}
    assert len(fingerprints) == 2


def test_the_same_archive_gives_the_same_index(results: Results, tmp_path: Path) -> None:
    tar = packed(tmp_path / "c", FILES)
    index = results.condition(FOGS[0]).with_suffix(".index.parquet")
    written = []
    for _ in range(2):
        write_indices(results, tar, FOGS, verify=False)
        written.append(index.read_bytes())
    assert written[0] == written[1]


def test_pictures_beyond_the_manifest_are_left_aside(results: Results, tmp_path: Path) -> None:
    more = {"fog/1/n01440764/ILSVRC2012_val_00009999.JPEG": b"x"}
    write_indices(results, packed(tmp_path / "c", FILES | more), FOGS, verify=False)
    with Archive(results.condition(FOGS[0])) as archive:
        assert len(archive) == len(NAMES)


def without(name: str) -> dict[str, bytes]:
    return {key: value for key, value in FILES.items() if name not in key}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (without("fog/2/n01440764"), r"fog/2 lacks picture 'ILSVRC2012_val_00000002'; it has 3 of"),
        (without("fog/2"), r"fog/2 lacks picture 'ILSVRC2012_val_00000001'; it has none of"),
        (
            without("fog/1/n01440764") | {"fog/1/n15075141/ILSVRC2012_val_00000002.JPEG": b"x"},
            r"another class; the manifest says n01440764",
        ),
        (
            FILES | {"fog/1/n02814533/again/ILSVRC2012_val_00000001.JPEG": b"x"},
            r"again/ILSVRC2012_val_00000001\.JPEG is not CORRUPTION/SEVERITY/WNID",
        ),
    ],
)
def test_what_is_wrong_is_named_and_no_index_appears(
    results: Results, tmp_path: Path, files: dict[str, bytes], said: str
) -> None:
    with pytest.raises(UserError, match=said):
        write_indices(results, packed(tmp_path / "c", files), FOGS, verify=False)
    assert not list(results.root.rglob("*.index.parquet"))


def test_another_archive_than_the_published_one_is_refused(
    results: Results, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=r"as published it has 33ffea4d.*conditions\.verify: false"):
        write_indices(results, packed(tmp_path / "c", FILES), FOGS, verify=True)


def test_an_archive_that_is_cut_short_later_is_not_trusted(
    results: Results, tmp_path: Path
) -> None:
    tar = packed(tmp_path / "c", FILES)
    write_indices(results, tar, FOGS, verify=False)
    tar.write_bytes(tar.read_bytes()[:2000])
    assert condition_provenance(results.condition(FOGS[1])) == {}


def test_where_a_corruption_lies(tmp_path: Path) -> None:
    for place in ("weather.tar", "noise.tar"):
        write_tar(tmp_path / place, [])
    (tmp_path / "blur" / "glass_blur").mkdir(parents=True)
    (tmp_path / "snow").mkdir()
    assert find(tmp_path, "fog") == tmp_path / "weather.tar"
    assert find(tmp_path, "snow") == tmp_path / "snow"
    assert find(tmp_path, "glass_blur") == tmp_path / "blur" / "glass_blur"
    assert find(tmp_path, "contrast") is None
    with pytest.raises(UserError, match=r"the archive of contrast, saturate\. Get the archives"):
        require(tmp_path, ["fog", "contrast", "saturate"])
