"""CONTRIBUTING.md's examples, followed to the letter: each addition is taken up by itself."""

from __future__ import annotations

import re
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import yaml
from PIL import Image
from samples import ROOT
from small_project import SMALL, Project, make_project

pytestmark = pytest.mark.slow

GUIDE = (ROOT / "CONTRIBUTING.md").read_text()
FILE = re.compile(r"^`(workflow/\S+)`\n\n```python\n(.*?)^```$", re.M | re.S)
PATCH = re.compile(r"^```diff\n(.*?)^```$", re.M | re.S)
CONFIG = re.compile(r"^```yaml\n(.*?)^```$", re.M | re.S)


def follow(root: Path) -> dict[str, Any]:
    """Make the guide's files and edits below ``root``; the sections of a configuration it names."""
    for patch in PATCH.findall(GUIDE):
        subprocess.run(["git", "apply", "-C1", "-"], cwd=root, input=patch, text=True, check=True)
    for name, text in FILE.findall(GUIDE):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    sections: dict[str, Any] = {}
    for text in CONFIG.findall(GUIDE):
        for name, section in yaml.safe_load(text).items():
            sections[name] = {**sections.get(name, {}), **section}
    return sections


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = make_project(tmp_path_factory.mktemp("guide"))
    sections = follow(project.root)
    scorers = {**SMALL["scorers"], **sections["scorers"]}
    project.configure(conditions=sections["conditions"], scorers=scorers)
    project.run("tables", "paper", "estimators")
    return project


def first_picture(condition: Path) -> np.ndarray:
    with tarfile.open(condition) as archive:
        return np.asarray(Image.open(archive.extractfile(archive.getmembers()[0])), float)


def table(project: Project, name: str) -> pl.DataFrame:
    return pl.read_csv(project.results / "tables" / f"{name}.csv")


def test_the_guide_has_an_example_of_each_kind() -> None:
    registries = re.findall(r"^\+\+\+ b/workflow/causal_iqa/(\S+)", GUIDE, re.M)
    assert set(registries) == {
        *("core/conditions.py", "corruptions/registry.py", "scorers/registry.py"),
        "audit/estimators/registry.py",
    }
    assert "analyses/spread/__init__.py" in GUIDE


def test_the_corruption_darkens_corners_by_what_it_says(project: Project) -> None:
    clean, *dark = (
        first_picture(project.results / "conditions" / f"{name}.tar")
        for name in ("clean/0", "vignette/1", "vignette/5")
    )
    corners = [p[:8, :8].mean() for p in (clean, *dark)]
    assert corners[1] / corners[0] == pytest.approx(0.8, abs=0.03)
    assert corners[2] / corners[0] == pytest.approx(0.2, abs=0.05)
    middles = [p[108:116, 108:116].mean() for p in (clean, *dark)]
    assert middles == pytest.approx([middles[0]] * 3, abs=3)
    accuracy = table(project, "accuracy")
    assert set(accuracy["corruption"]) == {"clean", "vignette", "fog"}


def test_the_metric_is_the_deviation_of_grey_levels_and_stands_in_the_table(
    project: Project,
) -> None:
    scores = pl.read_parquet(project.results / "scores/contrast/fog/5.parquet")
    picture = first_picture(project.results / "conditions/fog/5.tar")
    assert scores["score"][0] == pytest.approx((picture.mean(axis=2) / 255).std(ddof=1), rel=1e-4)
    assert set(table(project, "nr_iqa")["quality_source"]) == {"tv", "contrast"}


def test_the_network_gives_the_mean_of_two_logits(project: Project) -> None:
    one, both = (
        pl.read_parquet(project.results / "scores" / name / "clean/0.parquet")
        for name in ("squeezenet", "mirrored")
    )
    assert not one["max_logit"].equals(both["max_logit"])
    assert set(table(project, "strong")["task_model"]) == {"squeezenet", "mirrored"}
    circular = table(project, "strong").filter(task_model="squeezenet", quality_source="mirrored")
    assert circular["circular"].all()


def test_the_estimator_is_tried_on_every_network(project: Project) -> None:
    tried = table(project, "estimators").filter(estimator="clean")
    assert set(tried["task_model"]) == {"squeezenet", "mirrored"}
    assert tried["mae"].null_count() == 0
    assert "| mirrored | clean |" in (project.results / "tables/estimators.md").read_text()


def test_the_analysis_has_table_texts_figure_and_a_place_on_the_page(project: Project) -> None:
    assert set(table(project, "spread")["task_model"]) == {"squeezenet", "mirrored"}
    assert "Spread of accuracy" in (project.results / "tables" / "spread.md").read_text()
    assert (project.results / "figures" / "spread.svg").is_file()
    page = (project.results / "paper.html").read_text()
    assert '<section id="spread">' in page and '<figure id="fig-spread">' in page
    assert "Spread of accuracy over the conditions</h2>" in page


def test_nothing_is_stale_and_its_name_is_a_target(project: Project) -> None:
    for target in ("paper", "estimators", "spread"):
        assert project.would_run(target) == {}


def test_words_of_the_analysis_make_its_text_and_the_page_stale_and_no_more(
    project: Project,
) -> None:
    file = project.root / "workflow" / "causal_iqa" / "analyses" / "spread" / "table.py"
    file.write_text(file.read_text().replace("Spread of accuracy", "Width of accuracy"))
    assert project.would_run("paper").keys() == {"render", "paper_page", "paper"}
    assert project.would_run("paper")["render"] == 1
