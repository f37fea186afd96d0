"""The conda environment holds every dependency of pyproject.toml at a version that it allows."""

import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from samples import ROOT


def pins(file: str) -> dict[str, str]:
    env = yaml.safe_load((ROOT / "envs" / file).read_text())
    listed = next(entry["pip"] for entry in env["dependencies"] if isinstance(entry, dict))
    return dict(line.split("==") for line in listed)


@pytest.mark.parametrize("file", sorted(path.name for path in (ROOT / "envs").glob("*.yaml")))
def test_environment_is_in_step_with_pyproject(file: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [Requirement(text) for text in project["dependencies"]]
    pinned = pins(file)
    assert sorted(pinned) == sorted(requirement.name for requirement in wanted)
    for requirement in wanted:
        assert pinned[requirement.name] in requirement.specifier
