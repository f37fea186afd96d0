"""The weights that pyiqa finds by itself: never downloaded in a job, missed in plain words."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import huggingface_hub.constants
import torch

from causal_iqa.errors import UserError


@contextlib.contextmanager
def no_download() -> Iterator[None]:
    """Make every download fail at once.

    pyiqa, torch.hub and CLIP download through urlopen, timm and transformers through
    huggingface_hub, which asks its constant at each request.
    """

    def refuse(request: Any, *_: Any, **__: Any) -> Any:
        raise urllib.error.URLError(f"not downloaded: {getattr(request, 'full_url', request)}")

    doors: tuple[tuple[Any, str, Any], ...] = (
        (urllib.request, "urlopen", refuse),
        (torch.hub, "urlopen", refuse),
        (huggingface_hub.constants, "HF_HUB_OFFLINE", True),
    )
    kept = [getattr(module, name) for module, name, _ in doors]
    for module, name, shut in doors:
        setattr(module, name, shut)
    try:
        yield
    finally:
        for (module, name, _), original in zip(doors, kept, strict=True):
            setattr(module, name, original)


@contextlib.contextmanager
def explained(name: str) -> Iterator[None]:
    """Turn what pyiqa raises for lack of weights or of a module into words."""
    try:
        yield
    except ModuleNotFoundError as error:
        fix = f"Run: pip install {error.name}"
        if error.name == "pkg_resources":
            fix = "setuptools 81 dropped it. Run: pip install 'setuptools<81'"
        raise UserError(f"metric {name} needs the module {error.name}. {fix}") from error
    except OSError as error:
        wanted = _wanted_file(error)
        missing = f"; missing is {wanted}" if wanted else ""
        folder = f"{wanted.parent} (below $TORCH_HOME)" if wanted else "$HF_HOME/hub"
        raise UserError(
            f"metric {name}: its weights are not on this machine{missing} ({error}). Where there "
            f"is a network run once: python -c \"import pyiqa; pyiqa.create_metric('{name}', "
            f"device='cpu')\" and, if that is another machine, copy its files to {folder}."
        ) from error


def _wanted_file(error: BaseException) -> Path | None:
    """The file a download was for: pyiqa, torch.hub and CLIP hold its path while they fetch it."""
    trace = error.__traceback__
    while trace is not None:
        for name in ("cached_file", "download_target"):
            if name in trace.tb_frame.f_locals:
                return Path(trace.tb_frame.f_locals[name])
        trace = trace.tb_next
    return None


@contextlib.contextmanager
def weights_read() -> Iterator[dict[str, str]]:
    """The SHA-256 of every file below torch's hub folder that Python opens within the block."""
    folder = Path(torch.hub.get_dir()).expanduser().resolve()
    opened: set[Path] = set()
    watching = True

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if watching and event == "open" and isinstance(arguments[0], str | bytes):
            path = Path(os.fsdecode(arguments[0]))
            if path.is_absolute() and path.is_relative_to(folder):
                opened.add(path)

    sys.addaudithook(watch)  # cannot be taken off again, hence the switch
    digests: dict[str, str] = {}
    try:
        yield digests
    finally:
        watching = False
    for path in sorted(opened):
        if path.is_file():
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            digests[str(path.relative_to(folder))] = digest
