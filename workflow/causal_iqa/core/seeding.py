"""Random draws by name: a generator is seeded by what its draws are for, and by nothing else."""

from __future__ import annotations

import hashlib
import json

import numpy as np


def generator(seed: int, *purpose: str | int) -> np.random.Generator:
    """A PCG64 generator for one purpose, as ``generator(0, image_id, "fog", 3)``.

    Seed and purpose are hashed with SHA-256 as one JSON list, so no two purposes are written the
    same way, and draws for one depend neither on those for another nor on their order.
    """
    name = json.dumps([seed, *purpose])
    digest = hashlib.sha256(name.encode()).digest()
    # By name: what default_rng stands for may change with NumPy, and all draws with it.
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "big")))
