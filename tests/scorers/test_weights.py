"""Weights files are read, never run."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from causal_iqa.core.errors import UserError
from causal_iqa.core.packaged import locate
from causal_iqa.scorers import weights
from causal_iqa.scorers.folding import fold_batch_norm


class _Attack:
    def __reduce__(self) -> object:
        return os.system, ("touch attacked",)


def test_a_pickle_that_calls_a_function_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "w.pkl"
    file.write_bytes(pickle.dumps({"conv1": _Attack()}))
    with pytest.raises(UserError, match=r"posix\.system|os\.system"):
        weights.read_pickled_arrays(file)
    assert not (tmp_path / "attacked").exists()


def test_a_pickle_of_arrays_is_read(tmp_path: Path) -> None:
    file = tmp_path / "w.pkl"
    file.write_bytes(pickle.dumps({"conv1": [np.arange(6.0).reshape(2, 3)]}, protocol=3))
    assert weights.read_pickled_arrays(file)["conv1"][0].tolist() == [[0, 1, 2], [3, 4, 5]]


def test_a_checkpoint_of_another_network_is_refused() -> None:
    path = locate("efficientnet_lite0.pth", Path())
    with pytest.raises(UserError, match="efficientnet_lite1"):
        weights.read_lite(path, "efficientnet_lite1")


def test_folding_batch_norm_changes_logits_by_rounding_only() -> None:
    network = weights.build_lite(locate("efficientnet_lite0.pth", Path()), "efficientnet_lite0")
    pictures = torch.rand(2, 3, 224, 224, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.inference_mode():
        before = network(pictures)
        after = fold_batch_norm(network)(pictures)
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in network.modules())
    assert before.abs().max() > 1
    torch.testing.assert_close(after, before, rtol=0, atol=2e-5)


def test_brisque_model(packages: Path) -> None:
    coefficients, vectors = weights.read_brisque_svm(locate("brisque_svm.txt", packages))
    assert coefficients.shape == (774,) and vectors.shape == (774, 36)
    assert coefficients[0] == -1024 and vectors[0, 0] == pytest.approx(-0.596978)
