"""The pictures of a condition, each with its clean picture behind it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from causal_iqa.core.condition_archive import Archive
from causal_iqa.core.errors import UserError


class Pairs(Archive):
    """An archive that reads RGB uint8 [H, W, 6]: a picture, and its reference of the same id."""

    def __init__(self, tar: Path, reference: Path) -> None:
        super().__init__(tar)
        self._reference = Archive(reference)
        ids = self._reference.index["image_id"]
        self._rows = dict(zip(ids, range(len(ids)), strict=True))

    def __exit__(self, *error: object) -> None:
        self._reference.__exit__(*error)
        super().__exit__(*error)

    def read(self, row: int) -> np.ndarray:
        """Raises UserError where the reference is missing or of another size."""
        image_id = self.index["image_id"][row]
        if image_id not in self._rows:
            raise UserError(f"{self._reference.tar} lacks picture {image_id!r} of {self.tar}")
        picture, reference = super().read(row), self._reference.read(self._rows[image_id])
        if picture.shape != reference.shape:
            raise UserError(
                f"picture {image_id!r} has {_size(picture)} pixels in {self.tar}, but "
                f"{_size(reference)} in {self._reference.tar}; the two cannot be compared"
            )
        return np.concatenate([picture, reference], axis=2)


def _size(picture: np.ndarray) -> str:
    return f"{picture.shape[1]} x {picture.shape[0]}"
