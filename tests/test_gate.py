"""The parts of .ci/run, and that a hosted machine calls parts that there are."""

import re
import subprocess

import yaml
from samples import ROOT

WORKFLOW = ROOT / ".github" / "workflows" / "ci.yaml"


def test_a_part_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    done = subprocess.run(
        ["bash", str(ROOT / ".ci" / "run"), "lint", "test"], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr == "error: no part test: lint, tests, slurm\n"


def test_a_hosted_machine_runs_the_parts_that_need_no_cluster() -> None:
    jobs = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]
    run = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    place = 'sudo install --directory --owner "$USER" /data'
    assert run == ["bash .ci/run lint", place, "bash .ci/run tests"]
    asked = re.findall(r"^if asked (\w+)", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.M)
    assert asked == ["lint", "tests", "slurm"]
