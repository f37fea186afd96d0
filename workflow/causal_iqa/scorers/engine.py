"""Runs one scorer over conditions: loads it once, streams the pictures, writes the score files.

Nothing here makes a number: that is done by the modules that ``registry.modules_of`` names, and
only they count for whether a score file is fresh. Whether there is anything to do is decided
before torch is imported, so that a call with nothing to do takes a fraction of a second.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import sys
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import polars as pl

from causal_iqa.core.columns import CLASSES, MANIFEST
from causal_iqa.core.condition_archive import Archive
from causal_iqa.core.config import Scoring
from causal_iqa.core.contract import (
    check_share,
    read_provenance,
    read_table,
    write_scores,
    write_table,
)
from causal_iqa.core.device import claim_gpu, resolve_device
from causal_iqa.core.errors import UserError
from causal_iqa.core.kinds import SCORES, SOFTMAX, UNDEFINABLE, Kind
from causal_iqa.core.packaged import locate
from causal_iqa.core.progress import Progress
from causal_iqa.core.provenance.wholeness import checked_fingerprints
from causal_iqa.core.scorer_config import Scorer
from causal_iqa.scorers.freshness import (
    NOTHING,
    Prepared,
    check_weights,
    is_fresh,
    own_class_names,
    provenance,
)
from causal_iqa.scorers.memory import WithinMemory, measured_batch_size
from causal_iqa.scorers.pairs import Pairs
from causal_iqa.scorers.registry import entry_of
from causal_iqa.scorers.shards import Shard

if TYPE_CHECKING:
    import torch


NO_SIDECARS: Mapping[Path, Path] = {}


class LoadedScorer(Protocol):
    """What a loader returns: a scorer with its weights in memory."""

    device: str

    def prepare(self, picture: np.ndarray) -> torch.Tensor:
        """A CPU tensor [c, h, w] from RGB uint8 [H, W, 3], or [H, W, 6] of a pair.

        Called from several threads.
        """

    def score(self, batch: torch.Tensor, labels: np.ndarray) -> dict[str, np.ndarray]:
        """The kind's columns, each [n], of n prepared pictures; labels [n], NaN for none."""


def score(
    spec: Scorer,
    name: str,
    conditions: Sequence[tuple[Path, Path]],
    manifest_path: Path,
    classes_path: Path,
    packages_folder: Path,
    scoring: Scoring,
    reference: Path | None = None,
    prepared: Prepared = NOTHING,
    shard: Shard | None = None,
    sidecars: Mapping[Path, Path] = NO_SIDECARS,
) -> None:
    """Bring the score files of one scorer up to date.

    conditions: (archive, score file) pairs; reference: the clean pictures' archive, where
    pictures are compared with them; prepared: what was made ahead; shard: the part of the pictures
    that the score files are of (None: all); sidecars: score file -> file of the whole softmax, of
    a task network whose softmax is kept. A score file that was computed from what it would be
    computed from now is left alone; any other is replaced, whole. Raises UserError where an archive
    is not what its index says (``wholeness``), where a picture is missing, unreadable or cannot be
    scored by a network, or where a metric is not defined for more than ``scoring.max_undefined`` of
    a condition; that condition's file is not written.
    """
    manifest = read_table(manifest_path, MANIFEST)
    classes = read_table(classes_path, CLASSES)
    allowed = read_provenance(manifest_path).get("restrict_to")
    common = provenance(spec, manifest, classes, allowed, scoring, prepared)
    references = [] if reference is None else [reference]
    fingerprints = checked_fingerprints([*(tar for tar, _ in conditions), *references])
    if reference is not None:
        common["reference"] = fingerprints[reference]
    rows = None
    if shard is not None:
        common["shard"] = f"{shard} in batches of {scoring.batch_size}"
        assert scoring.batch_size != "auto"  # the configuration sees to it
        rows = shard.rows(manifest.height, scoring.batch_size)
    stale = []
    for tar, out in conditions:
        expected = {**common, "condition": fingerprints[tar]}
        files = [out, sidecars[out]] if out in sidecars else [out]
        if not all(is_fresh(read_provenance(file), expected) for file in files):
            stale.append((tar, out, expected))
        else:
            # A fresh file was written under its own limit, which may have been lowered since.
            found = read_provenance(out).get("undefined", {})
            check_share(found, manifest.height, scoring.max_undefined, out)
    if not stale:
        return
    device = resolve(scoring)
    check_weights(prepared)  # only where something is to be done: it hashes them all
    loaded = load(
        spec,
        classes,
        packages_folder,
        device,
        scoring.precision,
        allowed,
        texts=prepared.texts,
        compiled=scoring.compile,
        softmax=bool(sidecars),
    )
    batch_size = _batch_size(scoring, loaded, stale[0][0], reference, name)
    within = WithinMemory(loaded)  # one for all conditions: a halved batch stays halved
    progress = Progress(len(stale) * len(range(manifest.height) if rows is None else rows))
    for number, (tar, out, expected) in enumerate(stale, start=1):
        progress.at = f"condition {number}/{len(stale)} ({out.parent.name}/{out.stem})"
        frame, lost = score_condition(
            loaded,
            spec.kind,
            tar,
            manifest,
            batch_size,
            scoring.threads,
            reference,
            within,
            rows,
            progress,
        )
        facts = {**expected, "device": device}
        if lost:
            metric = expected["scorer"]["metric"]
            undefined = {n: f"{metric} is not defined for it: {what}" for n, what in lost.items()}
            check_share(undefined, manifest.height, scoring.max_undefined, tar)
            facts["undefined"] = undefined
        if out in sidecars:
            write_table(frame, sidecars[out], SOFTMAX, facts)
        write_scores(frame, out, spec.kind, facts)
        progress.say()


def resolve(scoring: Scoring) -> str:
    """The device to run on, a GPU being this process's own; also gives torch its threads.

    Raises UserError where it is cuda and torch finds none, or the precision needs another.
    """
    device = resolve_device(scoring.device)
    if device == "cuda":
        claim_gpu()
    import torch

    torch.set_num_threads(scoring.threads)
    if device == "cuda" and not torch.cuda.is_available():
        why = "" if scoring.device == "cuda" else " (a GPU shows in /dev, so cuda)"
        build = "finds no CUDA device" if torch.version.cuda else "is a build without CUDA"
        raise UserError(
            f"scoring.device: {scoring.device}{why}, but PyTorch {torch.__version__} {build}. "
            "nvidia-smi says whether the driver works. To run the networks on CPUs set "
            "scoring.device: cpu."
        )
    if device == "cpu" and scoring.precision == "float16":
        raise UserError(
            "scoring.precision: float16 needs a CUDA device; on a CPU use float32 or bfloat16"
        )
    return device


def _batch_size(
    scoring: Scoring, loaded: LoadedScorer, tar: Path, reference: Path | None, name: str
) -> int:
    """As configured; ``auto``: measured with the first picture of ``tar``."""
    if scoring.batch_size != "auto":
        return scoring.batch_size
    with _opened(tar, reference) as archive:
        size = measured_batch_size(loaded, loaded.prepare(archive.read(0)))
    print(f"{name}: {size} pictures at once", file=sys.stderr, flush=True)
    return size


def _opened(tar: Path, reference: Path | None) -> Archive:
    return Archive(tar) if reference is None else Pairs(tar, reference)


def load(
    spec: Scorer,
    classes: pl.DataFrame,
    packages_folder: Path,
    device: str,
    precision: str,
    allowed: Sequence[int] | None = None,
    *,
    texts: Path | None = None,
    online: bool = False,
    compiled: bool = False,
    softmax: bool = False,
) -> LoadedScorer:
    """A scorer with its weights on ``device``.

    texts: the classes' embeddings (``prefetch.write_texts``); online: whether weights may be
    fetched; compiled: whether networks are compiled; softmax: whether task networks give all of
    it. Raises UserError where weights are missing or a model has other outputs than the classes.
    """
    from causal_iqa.scorers.fetching import explained, no_download
    from causal_iqa.scorers.setting import Setting, exact_float32

    exact_float32()
    # what pyiqa says of a flat picture, whose score then counts as not defined
    warnings.filterwarnings("ignore", module=r"pyiqa\.")
    entry = entry_of(spec)
    setting = Setting(
        files={file: locate(file, packages_folder) for file in entry.files},
        class_names=own_class_names(classes),
        allowed=None if allowed is None else tuple(allowed),
        device=device,
        precision=precision,
        texts=texts,
        compile=compiled,
        softmax=softmax,
    )
    module, _, function = entry.loader.partition(":")
    with explained(entry.title), contextlib.nullcontext() if online else no_download():
        loader = getattr(importlib.import_module(f"causal_iqa.scorers.{module}"), function)
        loaded: LoadedScorer = loader(spec.model_dump(), setting)
    # A metric has no outputs, and fits any classes.
    outputs = getattr(loaded, "outputs", classes.height)
    if outputs != classes.height:
        raise UserError(
            f"{entry.title} predicts {outputs} classes, but classes.csv lists {classes.height}. "
            "Leave pictures.classes out and give pictures.class_map from your names to those "
            f"{outputs}."
        )
    return loaded


def score_condition(
    loaded: LoadedScorer,
    kind: Kind,
    tar: Path,
    manifest: pl.DataFrame,
    batch_size: int,
    workers: int,
    reference: Path | None = None,
    within: WithinMemory | None = None,
    rows: range | None = None,
    progress: Progress | None = None,
) -> tuple[pl.DataFrame, dict[str, str]]:
    """Score every picture of an archive; the contract's columns, sorted by image_id, and where
    the scorer gives it ``softmax``. Also image id -> ``nan`` or ``inf``, of the pictures that a
    metric is not defined for; their score is null.

    Pictures are taken in the order of image_id in fixed batches, so a second run gives the same
    bytes, unless memory runs out (``memory``). workers: threads that decode and prepare while the
    model runs. within: what is known of the memory already. rows: of the pictures; None: all.
    progress: is told of every batch.
    """
    import torch

    from causal_iqa.scorers.batches import batches

    scorer = within or WithinMemory(loaded)
    with _opened(tar, reference) as archive, torch.inference_mode():
        ids = archive.index["image_id"]
        _check_ids(ids, manifest["image_id"], tar)
        labels = manifest["label"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        wanted = range(len(archive)) if rows is None else rows
        parts = []
        undefined: dict[str, str] = {}

        def prepared(row: int) -> torch.Tensor:
            return loaded.prepare(archive.read(row))

        for batch_rows, batch in batches(prepared, wanted, batch_size, workers, loaded.device):
            columns = scorer.score(batch, labels[batch_rows])
            named = ids[batch_rows[0] : batch_rows[-1] + 1]  # rows of a batch follow each other
            if kind in UNDEFINABLE:
                undefined |= _set_aside(columns["score"], named)
            else:
                _check_finite(columns, named, tar)
            parts.append(columns)
            if progress is not None:
                progress.add(len(batch_rows))
    if not parts:  # a shard may be empty, where there are fewer batches than shards
        return pl.DataFrame(schema=SCORES[kind]), {}
    merged = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    schema = dict(SCORES[kind])
    if "softmax" in merged:
        schema["softmax"] = SOFTMAX["softmax"]
        merged["softmax"] = merged["softmax"].tolist()
    # NaN, of true_prob without a label and of undefined scores, is null in the contract.
    frame = pl.DataFrame({"image_id": ids[wanted.start : wanted.stop], **merged}).fill_nan(None)
    return frame.select(pl.col(name).cast(dtype) for name, dtype in schema.items()), undefined


def _check_ids(ids: pl.Series, wanted: pl.Series, tar: Path) -> None:
    if ids.equals(wanted):
        return
    lost = wanted.filter(~wanted.is_in(ids.implode()))
    extra = ids.filter(~ids.is_in(wanted.implode()))
    fault = f"lacks picture {lost[0]!r}" if len(lost) else f"has picture {extra[0]!r} too many"
    raise UserError(f"{tar} {fault}; it must hold exactly the manifest's {len(wanted)} pictures")


def _set_aside(scores: np.ndarray, ids: pl.Series) -> dict[str, str]:
    """Make the scores [n] that are not finite NaN; what they were, by image id."""
    lost = np.flatnonzero(~np.isfinite(scores))
    found = {ids[int(row)]: f"{scores[row]:g}" for row in lost}
    scores[lost] = np.nan
    return found


def _check_finite(columns: dict[str, np.ndarray], ids: pl.Series, tar: Path) -> None:
    """Raise UserError where a network's output is not finite: that is a fault."""
    for name, values in columns.items():
        if name in ("true_prob", "softmax"):  # NaN where there is no label; finite as the others
            continue
        lost = ~np.isfinite(values)
        if lost.any():
            row = int(lost.argmax())
            raise UserError(
                f"{tar}: picture {ids[row]!r} cannot be scored: its {name} is {values[row]}. A "
                "network is defined for every picture: leave out this scorer, condition or picture"
            )
