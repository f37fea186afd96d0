"""One audited set, as its files say."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import polars as pl

from causal_iqa.audit.files import ESTIMATES, LISTING, AuditFiles
from causal_iqa.core.contract import Results, read_parquet, read_table
from causal_iqa.pictures.finding import read_skipped, said


class Audited(NamedTuple):
    """One audited set's files.

    passed_over: files that are no pictures of the set, in a line (``finding.said``). scored: rows
    of ``pictures.parquet`` with scores; networks: all; chances: those with an
    estimate and a P(M=1) of each picture.
    """

    name: str
    listing: pl.DataFrame
    passed_over: str
    pictures: pl.DataFrame
    scored: pl.DataFrame
    estimates: pl.DataFrame
    networks: list[str]
    chances: list[str]


def read_audited(root: Path, name: str, networks: list[str]) -> Audited:
    """The set ``name`` of the experiment whose results are in ``root``.

    Raises ContractError for a table that is absent or not as its schema says.
    """
    files = AuditFiles(Results(root).audit(name))
    estimates = read_table(files.estimates, ESTIMATES)
    # Without an estimate of the set, probabilities could not be brought into line with it.
    given = estimates.filter("is_default", pl.col("estimate").is_not_null())["task_model"].to_list()
    pictures = read_parquet(files.pictures)
    return Audited(
        name,
        read_table(files.listing, LISTING),
        said(read_skipped(files.skipped)),
        pictures,
        pictures.filter(status="scored"),
        estimates,
        networks,
        [n for n in networks if n in given and f"{n}.p_correct" in pictures.columns],
    )
