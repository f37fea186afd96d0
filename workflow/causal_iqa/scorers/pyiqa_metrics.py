"""No-reference metrics through pyiqa.

pyiqa (PolyForm Noncommercial) is imported by the functions that use it and by nothing else.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from causal_iqa.scorers.metrics import Metric
from causal_iqa.scorers.setting import Setting, exact_float32
from causal_iqa.scorers.weights import BRISQUE_GAMMA, BRISQUE_RHO, read_brisque_svm, read_niqe_model


def brisque(options: dict[str, Any], setting: Setting) -> Metric:
    """pyiqa's BRISQUE features and the authors' support vectors out of a package.

    The support-vector machine is evaluated in float64. Its 774 terms of up to 1024 nearly cancel,
    so that in float32, as in pyiqa, a score moves by up to 0.007 with the pictures beside it.
    """
    coefficients, vectors = (
        tensor.double().to(setting.device)
        for tensor in read_brisque_svm(setting.files["brisque_svm.txt"])
    )
    from pyiqa.archs.brisque_arch import rbf_kernel, scale_features

    def compute(pictures: torch.Tensor) -> torch.Tensor:
        features = scale_features(_brisque_features(pictures).double())
        kernel: torch.Tensor = rbf_kernel(features, vectors.T, BRISQUE_GAMMA)
        return kernel @ coefficients - BRISQUE_RHO

    return Metric(compute, setting, at_once=8)


def _brisque_features(pictures: torch.Tensor) -> torch.Tensor:
    """The 36 natural-scene statistics of the luma at two scales, [n, 36], as pyiqa's BRISQUE."""
    from pyiqa.archs.brisque_arch import natural_scene_statistics
    from pyiqa.matlab_utils import imresize
    from pyiqa.utils.color_util import to_y_channel

    luma = to_y_channel(pictures, 255.0)
    half = imresize(luma, scale=0.5, antialiasing=True)  # pyiqa halves once more, for nothing
    return torch.cat([natural_scene_statistics(scale) for scale in (luma, half)], dim=-1)


def niqe(options: dict[str, Any], setting: Setting) -> Metric:
    """pyiqa's NIQE with the authors' model of pristine pictures out of a package."""
    import scipy.io

    with tempfile.TemporaryDirectory() as folder:
        # A .mat file, since pyiqa reads its model by scipy.io.loadmat.
        path = Path(folder) / "niqe.mat"
        scipy.io.savemat(path, read_niqe_model(setting.files["niqe_pristine.npz"]))
        network = create_metric("niqe", setting, pretrained_model_path=str(path))
    return Metric(network, setting, at_once=2)


def pyiqa_metric(options: dict[str, Any], setting: Setting) -> Metric:
    """Any no-reference metric of pyiqa by its name there: ``piqe``, ``pyiqa:clipiqa``."""
    return Metric(create_metric(options["metric"].removeprefix("pyiqa:"), setting), setting)


def create_metric(name: str, setting: Setting, **options: str) -> Callable[..., torch.Tensor]:
    """pyiqa's metric without the range check of every batch and its chatter on stdout.

    pyiqa runs it within cudnn flags of its own, which allow TF32; they are set back as it starts.
    """
    with contextlib.redirect_stdout(io.StringIO()):
        import pyiqa

        device = torch.device(setting.device)
        metric = pyiqa.create_metric(name, device=device, **options)
    metric.net.register_forward_pre_hook(lambda network, inputs: exact_float32())
    compute: Callable[..., torch.Tensor] = metric
    return compute
