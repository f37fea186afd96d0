"""Which device the networks run on, decided without importing torch."""

from __future__ import annotations

from pathlib import Path


def resolve_device(device: str) -> str:
    """'cpu' or 'cuda' from 'auto', 'cpu' or 'cuda'.

    auto is cuda where Linux shows an NVIDIA GPU under /dev.
    """
    if device != "auto":
        return device
    return "cuda" if any(Path("/dev").glob("nvidia[0-9]*")) else "cpu"
