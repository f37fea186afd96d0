"""Whether a score file is what it would be if it were computed now. Imports no torch."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from causal_iqa.config import Scorer, Scoring
from causal_iqa.errors import UserError
from causal_iqa.fingerprint import code_fingerprint
from causal_iqa.packaged import FILES
from causal_iqa.pictures.classes import imagenet_classes
from causal_iqa.scorers.registry import Entry, entry_of, modules_of
from causal_iqa.store import condition_provenance


def provenance(
    spec: Scorer,
    manifest: pl.DataFrame,
    classes: pl.DataFrame,
    allowed: list[int] | None,
    scoring: Scoring,
) -> dict[str, Any]:
    """What a score file is computed from, all but the condition. Needs no torch.

    ``device`` is as configured here and the one used in a file; ``weights`` of a metric that
    pyiqa finds by itself are known only once it is loaded.
    """
    entry = entry_of(spec)
    ids = manifest["image_id"].to_list()
    facts: dict[str, Any] = {
        "scorer": spec.model_dump(mode="json"),
        "weights": _pinned_weights(entry),
        "code": code_fingerprint(*modules_of(spec)),
        "libraries": {name: importlib.metadata.version(name) for name in entry.libraries},
        "device": scoring.device,
        "pictures": _digest(ids),
    }
    if spec.kind in ("classifier", "zero_shot"):
        facts["precision"] = scoring.precision
        facts["labels"] = _digest(zip(ids, manifest["label"].to_list(), strict=True))
        facts["restrict_to"] = allowed
        facts["classes"] = classes.height
    if spec.kind == "zero_shot":
        facts["classes"] = _digest(own_class_names(classes) or ["ImageNet"])
    return facts


def _pinned_weights(entry: Entry) -> dict[str, str]:
    weights = {name: FILES[name].sha256 for name in entry.files}
    if entry.checkpoint is not None:
        with entry.checkpoint.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        weights[entry.checkpoint.name] = digest
    return weights


def _digest(rows: Iterable[Any]) -> str:
    digest = hashlib.sha256()
    for row in rows:
        digest.update(f"{row!r}\n".encode())
    return digest.hexdigest()[:16]


def condition_fingerprint(tar: Path) -> str:
    fingerprint: str | None = condition_provenance(tar).get("fingerprint")
    if fingerprint is None:
        raise UserError(f"{tar} or its index is missing or cut short; make the condition again")
    return fingerprint


def is_fresh(found: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Whether a file's provenance is what it would be.

    With device auto either device's scores will do. Weights that pyiqa found by itself count as
    the same while the files that are still there hash the same.
    """
    if not found:
        return False
    same = {**expected}
    if expected["device"] == "auto":
        same["device"] = found.get("device")
    own = {k: v for k, v in found.get("weights", {}).items() if k not in expected["weights"]}
    same["weights"] = {**expected["weights"], **own}
    return found == same and all(_unchanged(file, digest) for file, digest in own.items())


def _unchanged(file: str, digest: str) -> bool:
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    home = Path(os.environ.get("TORCH_HOME", f"{cache}/torch")).expanduser()
    path = home / "hub" / file
    if not path.is_file():
        return True
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest() == digest


def own_class_names(classes: pl.DataFrame) -> tuple[str, ...] | None:
    """The names of ``classes.csv``; None where the classes are ImageNet's 1000."""
    if classes["wnid"].equals(imagenet_classes()["wnid"]):
        return None
    return tuple(classes["name"])
