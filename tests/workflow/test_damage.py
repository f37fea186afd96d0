"""A condition that is not what it says stops a run by name, and the next plain run mends it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from small_project import Project

pytestmark = pytest.mark.slow
MADE = ("conditions/*/*", "scores/*/*/*", "panel/*", "tables/*.csv")


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
    status, output = project.snakemake()
    assert status != 0 and "Traceback" not in output
    told = " ".join(output.split())
    assert "conditions/fog/3.tar" in told and said in told
    assert "Run the same snakemake command again" in told
    assert (
        contents(project).items() >= {k: v for k, v in before.items() if "fog/3" not in k}.items()
    )
    project.run()
    after = contents(project)
    assert {name: after[name] for name in before} == before
    new = {Path(name).name for name in after.keys() - before.keys()}
    assert new == {"3.tar.damaged", "3.index.parquet.damaged", "damaged.txt"}
    assert project.would_run() == {}


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ("tv/pixelate/1", "holds the same condition"),
        ("squeezenet/fog/3", "holds scores of another"),
    ],
)
def test_a_score_file_of_another_scorer_or_condition_is_refused_by_name(
    project: Project, other: str, said: str
) -> None:
    before = contents(project)
    path = project.results / "scores" / "tv" / "fog" / "3.parquet"
    shutil.copyfile(project.results / "scores" / f"{other}.parquet", path)
    status, output = project.snakemake()
    assert status != 0 and "Traceback" not in output
    assert f"scores/tv/fog/3.parquet {said}" in " ".join(output.split())
    project.run()
    assert contents(project) == before
    assert project.would_run() == {}
