"""A GPU in name: tensors that say cuda, are held by the CPU, and refuse to meet the CPU's."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

MOVES = {torch.ops.aten._to_copy.default, torch.ops.aten.copy_.default}
"""What takes tensors from one device to the other."""

INDEXES = {torch.ops.aten.index.Tensor, torch.ops.aten.index_put_.default}
"""What takes its indices from the CPU as well, as on a real GPU."""


class Elsewhere(torch.Tensor):
    """A tensor on the GPU; ``held`` has its values."""

    held: torch.Tensor

    @staticmethod
    def __new__(cls, held: torch.Tensor) -> Elsewhere:
        made: Elsewhere = torch.Tensor._make_wrapper_subclass(  # type: ignore[attr-defined]
            cls,
            held.size(),
            strides=held.stride(),
            storage_offset=held.storage_offset(),
            dtype=held.dtype,
            device=torch.device("cuda", 0),
        )
        made.held = held
        return made

    @classmethod
    def __torch_dispatch__(
        cls, operation: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        return _run(operation, args, kwargs or {})


class _Everywhere(TorchDispatchMode):
    """Sees the operations that take no tensor, or only the CPU's."""

    def __torch_dispatch__(
        self, operation: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        return _run(operation, args, kwargs or {})


def _run(operation: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    given = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)]
    there = {id(tensor.held): tensor for tensor in given if isinstance(tensor, Elsewhere)}
    strangers = [t for t in given if not isinstance(t, Elsewhere) and t.ndim > 0]
    if there and strangers and operation not in MOVES | INDEXES:
        raise RuntimeError(f"{operation}: tensors of the CPU among the GPU's")
    asked = kwargs.get("device")
    result = operation(*tree_map(_held, args), **tree_map(_held, kwargs))
    if torch.device(asked).type != "cuda" if asked is not None else not there:
        return result
    return tree_map(lambda leaf: _sent(leaf, there), result)


def _held(leaf: Any) -> Any:
    if isinstance(leaf, torch.device):
        return torch.device("cpu")
    return leaf.held if isinstance(leaf, Elsewhere) else leaf


def _sent(leaf: Any, there: dict[int, Elsewhere]) -> Any:
    """A result on the GPU; what was changed in place is the tensor that it was."""
    if not isinstance(leaf, torch.Tensor):
        return leaf
    return there[id(leaf)] if id(leaf) in there else Elsewhere(leaf)


@contextlib.contextmanager
def fake_gpu() -> Iterator[None]:
    """A block in which ``cuda`` is a device of that kind."""
    torch._C._ensureCUDADeviceGuardSet()
    overwrite: Callable[[bool], None] = torch.__future__.set_overwrite_module_params_on_conversion
    with (
        mock.patch("torch.cuda._lazy_init"),
        torch.backends.cudnn.flags(enabled=False),
        mock.patch.object(torch.backends.cudnn, "flags"),  # which would put cuDNN on again
        torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH),
        _Everywhere(),
    ):
        overwrite(True)
        torch._C._set_only_lift_cpu_tensors(True)  # torch.tensor(..., device="cuda") in two steps
        try:
            yield
        finally:
            torch._C._set_only_lift_cpu_tensors(False)
            overwrite(False)
