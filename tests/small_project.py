"""A copy of the project in a folder of its own, with an experiment that runs in a minute."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from samples import ROOT, make_photograph

SMALL: dict[str, Any] = {
    "experiment": "small",
    "pictures": {"source": "imagefolder", "path": "pictures"},
    "conditions": {"corruptions": ["fog", "pixelate"], "severities": [1, 3]},
    "scorers": {
        "squeezenet": {"kind": "classifier", "model": "package:squeezenet1_1"},
        "tv": {"kind": "metric", "metric": "tv_l1_mean"},
    },
    "analysis": {"resamples": 100, "test_fraction": 0.5},
    "figures": {"dpi": 50},
}


class Project:
    """A working copy with ``small.yaml`` as its configuration."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.results = root / "results" / "small"

    def configure(self, **changes: Any) -> None:
        """Write ``small.yaml``: SMALL with whole sections replaced."""
        self.write({**SMALL, **changes})

    def write(self, config: dict[str, Any]) -> None:
        """Write ``small.yaml``."""
        (self.root / "small.yaml").write_text(yaml.safe_dump(config))

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start Snakemake as a user would, with the copy's own package, in a group of its own."""
        command = [sys.executable, "-m", "snakemake", "--cores", "2"]
        return self._start([*command, *arguments, "--configfile", "small.yaml"])

    def shell(self, script: str, **environment: str) -> subprocess.Popen[str]:
        """Start what a user types, to the letter, where this Python is the first that is found."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return self._start(["bash", "-euc", script], PATH=path, **environment)

    def _start(self, command: list[str], **environment: str) -> subprocess.Popen[str]:
        own = {"PYTHONPATH": str(self.root / "workflow"), "COLUMNS": "200"}
        return subprocess.Popen(
            command,
            cwd=self.root,
            env={**os.environ, **own, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def snakemake(self, *arguments: str) -> tuple[int, str]:
        """Run Snakemake to its end: exit status and output."""
        running = self.start(*arguments)
        output, _ = running.communicate()
        return running.returncode, output

    def run(self, *arguments: str) -> str:
        """A run that must succeed; its output."""
        status, output = self.snakemake(*arguments)
        assert status == 0, output
        return output

    def would_run(self, *arguments: str) -> dict[str, int]:
        """Jobs by rule that a run would start now."""
        output = self.run("--dry-run", "--workflow-profile", "none", *arguments)
        stats = re.search(r"^job +count\n-+ +-+\n(.*?)^total", output, re.M | re.S)
        assert stats or "Nothing to be done" in output, output
        rows = (line.split() for line in stats[1].splitlines()) if stats else []
        return {rule: int(count) for rule, count in rows if rule != "all"}

    def files(self, pattern: str) -> dict[str, tuple[int, bytes]]:
        """Inode and bytes of result files; a file that was written anew has another inode."""
        return {
            str(path.relative_to(self.results)): (path.stat().st_ino, path.read_bytes())
            for path in sorted(self.results.glob(pattern))
        }


def make_project(root: Path) -> Project:
    """Copy what git tracks or would track, and make six photographs of two classes."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, listing.splitlines()):
        if (ROOT / name).is_file() and not name.startswith("tests/"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, root / name)
    for number, wnid in enumerate(("n01440764", "n02814533")):
        for k in range(3):
            make_photograph(root / "pictures" / wnid / f"p{number}{k}.png", 10 * number + k)
    project = Project(root)
    project.configure()
    return project


def name_archives_of_imagenet(folder: Path) -> None:
    """ImageNet and ImageNet-C by name only, as the presets expect them: empty files."""
    for name in (
        *("imagenet/ILSVRC2012_img_val.tar", "imagenet/ILSVRC2012_devkit_t12.tar.gz"),
        *(f"imagenet-c/{group}.tar" for group in ("noise", "blur", "weather", "digital")),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
