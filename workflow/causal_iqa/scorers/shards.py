"""One scorer over several machines: shards of the pictures, and one score file of them again.

A shard is a run of whole batches, so that every picture is scored beside the same pictures as
without shards: on a CPU the merged file is the unsharded one, to the last bit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from causal_iqa.core.columns import Columns
from causal_iqa.core.contract import (
    ContractError,
    check_share,
    read_provenance,
    read_table,
    undefined_faults,
    write_table,
)


class Shard(NamedTuple):
    """One of ``total`` parts of the pictures; number counts from 1."""

    number: int
    total: int

    def __str__(self) -> str:
        return f"{self.number}of{self.total}"

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read ``2of4`` back. Raises ValueError where the text is no shard."""
        found = re.fullmatch(r"([1-9][0-9]*)of([1-9][0-9]*)", text)
        if found is None or int(found[1]) > int(found[2]):
            raise ValueError(f"{text!r} is no shard, as 2of4")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: Any) -> Any:
        """In the options of a command it is a text, as ``2of4``."""
        from pydantic_core import core_schema as is_a

        return is_a.no_info_after_validator_function(cls.parse, is_a.str_schema())

    def rows(self, pictures: int, batch_size: int) -> range:
        """Its rows of so many pictures; empty where there are fewer batches than shards."""
        batches = -(-pictures // batch_size)
        first, last = (batches * k // self.total for k in (self.number - 1, self.number))
        return range(first * batch_size, min(pictures, last * batch_size))


def merge(
    pieces: Sequence[Path],
    schema: Columns,
    image_ids: pl.Series,
    out: Path,
    max_undefined: float = 0.0,
) -> None:
    """Write a file of all pictures from those of its shards, in their order.

    schema: of score files, or of the whole softmax beside them. Its provenance is theirs without
    the shard and with what is undefined in any, that of an unsharded file. max_undefined: as in
    ``config.Scoring``. Raises ContractError where the pieces are of different computations or do
    not hold the pictures, each once; UserError where more is undefined.
    """
    provenances = [read_provenance(piece) for piece in pieces]
    undefined = {
        name: why for found in provenances for name, why in found.get("undefined", {}).items()
    }
    facts = [_of_all(found) for found in provenances]
    for piece, found in zip(pieces, facts, strict=True):
        if found != facts[0]:
            raise ContractError(
                f"{piece} was computed from something else than {pieces[0]}; delete the older one"
            )
    frame = pl.concat(read_table(piece, schema) for piece in pieces)
    if not frame["image_id"].equals(image_ids):
        raise ContractError(f"{out}: its {len(pieces)} shards do not hold the pictures, each once")
    if "score" in schema:
        for fault in undefined_faults(frame, undefined, out):
            raise ContractError(fault)
        check_share(undefined, frame.height, max_undefined, out)
    facts_of_all = facts[0] | ({"undefined": undefined} if undefined else {})
    write_table(frame, out, schema, facts_of_all)


def _of_all(provenance: dict[str, Any]) -> dict[str, Any]:
    """What the provenance of all shards of a file has in common."""
    return {k: value for k, value in provenance.items() if k not in ("shard", "undefined")}
