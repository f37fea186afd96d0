"""What scoring needs and is made ahead of it: weights on disk, the classes' embeddings."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from causal_iqa.core.config import Scoring
from causal_iqa.core.contract import atomic
from causal_iqa.core.scorer_config import Scorer, ZeroShot
from causal_iqa.scorers.engine import load, resolve
from causal_iqa.scorers.fetching import files_read


def write_weights(
    spec: Scorer, classes: pl.DataFrame, packages: Path, folder: Path, record: Path
) -> None:
    """Load a scorer once, with the network, and record which files of ``folder`` it read.

    record: JSON ``{"files": {path below folder: SHA-256}}``. Raises UserError where a file cannot
    be fetched.
    """
    if isinstance(spec, ZeroShot):  # of its texts one prompt is enough to load what it needs
        spec = spec.model_copy(update={"templates": 1, "class_names": None})
        classes = classes.head(1).with_columns(wnid=pl.lit(""))
    with files_read(folder) as files:
        # Whatever device scores, the files are the same, and a CPU is everywhere.
        load(spec, classes, packages, "cpu", "float32", online=True)
    with atomic(record) as temporary:
        temporary.write_text(json.dumps({"files": files}, indent=1, sort_keys=True) + "\n")


def write_texts(
    spec: ZeroShot, classes: pl.DataFrame, packages: Path, scoring: Scoring, target: Path
) -> None:
    """Write the classes' embeddings [d, k], float32, as safetensors with the name ``weights``."""
    import safetensors.torch

    loaded = load(spec, classes, packages, resolve(scoring), scoring.precision)
    # Contiguous, since safetensors writes no views.
    weights = loaded.weights.cpu().contiguous()  # type: ignore[attr-defined]
    with atomic(target) as temporary:
        safetensors.torch.save_file({"weights": weights}, temporary)
