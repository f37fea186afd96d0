"""The workflow with published models: random weights under the published names, real loaders."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import open_clip
import polars as pl
import pytest
import safetensors.torch
import timm
import torch
import torchvision
from small_project import Project, make_project

from causal_iqa.core.device import resolve_device

pytestmark = pytest.mark.slow

TIMM = "mobilenetv3_small_050.lamb_in1k"


def hub_file(folder: Path, repository: str, name: str) -> Path:
    """Where huggingface_hub keeps a file of a repository."""
    store = folder / "huggingface" / "hub" / f"models--{repository.replace('/', '--')}"
    (store / "refs").mkdir(parents=True)
    (store / "refs" / "main").write_text("0123abcd")
    (store / "snapshots" / "0123abcd").mkdir(parents=True)
    return store / "snapshots" / "0123abcd" / name


def write_weights(folder: Path) -> None:
    torch.manual_seed(0)
    checkpoints = folder / "torch" / "hub" / "checkpoints"
    checkpoints.mkdir(parents=True)
    network = torchvision.models.mobilenet_v3_large()
    torch.save(network.state_dict(), checkpoints / "mobilenet_v3_large-5c1a4163.pth")
    small = timm.create_model(TIMM)
    safetensors.torch.save_file(
        small.state_dict(), hub_file(folder, f"timm/{TIMM}", "model.safetensors")
    )
    # pyiqa's BRISQUE: coefficients and support vectors
    brisque = folder / "torch" / "hub" / "pyiqa" / "brisque_svm_weights.pth"
    brisque.parent.mkdir(parents=True)
    torch.save((torch.randn(774), torch.randn(774, 36)), brisque)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Project:
    os.environ["HF_HUB_OFFLINE"] = "1"  # or huggingface_hub asks the network whether there is news
    project = make_project(tmp_path_factory.mktemp("models"))
    write_weights(project.root / "kept")
    torch.save(open_clip.create_model("ViT-S-32-alt").state_dict(), project.root / "clip.pt")
    (project.root / "prompts.txt").write_text("a photo of {}\n")
    project.configure(
        weights={"folder": "kept"},
        scorers={
            "mobilenet": {"kind": "classifier", "model": "torchvision:mobilenet_v3_large"},
            "small": {"kind": "classifier", "model": f"timm:{TIMM}"},
            "clip": {
                **{"kind": "zero_shot", "model": "open_clip:ViT-S-32-alt@clip.pt"},
                **{"templates": "prompts.txt"},
            },
            "brisque": {"kind": "metric", "metric": "pyiqa:brisque"},
            "tv": {"kind": "metric", "metric": "piq:total_variation"},
        },
    )
    project.run("weights")
    project.run()
    return project


def test_every_table_is_made(models: Project) -> None:
    weak = pl.read_csv(models.results / "tables" / "weak.csv")
    assert weak["quality_source"].unique().to_list() == ["clip"]
    assert set(weak["task_model"]) == {"mobilenet", "small"}
    scorers = pl.read_csv(models.results / "scorers.csv")
    assert (
        scorers.filter(scorer="mobilenet")["title"].item() == "mobilenet_v3_large (IMAGENET1K_V2)"
    )


def test_every_score_names_its_weights(models: Project) -> None:
    expected = {
        "mobilenet": "torch/hub/checkpoints/mobilenet_v3_large-5c1a4163.pth",
        "small": "huggingface/hub/models--timm--mobilenetv3_small_050.lamb_in1k/"
        "snapshots/0123abcd/model.safetensors",
        "brisque": "torch/hub/pyiqa/brisque_svm_weights.pth",
    }
    for scorer, file in expected.items():
        path = models.results / "scores" / scorer / "fog" / "1.parquet"
        provenance = json.loads(pl.read_parquet_metadata(path)["provenance"])
        record = json.loads((models.results / "weights" / f"{scorer}.json").read_text())
        assert provenance["weights"] == record["files"] and file in record["files"]
    path = models.results / "scores" / "clip" / "fog" / "1.parquet"
    weights = json.loads(pl.read_parquet_metadata(path)["provenance"])["weights"]
    assert set(weights) == {"clip.pt", "prompts.txt"}


def test_nothing_is_left_to_do(models: Project) -> None:
    assert models.would_run() == {}


def memory(models: Project) -> dict[str, int]:
    """MB that the scoring jobs of a dry run ask for, by scorer."""
    output = models.run("scores", "--dry-run", "--forceall", "--workflow-profile", "none")
    asked = re.findall(r"wildcards: scorer=(\w+)\n +resources: .*gpu=.* mem_mb=(\d+)", output)
    return {scorer: int(mb) for scorer, mb in asked}


def test_a_job_asks_for_the_memory_of_its_weights_at_once(models: Project) -> None:
    """ViT-L/16, whose weights are 1217 MB, takes 3.1 GB until it is loaded."""
    file = models.root / "kept" / "torch" / "hub" / "checkpoints"
    file /= "mobilenet_v3_large-5c1a4163.pth"
    content, was = file.read_bytes(), file.stat()
    before = memory(models)
    os.truncate(file, 1_217_421_881)
    after = memory(models)
    file.write_bytes(content)
    os.utime(file, ns=(was.st_atime_ns, was.st_mtime_ns))
    base = 4000 if resolve_device("auto") == "cuda" else 2000
    clip = (models.root / "clip.pt").stat().st_size
    assert before == {
        "mobilenet": base + 2 * len(content) // 10**6,
        "small": base + 2 * 6,
        "clip": base + 2 * clip // 10**6,
        "brisque": base,
        "tv": base,
    }
    assert after == {**before, "mobilenet": base + 2434}


def test_a_prompt_that_is_changed_scores_its_scorer_alone(models: Project) -> None:
    (models.root / "prompts.txt").write_text("a drawing of {}\n")
    would = models.would_run()
    (models.root / "prompts.txt").write_text("a photo of {}\n")
    assert would["embed_class_names"] == would["score_all"] == 1
    assert "fetch_weights" not in would


def test_a_temperature_that_is_changed_scores_its_scorer_alone(models: Project) -> None:
    config = (models.root / "small.yaml").read_text()
    (models.root / "small.yaml").write_text(
        config.replace("templates: prompts.txt", "templates: prompts.txt\n    temperature: 0.5")
    )
    would = models.would_run("scores")
    (models.root / "small.yaml").write_text(config)
    assert would == {"score_all": 1, "scores": 1}


def test_a_weights_file_that_is_replaced_scores_its_scorer_alone(models: Project) -> None:
    file = models.root / "kept" / "torch" / "hub" / "pyiqa" / "brisque_svm_weights.pth"
    before = models.files("scores/*/fog/1.parquet")
    torch.manual_seed(1)
    torch.save((torch.randn(774), torch.randn(774, 36)), file)
    assert models.would_run()["fetch_weights"] == 1
    models.run("scores")
    after = models.files("scores/*/fog/1.parquet")
    changed = {Path(name).parts[1] for name in before if before[name] != after[name]}
    assert changed == {"brisque"}


def test_without_its_file_a_scorer_says_what_to_put_where(models: Project) -> None:
    file = models.root / "kept" / "torch" / "hub" / "checkpoints"
    (file / "mobilenet_v3_large-5c1a4163.pth").rename(file / "away")
    (models.results / "weights" / "mobilenet.json").unlink()
    status, output = models.snakemake("weights")
    (file / "away").rename(file / "mobilenet_v3_large-5c1a4163.pth")
    assert status != 0
    assert "missing is" in output and "mobilenet_v3_large-5c1a4163.pth" in output
