"""Published weights: fetched ahead of time into one folder, never within a scoring job.

Every library finds its files by itself: torch.hub, pyiqa and CLIP below TORCH_HOME, timm and
open_clip through huggingface_hub below HF_HOME, piq in ``~/.cache``. ``use_folder`` puts them all
below the configuration's folder; ``files_read`` says which ones a scorer opened.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from causal_iqa.core.errors import UserError
from causal_iqa.core.refusals import WRITING

HOMES = {"TORCH_HOME": "torch", "HF_HOME": "huggingface", "XDG_CACHE_HOME": ".cache"}
"""Variables that libraries read when they are imported, and folders below the weights folder."""


class WeightsMissing(UserError):
    """Published weights are not on this machine."""


def use_folder(folder: Path) -> None:
    """Make every library look for weights below ``folder``. Call before torch is imported."""
    for variable, name in HOMES.items():
        os.environ[variable] = str(folder.resolve() / name)


@contextlib.contextmanager
def no_download() -> Iterator[None]:
    """Make every download fail at once.

    pyiqa, piq, torch.hub and CLIP download through urlopen, by whatever name they imported it;
    timm, open_clip and transformers through huggingface_hub, which asks its constant each time.
    """
    import huggingface_hub.constants
    import torch.hub  # noqa: F401 - so that its name is found

    def refuse(request: Any, *_: Any, **__: Any) -> Any:
        # An OSError, which explained() puts into words.
        raise urllib.error.URLError(f"not downloaded: {getattr(request, 'full_url', request)}")

    allowed = urllib.request.urlopen
    _rename("urlopen", allowed, refuse)
    with _replaced(huggingface_hub.constants, "HF_HUB_OFFLINE", True):
        try:
            yield
        finally:
            _rename("urlopen", refuse, allowed)


def _rename(name: str, old: Any, new: Any) -> None:
    """Give ``name`` another meaning in every module where it means ``old``."""
    # A list, and __dict__ instead of getattr: a lazy module imports others when it is asked.
    for module in list(sys.modules.values()):
        if getattr(module, "__dict__", {}).get(name) is old:
            setattr(module, name, new)


@contextlib.contextmanager
def _replaced(module: Any, name: str, other: Any) -> Iterator[None]:
    kept = getattr(module, name)
    setattr(module, name, other)
    try:
        yield
    finally:
        setattr(module, name, kept)


@contextlib.contextmanager
def random_weights() -> Iterator[None]:
    """Give torchvision's networks the weights that they are born with, for their time's sake."""
    import torchvision

    def born_with(weights: Any, *_: Any, **__: Any) -> Any:
        for name in torchvision.models.list_models():
            if type(weights) is torchvision.models.get_model_weights(name):
                return torchvision.models.get_model(name, weights=None).state_dict()
        raise LookupError(weights)

    with _replaced(torchvision.models.WeightsEnum, "get_state_dict", born_with):
        yield


@contextlib.contextmanager
def explained(name: str) -> Iterator[None]:
    """Turn what the libraries raise for lack of weights or of a module into words."""
    try:
        yield
    except ModuleNotFoundError as error:
        fix = f"Run: pip install {error.name}"
        if error.name == "pkg_resources":
            fix = "setuptools 81 dropped it. Run: pip install 'setuptools<81'"
        raise UserError(f"{name} needs the module {error.name}. {fix}") from error
    except OSError as error:
        if error.errno in WRITING:
            raise  # a full disk, say; the weights are no part of that
        raise WeightsMissing(
            f"{name}: its weights are not on this machine{_wanted(error)} ({error}). Where there "
            "is a network run: snakemake --cores 1 weights --configfile YOURS. If that is another "
            "machine, copy its weights.folder here."
        ) from error


def _wanted(error: BaseException | None) -> str:
    """The file a download was for, from what the libraries' functions hold while they fetch it.

    pyiqa, torch.hub and CLIP hold its path, huggingface_hub the repository and the file in it.
    """
    while error is not None:
        trace = error.__traceback__
        while trace is not None:
            held = trace.tb_frame.f_locals
            for name in ("cached_file", "download_target"):
                if isinstance(held.get(name), str | Path):
                    return f"; missing is {held[name]}"
            if isinstance(held.get("repo_id"), str) and isinstance(held.get("filename"), str):
                return f"; missing is {held['filename']} of huggingface.co/{held['repo_id']}"
            trace = trace.tb_next
        error = error.__cause__ or error.__context__
    return ""


@contextlib.contextmanager
def files_read(folder: Path) -> Iterator[dict[str, str]]:
    """The SHA-256, by path below ``folder``, of every file there that is opened in the block.

    Filled once the block has ended. safetensors opens its files outside of Python, so its door is
    watched beside Python's own.
    """
    import safetensors.torch

    root = folder.resolve()
    opened: set[Path] = set()
    watching = True

    def note(name: Any) -> None:
        # Not resolved: huggingface's names are links to files that are named by their hash.
        path = Path(os.fsdecode(name)).absolute()
        if path.is_relative_to(root):
            opened.add(path)

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        # open() may also be given the number of a descriptor.
        if watching and event == "open" and isinstance(arguments[0], str | bytes):
            note(arguments[0])

    safe_open: Callable[..., Any] = safetensors.torch.safe_open

    def watched_safe_open(filename: Any, *args: Any, **words: Any) -> Any:
        note(filename)
        return safe_open(filename, *args, **words)

    sys.addaudithook(watch)  # cannot be taken off again, hence the switch
    digests: dict[str, str] = {}
    try:
        with _replaced(safetensors.torch, "safe_open", watched_safe_open):
            yield digests
    finally:
        watching = False
    for path in sorted(opened):
        if path.is_file() and not _transient(path):
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            digests[str(path.relative_to(root))] = digest


def _transient(path: Path) -> bool:
    """Locks, partial downloads and references to a revision are no weights."""
    return path.suffix in (".lock", ".incomplete", ".partial") or "refs" in path.parts
