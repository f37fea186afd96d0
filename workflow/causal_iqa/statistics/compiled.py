"""How every kernel here is compiled."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(kernel: Kernel) -> Kernel:
    """Compile with numba at the first call, and keep the machine code on disk.

    On one thread, since the workflow runs jobs side by side; without the interpreter's lock, so
    that a caller may use threads of its own.
    """
    return cast(Kernel, numba.njit(cache=True, nogil=True)(kernel))
