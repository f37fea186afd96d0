"""Whether a score file is what it would be if it were computed now. Imports no torch."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from causal_iqa.core.config import Scoring
from causal_iqa.core.errors import UserError
from causal_iqa.core.kinds import Kind
from causal_iqa.core.packaged import FILES
from causal_iqa.core.provenance.fingerprint import code_fingerprint
from causal_iqa.core.provenance.score_files import digest
from causal_iqa.core.scorer_config import Scorer
from causal_iqa.pictures.classes import imagenet_classes
from causal_iqa.scorers.entries import Entry
from causal_iqa.scorers.registry import entry_of, modules_of


class Prepared(NamedTuple):
    """What is made ahead of scoring.

    record: of the published weights' hashes (``prefetch.write_weights``); folder: they are below;
    texts: the classes' embeddings of a dual encoder (``prefetch.write_texts``).
    """

    record: Path | None = None
    folder: Path | None = None
    texts: Path | None = None


NOTHING = Prepared()


def read_record(record: Path) -> dict[str, str]:
    """Path below the weights folder -> SHA-256. Raises UserError where it is no such record."""
    try:
        files: dict[str, str] = json.loads(record.read_text())["files"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{record} is no record of weights; delete it, and the next run writes it anew"
        ) from error
    return files


def check_weights(prepared: Prepared) -> None:
    """Raises UserError where published weights are no longer those that were recorded."""
    if prepared.record is None or prepared.folder is None:
        return
    for name, recorded in read_record(prepared.record).items():
        path = prepared.folder / name
        if not path.is_file() or _sha256(path) != recorded:
            state = "was changed" if path.is_file() else "is gone"
            raise UserError(
                f"{path} {state} since {prepared.record} was written. Delete that record; the next "
                "run reads or fetches the weights anew and scores with them."
            )


def provenance(
    spec: Scorer,
    manifest: pl.DataFrame,
    classes: pl.DataFrame,
    allowed: list[int] | None,
    scoring: Scoring,
    prepared: Prepared = NOTHING,
) -> dict[str, Any]:
    """What a score file is computed from, all but the condition. Needs no torch.

    ``device`` is as configured here and the one used in a file.
    """
    entry = entry_of(spec)
    ids = manifest["image_id"].to_list()
    facts: dict[str, Any] = {
        "scorer": spec.model_dump(mode="json"),
        "weights": _weights(entry, prepared),
        "code": code_fingerprint(*modules_of(spec)),
        "libraries": {name: importlib.metadata.version(name) for name in entry.libraries},
        "device": scoring.device,
        "pictures": digest(ids),
    }
    if spec.kind in (Kind.CLASSIFIER, Kind.ZERO_SHOT):
        facts["precision"] = scoring.precision
        facts["compile"] = scoring.compile
        facts["labels"] = digest(zip(ids, manifest["label"].to_list(), strict=True))
        facts["restrict_to"] = allowed
        facts["classes"] = classes.height
    if spec.kind == Kind.ZERO_SHOT:
        # Their names too, which a dual encoder reads; of a classifier the number is enough.
        facts["classes"] = digest(own_class_names(classes) or ["ImageNet"])
        facts["texts"] = None if prepared.texts is None else _sha256(prepared.texts)
    return facts


def _weights(entry: Entry, prepared: Prepared) -> dict[str, str]:
    packaged = {name: FILES[name].sha256 for name in entry.files}
    names = Counter(file.name for file in entry.user_files)
    # By the name alone, so that a file may be moved, where that tells files apart.
    own = {
        file.name if names[file.name] == 1 else str(file): _sha256(file)
        for file in entry.user_files
    }
    recorded = {} if prepared.record is None else read_record(prepared.record)
    return {**packaged, **own, **recorded}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_fresh(found: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Whether a file's provenance is what it would be; with device auto either device's will do.

    What is undefined is a finding, not what a file is computed from.
    """
    found = {key: value for key, value in found.items() if key != "undefined"}
    if expected["device"] == "auto":
        return found == {**expected, "device": found.get("device")}
    return found == expected


def own_class_names(classes: pl.DataFrame) -> tuple[str, ...] | None:
    """The names of ``classes.csv``; None where the classes are ImageNet's 1000."""
    if classes["wnid"].equals(imagenet_classes()["wnid"]):
        return None
    return tuple(classes["name"])
