"""One picture under several conditions, as ImageNet-C makes and saves it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from causal_iqa.core.conditions import CLEAN, Condition
from causal_iqa.core.jpeg import encode_jpeg
from causal_iqa.core.seeding import generator
from causal_iqa.corruptions import corrupt
from causal_iqa.pictures.matched import matched


def variants(
    data: bytes,
    where: str,
    image_id: str,
    conditions: Sequence[Condition],
    seed: int,
    frost_pictures: tuple[np.ndarray, ...] | None,
    *,
    as_published: bool = False,
) -> list[bytes]:
    """JPEGs [len(conditions)] of an encoded picture: matched clean, corrupted, quality 85.

    Each depends on the clean pixels and (seed, image_id, corruption, severity) and on nothing
    else. frost_pictures: needed for frost only; as_published: as ``matched`` takes it. Raises
    UserError naming ``where`` the picture lies if it is unreadable.
    """
    clean = matched(data, where, as_published=as_published)
    return [
        encode_jpeg(_corrupted(clean, image_id, condition, seed, frost_pictures))
        for condition in conditions
    ]


def _corrupted(
    clean: np.ndarray,
    image_id: str,
    condition: Condition,
    seed: int,
    frost_pictures: tuple[np.ndarray, ...] | None,
) -> np.ndarray:
    if condition.corruption == CLEAN:
        return clean
    rng = generator(seed, image_id, *condition)
    return corrupt(clean, *condition, rng, frost_pictures)
