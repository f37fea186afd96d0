"""A condition that is not what it says stops a run by name, and the next plain run mends it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from samples import make_photograph
from small_project import Project, make_project

pytestmark = pytest.mark.slow
MADE = ("conditions/*/*", "scores/*/*/*", "panel/*", "groups.parquet")
JOINED = "results/small/groups.parquet"
"""What is made from the joined scores of every scorer; tables and page follow from it."""


def contents(project: Project) -> dict[str, bytes]:
    files = (project.files(pattern) for pattern in MADE)
    return {name: found for part in files for name, (_, found) in part.items()}


def flip(tar: Path) -> None:
    content = bytearray(tar.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 64] = bytes(255 - byte for byte in content[middle : middle + 64])
    tar.write_bytes(content)


def put_another_in_place(tar: Path) -> None:
    other = tar.parents[1] / "pixelate" / "1.tar"
    for suffix in (".tar", ".index.parquet"):
        shutil.copy(other.with_suffix(suffix), tar.with_suffix(suffix))


def cut(tar: Path) -> None:
    tar.write_bytes(tar.read_bytes()[:2000])


@pytest.mark.parametrize(
    ("damage", "said"),
    [(flip, "its SHA-256"), (put_another_in_place, "pixelate/1"), (cut, "cut short")],
    ids=["flipped", "another", "cut"],
)
def test_a_damaged_condition_is_refused_and_made_again(
    project: Project, damage: object, said: str
) -> None:
    before = contents(project)
    tar = project.results / "conditions" / "fog" / "3.tar"
    damage(tar)  # type: ignore[operator]
    status, output = project.snakemake("scores")
    assert status != 0 and "Traceback" not in output
    told = " ".join(output.split())
    assert "conditions/fog/3.tar" in told and said in told
    assert "Run the same snakemake command again" in told
    assert (
        contents(project).items() >= {k: v for k, v in before.items() if "fog/3" not in k}.items()
    )
    project.run("scores")
    after = contents(project)
    assert {name: after[name] for name in before} == before
    new = {Path(name).name for name in after.keys() - before.keys()}
    assert new == {"3.tar.damaged", "3.index.parquet.damaged", "damaged.txt"}
    assert project.would_run("scores") == {}


def test_a_picture_that_changed_unseen_is_named_and_listed_anew(project: Project) -> None:
    """Its size and time are as before, so that only its bytes tell."""
    picture = project.root / "pictures" / "n01440764" / "p01.png"
    before = picture.stat()
    other = make_photograph(project.root / "other.png", 77, (200, 170)).read_bytes()
    picture.write_bytes(other.ljust(before.st_size, b"\0"))
    os.utime(picture, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert picture.stat().st_size == before.st_size
    (project.results / "conditions" / "fog" / "3.tar").unlink()
    status, output = project.snakemake("scores", "--forcerun", "corrupt_fog")
    assert status != 0 and "Traceback" not in output
    assert "p01.png was changed since it was listed in manifest.parquet" in output
    project.run(JOINED)
    again = make_project(project.root.parent / "again")
    shutil.copytree(project.root / "pictures", again.root / "pictures", dirs_exist_ok=True)
    again.run(JOINED)
    for pattern in ("conditions/*/*.tar", "scores/*/*/*.parquet", "groups.parquet"):
        found, wanted = project.files(pattern), again.files(pattern)
        assert wanted and {k: v for k, (_, v) in found.items()} == {
            k: v for k, (_, v) in wanted.items()
        }
    assert project.would_run(JOINED) == {}


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ("tv/pixelate/1", "holds scores of another condition, pixelate/1"),
        ("squeezenet/fog/3", "holds scores of another scorer"),
    ],
)
def test_a_score_file_of_another_scorer_or_condition_is_refused_by_name(
    project: Project, other: str, said: str
) -> None:
    before = contents(project)
    path = project.results / "scores" / "tv" / "fog" / "3.parquet"
    shutil.copyfile(project.results / "scores" / f"{other}.parquet", path)
    status, output = project.snakemake(JOINED)
    assert status != 0 and "Traceback" not in output
    assert f"scores/tv/fog/3.parquet {said}" in " ".join(output.split())
    project.run(JOINED)
    assert contents(project) == before
    assert project.would_run(JOINED) == {}
