"""A real SLURM on this machine alone, for as long as the tests need it.

Two nodes that are one machine, and a GPU each in name only (/dev/null). Root on Debian is needed:
the daemons' packages are installed with apt, and their configuration goes to /etc/slurm, because
the executor plugin's inner srun does not see SLURM_CONF.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

HERE = Path(__file__).parent
PACKAGES = ("slurm-wlm", "munge")
NODES = ("n1", "n2")
ETC = Path("/etc/slurm")


class Unavailable(Exception):
    """Why there can be no cluster here."""


def install() -> None:
    """Install the daemons where they are absent. Raises Unavailable with the reason."""
    if os.geteuid() != 0:
        raise Unavailable("a throw-away SLURM needs root")
    if shutil.which("slurmctld") and shutil.which("munged"):
        return
    if not shutil.which("apt-get"):
        raise Unavailable(f"{', '.join(PACKAGES)}: not installed, and there is no apt-get")
    command = ["apt-get", "install", "-y", "--no-install-recommends", *PACKAGES]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise Unavailable(f"{' '.join(command)}: {done.stderr.strip().splitlines()[-1:]}")


class Cluster:
    """munged, slurmctld and a slurmd a node; ``stop`` ends exactly these."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start all daemons and wait until both nodes are idle."""
        (self.folder / "state").mkdir(parents=True)
        self._configure()
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o600)
        Path("/run/munge").mkdir(exist_ok=True)
        Path("/run/munge").chmod(0o755)
        files = {"key-file": key, "seed-file": self.folder / "munged.seed"}
        options = [f"--{name}={path}" for name, path in files.items()]
        self._run("munged", "--foreground", "--force", *options)
        self._wait(lambda: Path("/run/munge/munge.socket.2").exists(), "munged")
        self._run("slurmctld", "-D")
        for node in NODES:
            (self.folder / f"spool.{node}").mkdir()
            self._run("slurmd", "-D", "-N", node)
        self._wait(lambda: self.states() == dict.fromkeys(NODES, "idle"), "two idle nodes")

    def _configure(self) -> None:
        if (ETC / "slurm.conf").exists() and "ClusterName=loopback" not in (
            ETC / "slurm.conf"
        ).read_text():
            raise Unavailable(f"{ETC}/slurm.conf belongs to another cluster")
        text = (HERE / "slurm.conf").read_text()
        known = {"RUN": self.folder, "HOST": socket.gethostname().split(".")[0]}
        known |= {f"PORT{k}": 16817 + k for k in range(3)}
        for name, value in known.items():
            text = text.replace(f"@{name}@", str(value))
        ETC.mkdir(exist_ok=True)
        (ETC / "slurm.conf").write_text(text)
        gpus = "".join(f"NodeName={node} Name=gpu File=/dev/null\n" for node in NODES)
        (ETC / "gres.conf").write_text(gpus)

    def _run(self, *command: str) -> None:
        log = (self.folder / f"{len(self._started)}.{command[0]}.log").open("wb")
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SLURM_")}
        started = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        self._started.append(started)

    def _wait(self, ready: object, what: str) -> None:
        for _ in range(150):
            if ready():  # type: ignore[operator]
                return
            time.sleep(0.2)
        logs = "\n".join(path.read_text()[-1000:] for path in sorted(self.folder.glob("*.log")))
        raise RuntimeError(f"no {what} within 30 s\n{logs}")

    def states(self) -> dict[str, str]:
        """State of each node, as ``idle`` or ``drained``."""
        out = self.command("sinfo", "-h", "-N", "-p", "cpu", "-o", "%N %T", check=False)
        return dict(line.split() for line in out.splitlines())

    def command(self, *command: str, check: bool = True) -> str:
        """Run one of SLURM's own commands; its output."""
        done = subprocess.run(command, capture_output=True, text=True, check=check)
        return done.stdout

    def running(self, partition: str = "cpu,gpu") -> list[str]:
        """Ids of the running jobs."""
        return self.command("squeue", "-h", "-t", "R", "-p", partition, "-o", "%i").split()

    def stop(self) -> None:
        """End the daemons, last first, and take the configuration away."""
        for daemon in reversed(self._started):
            daemon.send_signal(signal.SIGTERM)
        for daemon in reversed(self._started):
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()
        for name in ("slurm.conf", "gres.conf"):
            (ETC / name).unlink(missing_ok=True)
