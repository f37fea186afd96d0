"""The whole softmax of task networks, where it was kept beside their scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from causal_iqa.core.conditions import Condition
from causal_iqa.core.contract import Results, check_image_ids, read_provenance, read_table
from causal_iqa.core.kinds import SOFTMAX

Halves = NDArray[np.float16]


def unpacked(rows: pl.Series) -> Halves:
    """[n, classes] of a column as ``SOFTMAX`` has it."""
    joined = np.frombuffer(b"".join(rows.to_list()), dtype=np.float16)
    return joined.reshape(len(rows), -1)


class KeptSoftmax(Mapping[str, Halves]):
    """Task network -> its softmax [n, classes] under one condition, read at each access.

    A network counts only where its file was written with the scores that are there now.
    """

    def __init__(
        self, results: Results, networks: Sequence[str], condition: Condition, ids: pl.Series
    ) -> None:
        self._ids = ids
        self._files = {
            network: file
            for network in networks
            if (file := results.softmax(network, condition)).is_file()
            and read_provenance(file) == read_provenance(results.scores(network, condition))
        }

    def __getitem__(self, network: str) -> Halves:
        file: Path = self._files[network]
        frame = read_table(file, SOFTMAX)
        check_image_ids(frame["image_id"], self._ids, file)
        return unpacked(frame["softmax"])

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)
