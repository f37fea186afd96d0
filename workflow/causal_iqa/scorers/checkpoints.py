"""Checkpoints of the user's: read without running anything in them, refused in words."""

from __future__ import annotations

import io
import pickletools
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import nn

from causal_iqa.core.errors import UserError

HARMLESS = re.compile(r"torch\.(\w+|_utils\..+|storage\..+)|collections\.OrderedDict|numpy\..+")
"""What a pickle of tensors asks for."""
ADVICE = "Save it again as torch.save(network.state_dict(), FILE)."


def read_checkpoint(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a checkpoint: safetensors, or a state dict, bare or under a key of its own.

    The keys are ``state_dict`` and ``model``. Nothing in the file is run. A ``module.`` of
    DataParallel before every name is dropped. Raises UserError where it holds no such thing.
    """
    if path.suffix == ".safetensors":
        return _read_safetensors(path)
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except OSError:
        raise  # the system refused to read it, which is no fault of its content
    except Exception as error:  # torch raises what the file's first fault happens to be
        raise UserError(f"{path} is no file of weights alone: {_reason(path)}. {ADVICE}") from error
    for key in ("state_dict", "model"):
        if isinstance(content, dict) and isinstance(content.get(key), dict):
            content = content[key]
    if not isinstance(content, dict) or not all(
        isinstance(value, torch.Tensor) for value in content.values()
    ):
        raise UserError(f"{path} holds no dict of tensors; save network.state_dict()")
    if content and all(key.startswith("module.") for key in content):
        content = {key.removeprefix("module."): value for key, value in content.items()}
    return dict(content)


def _read_safetensors(path: Path) -> dict[str, torch.Tensor]:
    import safetensors.torch

    try:
        return dict(safetensors.torch.load_file(path))
    except safetensors.SafetensorError as error:
        raise UserError(
            f"{path} is no file of safetensors, or is cut short; copy or save it again"
        ) from error


def _reason(path: Path) -> str:
    """Why torch refuses a file, after a look at what it is."""
    if path.stat().st_size == 0:
        return "it is empty"
    with path.open("rb") as file:
        start = file.read(2)  # torch.save writes a zip since 1.6, bare pickles before
    if start == b"PK" and not zipfile.is_zipfile(path):
        return "it is cut short; copy it again"
    if start == b"PK":
        with zipfile.ZipFile(path) as archive:
            members = archive.namelist()
            if any("/code/" in member for member in members):
                return "it is a TorchScript program"
            pickled = next((name for name in members if name.endswith("/data.pkl")), None)
            if pickled is None:
                return "it is an archive of something else"
            names = _asked_for(archive.read(pickled))
    else:
        names = _asked_for(path.read_bytes())
    if names is None:
        return "it is no checkpoint at all"
    unsafe = [name for name in names if not HARMLESS.fullmatch(name)]
    if unsafe:
        return f"to load it, {unsafe[0]} would be run, and a file may so do anything it likes"
    return "it is another Python object, or is cut short"


def _asked_for(content: bytes) -> list[str] | None:
    """The classes and functions that pickles ask for; None where the bytes are no pickle."""
    names: list[str] = []
    stream, read = io.BytesIO(content), 0
    try:
        # An old checkpoint is several pickles, one behind the other.
        while stream.tell() < len(content):
            texts: list[str] = []
            for operation, argument, _ in pickletools.genops(stream):
                if operation.name in ("GLOBAL", "INST"):
                    names.append(str(argument).replace(" ", "."))
                elif operation.name == "STACK_GLOBAL":
                    # Mostly the two texts pushed last; good enough for a message.
                    names.append(".".join(texts[-2:]))
                elif isinstance(argument, str):
                    texts.append(argument)
            read += 1
    except Exception:  # pickletools raises what the first byte that is no pickle happens to give
        return names if read else None
    return names


def load_state(
    network: nn.Module, state: Mapping[str, torch.Tensor], path: Path, name: str
) -> None:
    """Every tensor in its place, or a UserError that names the first that is not."""
    try:
        network.load_state_dict(state, strict=True)
    except RuntimeError as error:
        fault = _misfit(network.state_dict(), state)
        raise UserError(f"{path} does not hold weights of {name}: {fault}") from error


def _misfit(wanted: Mapping[str, torch.Tensor], given: Mapping[str, torch.Tensor]) -> str:
    """The first tensor that is missing, of another shape or too many."""
    for key, tensor in wanted.items():
        if key not in given:
            return f"{key} is missing"
        if given[key].shape != tensor.shape:
            return f"{key} is {tuple(given[key].shape)}, it needs {tuple(tensor.shape)}"
    extra = next((key for key in given if key not in wanted), None)
    return "its tensors are of another kind" if extra is None else f"{extra} has no place in it"
