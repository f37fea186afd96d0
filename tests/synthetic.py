"""A score folder with a known structure, for the analyses: no picture and no network."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl

from causal_iqa.core.columns import CLASSES, MANIFEST, SCORERS
from causal_iqa.core.conditions import Condition
from causal_iqa.core.contract import Results, read_table, write_table
from causal_iqa.core.kinds import SCORES, VARIANTS
from causal_iqa.data.panel import write_panel

KINDS = {
    "net_a": ("classifier", "a"),
    "net_b": ("classifier", "b"),
    "good": ("metric", None),
    "noise": ("metric", None),
    "dual": ("zero_shot", "a"),
}


def write_experiment(
    root: Path,
    conditions: list[Condition],
    pictures: int,
    seed: int,
    kinds: Mapping[str, tuple[str, str | None]] = KINDS,
) -> Results:
    """Severity lowers a latent clarity; the nets and ``good`` see it, ``noise`` does not.

    The nets see a picture's content too, which makes a picture's rows alike under all conditions.
    """
    rng = np.random.default_rng(seed)
    results = Results(root)
    ids = [f"id{k:04}" for k in range(pictures)]
    labels = rng.integers(0, 1000, pictures)
    manifest = [(i, int(y)) for i, y in zip(ids, labels, strict=True)]
    write_table(pl.DataFrame(manifest, schema=MANIFEST, orient="row"), results.manifest, MANIFEST)
    names = pl.DataFrame([(k, f"n{k}", f"class {k}") for k in range(1000)], CLASSES, orient="row")
    write_table(names, results.classes, CLASSES)
    facts = [
        (name, kind, False, True, group, True, name, None) for name, (kind, group) in kinds.items()
    ]
    write_table(pl.DataFrame(facts, schema=SCORERS, orient="row"), results.scorers, SCORERS)
    ease, content = rng.normal(size=(2, pictures))
    for condition in conditions:
        clarity = ease - 0.7 * condition.severity + 0.3 * rng.normal(size=pictures)
        for name, (kind, _) in kinds.items():
            sight = clarity if kind == "metric" else clarity + 1.5 * content
            columns = _scores(name, kind, sight, labels, rng)
            frame = pl.DataFrame({"image_id": ids, **columns}, schema_overrides=SCORES[kind])
            write_table(frame.select(*SCORES[kind]), results.scores(name, condition), SCORES[kind])
    join_scores(results, conditions)
    return results


def join_scores(results: Results, conditions: list[Condition], most: float = 0.0) -> None:
    """Bring ``panel/`` up to date with the score files; most: share that may be undefined."""
    for name in read_table(results.scorers, SCORERS)["scorer"]:
        write_panel(results, name, conditions, max_undefined=most)


def label_few(results: Results, conditions: list[Condition], labels: int) -> None:
    """Give the pictures ``labels`` labels, in turn, and keep which predictions are right."""
    manifest = pl.read_parquet(results.manifest)
    new = pl.Series(np.arange(manifest.height) % labels, dtype=pl.Int32)
    for condition in conditions:
        for net in ("net_a", "net_b"):
            path = results.scores(net, condition)
            scores = pl.read_parquet(path)
            right = (scores["prediction"] == manifest["label"]).to_numpy()
            made_up = pl.Series(np.where(right, new.to_numpy(), 999), dtype=pl.Int32)
            scores.with_columns(prediction=made_up).write_parquet(path)
    manifest.with_columns(label=new).write_parquet(results.manifest)


def undefine(results: Results, metric: str, lost: dict[Condition, list[str]]) -> None:
    """Make a metric undefined for some pictures under some conditions, in its score files."""
    for condition, ids in lost.items():
        path = results.scores(metric, condition)
        kept = pl.when(~pl.col("image_id").is_in(ids)).then("score").alias("score")
        pl.read_parquet(path).with_columns(kept).write_parquet(path)


def _scores(name: str, kind: str, sight: np.ndarray, labels: np.ndarray, rng) -> dict:
    if kind == "metric":
        return {"score": rng.normal(size=len(sight)) if name == "noise" else sight}
    seen = sight + 0.5 * rng.normal(size=len(sight))
    correct = rng.random(len(sight)) < 1 / (1 + np.exp(-(seen + 1.5)))
    confidence = 1 / (1 + np.exp(-seen))  # in the order of what is seen
    return {
        **dict.fromkeys(VARIANTS[kind], confidence),
        "max_logit": seen,
        "entropy": -np.log(confidence),
        "prediction": np.where(correct, labels, (labels + 1) % 1000),
        "logsumexp": seen,
        "true_prob": np.full(len(sight), 0.5),
        **({"entropy_t": -np.log(confidence)} if kind == "zero_shot" else {}),
    }
