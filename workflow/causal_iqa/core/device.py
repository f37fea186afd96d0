"""Which device the networks run on, and which GPU is a process's own. Imports no torch."""

from __future__ import annotations

import fcntl
import functools
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import IO
from urllib.parse import quote

DEVICES = Path("/dev")
"""Where Linux shows NVIDIA's GPUs."""

DECIDED = "CAUSAL_IQA_AUTO"
"""Variable by which the process that plans the jobs tells them what ``auto`` is."""

VISIBLE = "CUDA_VISIBLE_DEVICES"


def resolve_device(device: str) -> str:
    """'cpu' or 'cuda' from 'auto', 'cpu' or 'cuda'.

    auto is decided once for all jobs, by ``hand_down_device``: cuda where there are visible GPUs.
    """
    if device != "auto":
        return device
    return os.environ.get(DECIDED) or ("cuda" if visible_gpus() else "cpu")


def hand_down_device() -> None:
    """Let child processes, on whatever machine, take ``auto`` for what it is here."""
    os.environ[DECIDED] = resolve_device("auto")


def planned_elsewhere() -> str:
    """What a person is to know where jobs are planned on this machine and run on others."""
    found = "shows a GPU" if resolve_device("auto") == "cuda" else "shows none"
    where = "GPUs" if resolve_device("auto") == "cuda" else "CPUs"
    return (
        f"scoring.device: auto. This machine, where the jobs are planned, {found}, so networks run "
        f"on {where} on the others too. If they are to run elsewhere, set scoring.device to cuda "
        "or cpu."
    )


def visible_gpus() -> list[str]:
    """The GPUs that CUDA shows this process, as CUDA_VISIBLE_DEVICES names them: by number, UUID.

    None without a device of NVIDIA's in /dev, whatever the variable says.
    """
    # With a number: nvidiactl and nvidia-uvm are the driver's own. Counted, since CUDA numbers
    # what it sees from 0 on.
    there = len(list(DEVICES.glob("nvidia[0-9]*")))
    if VISIBLE not in os.environ or not there:
        return [str(number) for number in range(there)]
    named = []
    for name in os.environ[VISIBLE].split(","):
        if not name.strip() or name.strip().startswith("-"):
            break  # as CUDA, which hides what follows such a name
        named.append(name.strip())
    return named


# Once a process: a second call would see one GPU only, and wait for the lock that is its own.
@functools.cache
def claim_gpu() -> None:
    """Make one visible GPU this process's own and the only one it sees, until it ends.

    To be called before CUDA is first used. Waits, and says so, where other processes of this
    project have all of them. On a machine without visible GPUs it does nothing.
    """
    gpus = visible_gpus()
    if gpus:
        os.environ[VISIBLE] = _first_free(gpus)


def _first_free(gpus: list[str]) -> str:
    folder = _locks()
    waiting = False
    while True:
        for gpu in gpus:
            # Names of MIG's parts of a GPU may hold a '/'.
            if _lock(folder / quote(gpu, safe="")):
                return gpu
        if not waiting:
            count = "its GPU" if len(gpus) == 1 else f"one of {len(gpus)} GPUs"
            print(f"waiting for {count}, in use by other jobs", file=sys.stderr, flush=True)
            waiting = True
        # Polled, since a lock that waits would wait for one GPU while another becomes free.
        time.sleep(1)


def _locks() -> Path:
    """The folder of the locks of this user's processes that see the same GPUs.

    Within a cluster's job GPUs are counted from 0 again, so each job has a folder of its own.
    """
    of_job = f"-job{os.environ['SLURM_JOB_ID']}" if "SLURM_JOB_ID" in os.environ else ""
    folder = Path(tempfile.gettempdir()) / f"causal-iqa-gpus-{os.getuid()}{of_job}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


_held: list[IO[str]] = []
"""Open for as long as the process lives: the system lets go of the locks when it ends."""


def _lock(path: Path) -> bool:
    file = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return False
    _held.append(file)
    return True
