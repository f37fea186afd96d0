"""``pictures.parquet``: what an audit says of every picture."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from causal_iqa.audit.estimators.outputs import Outputs
from causal_iqa.audit.pictures.duplicates import WITHIN, groups
from causal_iqa.statistics.inputs import Booleans, Floats


def picture_table(
    listing: pl.DataFrame,
    usable: pl.DataFrame,
    target: Outputs,
    outside: Booleans,
    reference: Outputs,
    chances: Mapping[str, Floats],
) -> pl.DataFrame:
    """A row per listed picture; what cannot be said of it is empty.

    listing: ``files.LISTING``; usable: names of the scored pictures, with their scores and
    predictions; target, outside, chances: of these, in this order; reference: the clean pictures.

    ``name, group, label, status`` (scored | not scored | unreadable), ``reason, notes, width,
    height, sha256, duplicate_of`` (the first picture that it is a near duplicate of), ``outside``,
    per quality score ``scorer.variant`` and ``scorer.variant.quantile`` (share of the clean
    reference pictures with a smaller or equal Q), per network ``network.prediction`` and
    ``network.p_correct``.
    """
    said = usable.with_columns(
        outside=pl.Series(outside),
        **{f"{n}.p_correct": pl.Series(values) for n, values in chances.items()},
        **{
            f"{scorer}.{variant}.quantile": pl.Series(
                _quantiles(reference.quality[scorer, variant], values)
            ).fill_nan(None)
            for (scorer, variant), values in target.quality.items()
        },
    ).drop("sha256")
    facts = listing.select("name", "group", "label", "reason", "notes", "width", "height", "sha256")
    joined = facts.with_columns(duplicate_of=_first_of_kind(listing)).join(
        said, on="name", how="left", maintain_order="left"
    )
    status = (
        pl.when(pl.col("reason") != "")
        .then(pl.lit("unreadable"))
        .when(pl.col("outside").is_null())
        .then(pl.lit("not scored"))
        .otherwise(pl.lit("scored"))
    )
    return joined.with_columns(status=status).sort("name")


def _quantiles(reference: Floats, values: Floats) -> Floats:
    """Share of the reference that is smaller or equal, [n] in [0, 1]; NaN of a NaN.

    Of a reference picture that Q is not defined for, nothing is known; it does not count.
    """
    reference = reference[~np.isnan(reference)]
    shares = np.searchsorted(np.sort(reference), values, side="right") / len(reference)
    return np.where(np.isnan(values), np.nan, shares)


def _first_of_kind(listing: pl.DataFrame) -> pl.Series:
    """Name of the first picture of each picture's group of near duplicates; None for the first."""
    readable = listing.with_row_index().filter(pl.col("reason") == "")
    # Of the readable ones: all unreadable files have the fingerprint 0.
    first = groups(readable["fingerprint"].to_numpy(), WITHIN)
    names: list[str | None] = [None] * listing.height
    for row, (index, leader) in enumerate(zip(readable["index"], first, strict=True)):
        if row != leader:
            names[index] = readable["name"][int(leader)]
    return pl.Series(names, dtype=pl.String)
