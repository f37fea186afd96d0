"""Every command of README.md and docs/*.md runs, to the letter.

What a command reads is made as the documents describe it, and small: the experiment of config.yaml
is cut down, and folders hold a few pictures. Words are only ever appended, where a benchmark would
take long or a program is not here; ``tests/slurm`` runs the commands of a cluster on one.
"""

from __future__ import annotations

import os
import shutil
import site
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import pytest
import yaml
from documented_commands import BLOCK, commands, commands_in
from samples import ROOT, make_photograph
from small_project import Project, make_project, name_archives_of_imagenet

COMMANDS = {documented.command for documented in commands()}

CUT_DOWN = {
    "conditions": {"corruptions": ["fog", "pixelate"], "severities": [1, 3]},
    "scorers": {
        "squeezenet1_1": {"kind": "classifier", "model": "package:squeezenet1_1"},
        "tv": {"kind": "metric", "metric": "tv_l1_mean"},
    },
    "analysis": {"resamples": 100, "test_fraction": 0.5},
}
"""Of an experiment whose other keys stay as the documents have them."""

PAPER = {"paper": {"permutations": 20, "mixture_seeds": 1}}

NOT_FETCHED = {
    "PYTHONPATH": os.pathsep.join(["workflow", *site.getsitepackages()]),
    **{"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"},  # 0 is pip's word for none
}
"""A new environment finds the dependencies where this Python has them."""

MADE = "python3 -m venv .venv && . .venv/bin/activate"

SMALL_PRESET = "snakemake --cores 8 tables --configfile resources/experiments/imagenet-c-small.yaml"


class Way(NamedTuple):
    """How the test runs a command: appended words, what was run before it, its environment."""

    append: str = ""
    before: str = ":"
    environment: Mapping[str, str] = MappingProxyType({})
    here: bool = False
    """In this checkout rather than in a copy with a small experiment; nothing is written to it."""


LOCK = Path(".snakemake/locks/0.input.lock")
WAYS = {
    f"{MADE} && pip install -e . && snakemake --cores all": Way(environment=NOT_FETCHED),
    # these very tests are what it runs: they are collected, everything before them is run
    "bash .ci/run": Way(
        environment={**NOT_FETCHED, "PYTEST_ADDOPTS": "--collect-only --quiet"}, here=True
    ),
    "snakemake --cores all paper": Way(),
    "snakemake --cores 2": Way(),
    "snakemake --report report.html": Way(before="snakemake --cores all"),
    "snakemake --cores all estimators": Way(),
    "snakemake --cores all figures": Way(),
    "snakemake --cores all audit --config audit=/data/photographs": Way(),
    "snakemake --cores all audit --config audit=FOLDER": Way(),
    "python -m causal_iqa check mine.yaml": Way(),
    "snakemake --cores 8 --configfile mine.yaml": Way(),
    "snakemake --unlock": Way(
        f"&& test ! -e {LOCK}", before=f"mkdir -p {LOCK.parent} && touch {LOCK}"
    ),
    "snakemake --cores 1 weights --configfile mine.yaml": Way(),
    "snakemake --cores 8 plan --configfile resources/experiments/imagenette.yaml": Way(),
    "pip install -e '.[slurm]'": Way(before=MADE, environment=NOT_FETCHED),
    # a dry run takes a core for granted, which a run on a cluster is not given; a summary does not
    "snakemake --workflow-profile workflow/profiles/slurm --configfile mine.yaml": Way("--summary"),
    # ImageNet is there by name only
    SMALL_PRESET: Way("--dry-run"),
    f"""{SMALL_PRESET} --config experiment=bfloat16 'scoring={{"precision": "bfloat16"}}'""": Way(
        "--dry-run"
    ),
    "python benchmarks/precision.py results/imagenet-c-small results/bfloat16": Way(
        before="snakemake --cores all && cd results && "
        "cp -r embedded bfloat16 && cp -r embedded imagenet-c-small && cd .."
    ),
    "python benchmarks/interval_coverage.py --trials 600": Way(
        "--trials 1 --pictures 60 --resamples 20"
    ),
    "python benchmarks/corruptions.py --repeats 12": Way("--repeats 1"),
    "python benchmarks/scoring.py --pictures 64 --threads 1 2": Way(
        "--pictures 4 --threads 1 --scorers squeezenet1_1 tv", before="snakemake --cores all"
    ),
    "python benchmarks/make_scores.py FOLDER --pictures 5000": Way("--pictures 50 --classes 10"),
    "python benchmarks/statistics_speed.py": Way("--quick"),
    "python benchmarks/full_scale.py FOLDER": Way("--pictures 60 --target tables"),
}


def test_every_documented_command_is_run() -> None:
    assert set(WAYS) == COMMANDS


def test_commands_are_found_in_blocks_and_in_text() -> None:
    text = (
        "Run `snakemake\npaper`, not `snakemake` or `scores` or `python`.\n"
        "```bash\n./made --of \\\n  two lines\n\n```\n"
        "```yaml\nexperiment: mine\n```\n```\npip install it\nresults/\n```\n"
    )
    assert commands_in(text) == ["./made --of two lines", "pip install it", "snakemake paper"]


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """The photographs that the documents' paths name, with a folder per class."""
    folder = Path("/data/photographs")
    made = put_photographs(folder)
    yield folder
    shutil.rmtree(made)


def put_photographs(folder: Path) -> Path:
    """Make the photographs; what is to be taken away afterwards.

    A run that tried no command must not pass for one that did: it fails where something is in the
    way, and skips only where nobody said that everything is to be run (CI) and nothing can be done.
    """
    if folder.exists():
        pytest.fail(
            f"{folder} is there already, and the documents' commands are tried on pictures that "
            "are made there and taken away again. Move it out of the way, or delete it if a run of "
            "this test that was killed left it",
            pytrace=False,
        )
    made = folder if folder.parent.exists() else folder.parent
    try:
        photographs(folder)
    except OSError as error:
        said = f"{folder} cannot be made ({error}), so no command is tried. Make its place: "
        said += f"sudo install --directory --owner $USER {folder.parent}"
        if os.environ.get("CI"):
            pytest.fail(said, pytrace=False)
        pytest.skip(said)
    return made


def photographs(folder: Path) -> None:
    for number, wnid in enumerate(("n01440764", "n02814533")):
        for k in range(4):
            make_photograph(folder / wnid / f"p{number}{k}.png", 10 * number + k)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, data: Path) -> Project:
    """A copy with config.yaml cut down, README's mine.yaml cut down, and the folder FOLDER."""
    project = make_project(tmp_path_factory.mktemp("documented"))
    (project.root / "config.yaml").write_text(yaml.safe_dump({**CUT_DOWN, **PAPER}))
    blocks = (yaml.safe_load(body) for language, body in readme_blocks() if language == "yaml")
    mine = next(block for block in blocks if block["experiment"] == "mine")
    assert mine["pictures"]["path"] == str(data)
    name_archives_of_imagenet(project.root / "data")
    (project.root / "mine.yaml").write_text(yaml.safe_dump({**CUT_DOWN, **mine}))
    return project


ENDS = {True: pytest.fail.Exception, False: pytest.skip.Exception}
"""How a test ends whose photographs must be there, and one whose need not be."""


def test_what_is_in_the_way_of_the_photographs_fails_and_stays(tmp_path: Path) -> None:
    (tmp_path / "photographs").mkdir()
    with pytest.raises(tuple(ENDS.values()), match="Move it out of the way") as caught:
        put_photographs(tmp_path / "photographs")
    assert caught.type is ENDS[True]
    assert list(tmp_path.rglob("*")) == [tmp_path / "photographs"]


@pytest.mark.parametrize("ci", [True, False])
def test_where_photographs_cannot_be_made_a_gate_fails(
    ci: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true" if ci else "")
    (tmp_path / "data").write_text("a file, where no folder can be made")
    with pytest.raises(tuple(ENDS.values()), match="sudo install --directory") as caught:
        put_photographs(tmp_path / "data" / "photographs")
    assert caught.type is ENDS[ci]


def test_the_photographs_are_made_and_what_is_new_is_told(tmp_path: Path) -> None:
    assert put_photographs(tmp_path / "data" / "photographs") == tmp_path / "data"
    assert put_photographs(tmp_path / "data" / "others") == tmp_path / "data" / "others"
    assert len(list(tmp_path.glob("data/photographs/*/*.png"))) == 8


def readme_blocks() -> list[tuple[str, str]]:
    return BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))


@pytest.mark.slow
@pytest.mark.parametrize("command", WAYS)
def test_a_documented_command_runs(command: str, project: Project) -> None:
    way = WAYS[command]
    if "FOLDER" in command and "audit" in command:
        photographs(project.root / "FOLDER")
    where = Project(ROOT) if way.here else project
    script = f"{way.before}\n{command} {way.append}"
    running = where.shell(script, **way.environment)
    output, _ = running.communicate()
    shutil.rmtree(project.root / "FOLDER", ignore_errors=True)
    assert running.returncode == 0, output
