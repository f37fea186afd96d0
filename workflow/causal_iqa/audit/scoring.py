"""Scores of a set's pictures by one scorer, kept by the pictures' content.

A picture is brought to the form of the experiment's clean pictures (``pictures.matched``, saved as
JPEG as they are) and goes through the same loaders. Its scores are kept under the SHA-256 of its
bytes: one more picture in a set is one picture more to score.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from causal_iqa.audit.files import LISTING, score_columns
from causal_iqa.core.archives import read_bytes, where
from causal_iqa.core.columns import CLASSES, MANIFEST
from causal_iqa.core.config import Scoring
from causal_iqa.core.contract import read_provenance, read_table, write_table
from causal_iqa.core.errors import UserError
from causal_iqa.core.jpeg import decode, encode_jpeg
from causal_iqa.core.progress import Progress
from causal_iqa.core.provenance.fingerprint import code_fingerprint
from causal_iqa.core.scorer_config import Scorer
from causal_iqa.pictures.matched import matched
from causal_iqa.scorers.engine import LoadedScorer, load, resolve
from causal_iqa.scorers.freshness import Prepared, check_weights, is_fresh, provenance
from causal_iqa.scorers.memory import WithinMemory, measured_batch_size

if TYPE_CHECKING:
    import torch

# So much is lost at most where an audit is stopped; each write rewrites the whole file.
KEPT_EVERY = 512
"""Pictures scored between two times that the scores are written."""


def score_pictures(
    spec: Scorer,
    listing: Path,
    out: Path,
    classes_path: Path,
    manifest: Path,
    packages: Path,
    scoring: Scoring,
    prepared: Prepared,
    *,
    softmax: bool = False,
) -> None:
    """Bring ``out`` up to date with the readable pictures of ``listing``.

    manifest: the experiment's, which says what predictions are restricted to; softmax: whether the
    whole softmax of a task network is kept. What was interrupted
    goes on where it stopped. Raises UserError where a picture was changed since it was listed.
    """
    classes = read_table(classes_path, CLASSES)
    allowed = read_provenance(manifest).get("restrict_to")
    facts = provenance(spec, pl.DataFrame(schema=MANIFEST), classes, allowed, scoring, prepared)
    # Pictures come as users have them, and how they are read is part of their scores.
    facts["reading"] = code_fingerprint("pictures.matched")
    columns = score_columns(spec.kind, softmax=softmax)
    wanted = _distinct(read_table(listing, LISTING))
    done = pl.DataFrame(schema=columns)
    if (
        is_fresh(read_provenance(out), facts)
        and columns.keys() <= pl.read_parquet_schema(out).keys()
    ):
        kept = read_table(out, columns)
        done = kept.filter(pl.col("sha256").is_in(wanted["sha256"].implode()))
    missing = wanted.join(done, on="sha256", how="anti", maintain_order="left")
    device = resolve(scoring)
    # After the comparison, for which "auto" is either device; recorded is the one used.
    facts["device"] = device
    # A network is loaded only where there is something to score.
    if missing.height:
        check_weights(prepared)
        loaded = load(
            spec,
            classes,
            packages,
            device,
            scoring.precision,
            allowed,
            texts=prepared.texts,
            compiled=scoring.compile,
            softmax=softmax,
        )
        for part in _scored(loaded, missing, scoring, columns):
            done = pl.concat([done, part])
            # By content, so that the file does not show in which order pictures came.
            write_table(done.sort("sha256"), out, columns, facts)
    else:
        write_table(done.sort("sha256"), out, columns, facts)


def _distinct(listing: pl.DataFrame) -> pl.DataFrame:
    """The readable pictures, each content once, in the listing's order."""
    readable = listing.filter(pl.col("reason") == "")
    return readable.unique("sha256", keep="first", maintain_order=True)


def _scored(
    loaded: LoadedScorer,
    pictures: pl.DataFrame,
    scoring: Scoring,
    columns: dict[str, pl.DataType],
) -> Iterator[pl.DataFrame]:
    """Score columns of the pictures, in parts of KEPT_EVERY rows and what is left."""
    import torch

    from causal_iqa.scorers.batches import batches

    rows = pictures.select("path", "offset", "size", "sha256").rows()

    def prepare(row: int) -> torch.Tensor:
        return loaded.prepare(_clean(*rows[row]))

    size = scoring.batch_size
    if size == "auto":
        size = measured_batch_size(loaded, prepare(0))
    within, progress = WithinMemory(loaded), Progress(len(rows))
    for start in range(0, len(rows), KEPT_EVERY):
        span = range(start, min(start + KEPT_EVERY, len(rows)))
        parts = []
        with torch.inference_mode():
            for numbers, batch in batches(prepare, span, size, scoring.threads, loaded.device):
                # No labels: whether a prediction is right is not known here.
                scores: dict[str, Any] = within.score(batch, np.full(len(numbers), np.nan))
                if "softmax" in scores:
                    scores["softmax"] = scores["softmax"].tolist()
                digests = [rows[number][3] for number in numbers]
                parts.append(pl.DataFrame({"sha256": digests, **scores}))
                progress.add(len(numbers))
        scored = pl.concat(parts).select(pl.col(c).cast(dtype) for c, dtype in columns.items())
        yield scored.with_columns(
            # What is not finite is not defined, and has one sign in the file: null.
            pl.when(pl.col(c).is_finite()).then(pl.col(c)).alias(c)
            for c, dtype in columns.items()
            if dtype.is_float()
        )
        progress.say()


def _clean(path: str, offset: int | None, size: int, sha256: str) -> np.ndarray:
    """RGB uint8 [224, 224, 3] as the experiment's clean pictures are made."""
    place = where(Path(path), offset)
    data = read_bytes(Path(path), offset, size)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise UserError(f"{place} was changed since it was listed; start the audit again")
    return decode(encode_jpeg(matched(data, place)), place)
