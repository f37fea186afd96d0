"""Making conditions: bytes depend on seed, picture and condition, and on nothing else."""

from pathlib import Path

import pytest
from samples import make_photograph

from causal_iqa.core.condition_archive import Archive, condition_provenance, index_path
from causal_iqa.core.conditions import Condition, grid
from causal_iqa.core.config import Pictures
from causal_iqa.core.contract import Results
from causal_iqa.core.errors import UserError
from causal_iqa.corruptions.generate import make_conditions
from causal_iqa.pictures.manifest import write_manifest

NOISE = [Condition("gaussian_noise", severity) for severity in (1, 3, 5)]


def start(photographs: Path, root: Path) -> Results:
    results = Results(root)
    pictures = Pictures(source="imagefolder", path=photographs)
    write_manifest(pictures, results.manifest, results.classes)
    return results


def tars(results: Results, conditions: list[Condition] = NOISE) -> list[bytes]:
    return [results.condition(condition).read_bytes() for condition in conditions]


@pytest.fixture
def made(photographs: Path, tmp_path: Path) -> Results:
    results = start(photographs, tmp_path / "made")
    make_conditions(results, NOISE, 0, tmp_path, workers=1)
    return results


def test_number_of_workers_changes_no_byte(
    made: Results, photographs: Path, tmp_path: Path
) -> None:
    other = start(photographs, tmp_path / "other")
    make_conditions(other, NOISE, 0, tmp_path, workers=2)
    assert tars(other) == tars(made)


def test_choice_and_order_of_conditions_change_no_byte(
    made: Results, photographs: Path, tmp_path: Path
) -> None:
    other = start(photographs, tmp_path / "other")
    for condition in reversed(NOISE):
        make_conditions(other, [condition], 0, tmp_path, workers=1)
    assert tars(other) == tars(made)


def test_another_picture_changes_no_other_picture(
    made: Results, photographs: Path, tmp_path: Path
) -> None:
    (photographs / "n01440764" / "p00.png").unlink()
    other = start(photographs, tmp_path / "other")
    make_conditions(other, NOISE[:1], 0, tmp_path, workers=1)
    with Archive(made.condition(NOISE[0])) as all_six, Archive(other.condition(NOISE[0])) as five:
        assert len(five) == 5
        for row in range(5):
            assert (five.read(row) == all_six.read(row + 1)).all()


def test_same_pixels_under_two_ids_get_different_noise(photographs: Path, tmp_path: Path) -> None:
    folder = photographs / "n01440764"
    (folder / "twin.png").write_bytes((folder / "p00.png").read_bytes())
    results = start(photographs, tmp_path / "made")
    make_conditions(results, NOISE[:1], 0, tmp_path, workers=1)
    with Archive(results.condition(NOISE[0])) as archive:
        ids = archive.index["image_id"].to_list()
        assert (archive.read(ids.index("p00")) != archive.read(ids.index("twin"))).any()


def test_seed_changes_the_noise(made: Results, photographs: Path, tmp_path: Path) -> None:
    other = start(photographs, tmp_path / "other")
    make_conditions(other, NOISE, 1, tmp_path, workers=1)
    assert all(a != b for a, b in zip(tars(other), tars(made), strict=True))


def test_members_are_named_as_in_imagenet_c(made: Results) -> None:
    with Archive(made.condition(NOISE[1])) as archive:
        assert archive.index["member"][0] == "gaussian_noise/3/n01440764/p00.JPEG"
        assert archive.index["member"][5] == "gaussian_noise/3/n02814533/p12.JPEG"
        assert archive.read(0).shape == (224, 224, 3)


def test_up_to_date_archives_are_left_alone(made: Results, tmp_path: Path) -> None:
    before = [made.condition(c).stat().st_ino for c in NOISE]
    make_conditions(made, NOISE, 0, tmp_path, workers=1)
    assert [made.condition(c).stat().st_ino for c in NOISE] == before
    make_conditions(made, NOISE, 5, tmp_path, workers=1)
    assert [made.condition(c).stat().st_ino for c in NOISE] != before


@pytest.mark.parametrize("damage", ["tar cut", "index cut", "tar flipped"])
def test_damaged_archive_is_made_again_the_same(made: Results, tmp_path: Path, damage: str) -> None:
    before = tars(made)
    tar = made.condition(NOISE[0])
    path = tar if damage.startswith("tar") else index_path(tar)
    content = path.read_bytes()
    if damage.endswith("cut"):
        path.write_bytes(content[:100])
    else:
        path.write_bytes(
            content[:2000] + bytes(255 - b for b in content[2000:2064]) + content[2064:]
        )
    make_conditions(made, NOISE, 0, tmp_path, workers=1)
    assert tars(made) == before
    assert condition_provenance(tar)["seed"] == 0


@pytest.mark.parametrize("workers", [1, 2])
def test_unreadable_picture_is_named_and_leaves_no_archive(
    photographs: Path, tmp_path: Path, workers: int
) -> None:
    results = start(photographs, tmp_path / "made")
    (photographs / "n02814533" / "p11.png").write_bytes(b"")
    with pytest.raises(UserError, match=r"p11\.png: the file is empty"):
        make_conditions(results, NOISE, 0, tmp_path, workers)
    assert not (results.root / "conditions").exists() or not any(
        path.is_file() for path in (results.root / "conditions").rglob("*")
    )


def test_a_picture_that_was_changed_since_it_was_listed_is_named(
    photographs: Path, tmp_path: Path
) -> None:
    results = start(photographs, tmp_path / "made")
    make_photograph(photographs / "n02814533" / "p11.png", 99, (250, 400))
    with pytest.raises(UserError, match=r"p11\.png was changed since it was listed in manifest"):
        make_conditions(results, NOISE, 0, tmp_path, workers=1)
    assert not list((results.root / "conditions").rglob("*.tar"))


def test_frost_without_its_photographs_says_how_to_get_them(
    photographs: Path, tmp_path: Path
) -> None:
    results = start(photographs, tmp_path / "made")
    with pytest.raises(UserError, match=r"frost1\.png.*causal_iqa fetch"):
        make_conditions(results, grid(["frost"], [1])[1:], 0, tmp_path, workers=1)
