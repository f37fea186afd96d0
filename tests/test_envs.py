"""Conda environments and the container hold every dependency of pyproject.toml at one version."""

import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version
from samples import ROOT

ENVS = sorted(path.name for path in (ROOT / "envs").glob("*.yaml"))


def pins(file: str) -> dict[str, Version]:
    env = yaml.safe_load((ROOT / "envs" / file).read_text())
    listed = next(entry["pip"] for entry in env["dependencies"] if isinstance(entry, dict))
    pinned = (line.split("==") for line in listed if not line.startswith("--"))
    return {name: Version(version) for name, version in pinned}


@pytest.mark.parametrize("file", ENVS)
def test_environment_is_in_step_with_pyproject(file: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [Requirement(text) for text in project["dependencies"]]
    pinned = pins(file)
    assert sorted(pinned) == sorted(requirement.name for requirement in wanted)
    for requirement in wanted:
        assert pinned[requirement.name] in requirement.specifier


def test_environments_differ_in_the_build_of_pytorch_alone() -> None:
    assert ENVS == ["cpu.yaml", "gpu.yaml"]
    cpu, gpu = pins("cpu.yaml"), pins("gpu.yaml")
    assert {name: version.public for name, version in cpu.items()} == {
        name: version.public for name, version in gpu.items()
    }
    assert {name for name in cpu if cpu[name] != gpu[name]} == {"torch", "torchvision"}
    assert {version.local for version in gpu.values()} == {None}


def test_the_container_is_made_of_the_gpu_environment_and_of_files_that_are_there() -> None:
    lines = (ROOT / "envs" / "Containerfile").read_text().splitlines()
    copied = [line.split()[-2] for line in lines if line.startswith("COPY")]
    assert copied == ["envs/gpu.yaml", "."]
    assert all((ROOT / path).exists() for path in copied)
