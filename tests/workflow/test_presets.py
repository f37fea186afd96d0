"""The presets: their whole DAG, and how soon it stands."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
import yaml
from samples import ROOT
from small_project import Project, make_project, name_archives_of_imagenet

from causal_iqa.core.config import read_config

pytestmark = pytest.mark.slow
PRESETS = sorted((ROOT / "resources" / "experiments").glob("*.yaml"), key=lambda path: path.stem)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """ImageNet and ImageNet-C by name only: a dry run looks at nothing else."""
    project = make_project(tmp_path_factory.mktemp("presets"))
    name_archives_of_imagenet(project.root / "data")
    return project


def use(project: Project, preset: Path) -> None:
    (project.root / "small.yaml").write_bytes(preset.read_bytes())


def test_there_are_three() -> None:
    assert [path.stem for path in PRESETS] == ["imagenet-c", "imagenet-c-small", "imagenette"]


@pytest.mark.parametrize("preset", PRESETS, ids=lambda path: path.stem)
def test_the_whole_dag_stands_within_20_seconds(project: Project, preset: Path) -> None:
    use(project, preset)
    start = time.perf_counter()
    jobs = project.would_run("paper")
    seconds = time.perf_counter() - start
    assert seconds < 20
    scored = sum(count for rule, count in jobs.items() if rule.startswith("score_"))
    assert scored == 16 * (6 + 4 + 1)
    assert jobs["fetch_weights"] == 6 + 2 + 1 and jobs["embed_class_names"] == 1
    assert {"analyse_strong", "analyse_content_image", "analyse_mixtures", "paper_page"} <= set(
        jobs
    )
    made = {rule for rule in jobs if rule.startswith("corrupt_")}
    read = {rule for rule in jobs if rule.startswith("index_")}
    if preset.stem == "imagenette":
        assert len(made) == 16 and not read and jobs["imagenette"] == 1
    else:
        assert made == {"corrupt_clean"}
        assert read == {"index_noise", "index_blur", "index_weather", "index_digital"}


def test_the_whole_presets_files_are_all_conditions_of_all_scorers(project: Project) -> None:
    use(project, PRESETS[0])
    output = project.run("scores", "--dry-run", "--printshellcmds", "--workflow-profile", "none")
    files = set(re.findall(r"results/imagenet-c/scores/[\w/]+\.parquet", output))
    assert len(files) == 76 * (6 + 4 + 1)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda path: path.stem)
def test_the_presets_are_valid_and_say_how_to_run_them(preset: Path) -> None:
    text = preset.read_text()
    config = read_config(yaml.safe_load(text))
    assert config.experiment == preset.stem
    assert text.count(f"--configfile resources/experiments/{preset.name}") == 3


def test_a_plan_needs_no_data_and_the_rest_does(tmp_path: Path) -> None:
    bare = make_project(tmp_path)
    use(bare, PRESETS[0])
    assert bare.would_run("plan")["plan"] == 1
    status, output = bare.snakemake("tables", "--dry-run")
    assert status != 0
    assert "error: pictures.path: data/imagenet is neither" in output
