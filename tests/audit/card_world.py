"""A small experiment and audited sets, written by the real writers from small picture files.

Severity lowers clarity; ``sharp`` (a metric) and the networks see it. The default estimator of
net0 is the logistic regression on ``sharp``, that of net1 its own average confidence, that of net2
the agreement with the others, which says nothing of single pictures.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from samples import make_photograph

from causal_iqa.analyses.estimators.schema import TRUTH_TEST
from causal_iqa.audit.calibration import write_truth_test
from causal_iqa.audit.estimates import write_estimates
from causal_iqa.audit.files import LISTING, AuditFiles, score_columns
from causal_iqa.audit.pictures.inventory import write_listing
from causal_iqa.core.columns import CLASSES, MANIFEST, SCORERS
from causal_iqa.core.conditions import CORRUPTIONS, Condition, grid
from causal_iqa.core.contract import Results, read_table, write_table
from causal_iqa.core.kinds import SCORES
from causal_iqa.data.panel import write_panel

CONDITIONS = grid(CORRUPTIONS[:10], (1, 3))
NETWORKS = {"net0": "Net <0> & “Co”", "net1": "Net 1", "net2": "Net 2"}
CLASS_NAMES = ["<b>fox</b>", "dog", "cat"]
HOSTILE = "<script>alert('x')</script>\"&\N{FOX FACE}"
DEFAULTS = {"net0": ("logistic", "sharp"), "net1": ("ac", ""), "net2": ("gde", "")}


def write_experiment(root: Path, pictures: int = 80) -> Results:
    """Manifest, classes, scorers, panel and ``tables/estimators.csv`` with DEFAULTS the best."""
    results = Results(root)
    rng = np.random.default_rng(3)
    ids = [f"id{k:03}" for k in range(pictures)]
    labels = rng.integers(0, 3, pictures)
    rows = [(i, int(y)) for i, y in zip(ids, labels, strict=True)]
    write_table(pl.DataFrame(rows, MANIFEST, orient="row"), results.manifest, MANIFEST)
    classes = [(k, f"n{k}", name) for k, name in enumerate(CLASS_NAMES)]
    write_table(pl.DataFrame(classes, CLASSES, orient="row"), results.classes, CLASSES)
    facts = [(n, "classifier", False, True, n, False, t, None) for n, t in NETWORKS.items()]
    facts.append(("sharp", "metric", False, False, "", False, "Sharpness", None))
    write_table(pl.DataFrame(facts, SCORERS, orient="row"), results.scorers, SCORERS)
    ease = rng.normal(size=pictures)
    for condition in CONDITIONS:
        clarity = 1.5 + ease - 0.6 * condition.severity
        for scorer, columns in scores(rng, clarity, labels).items():
            write_scores(results, scorer, condition, ids, columns)
    for scorer in (*NETWORKS, "sharp"):
        write_panel(results, scorer, CONDITIONS)
    write_truth_test(root, CONDITIONS, 0)
    prefer(results, DEFAULTS)
    return results


def write_scores(
    results: Results, scorer: str, condition: Condition, ids: list[str], columns: dict
) -> None:
    schema = SCORES["metric" if scorer == "sharp" else "classifier"]
    given = {"image_id": ids, "true_prob": None, **columns}
    frame = pl.DataFrame({name: given[name] for name in schema}, schema)
    write_table(frame, results.scores(scorer, condition), schema)


def scores(rng: np.random.Generator, clarity: np.ndarray, labels: np.ndarray) -> dict[str, dict]:
    """Columns of each scorer's score file but the pictures' ids."""
    n = len(clarity)
    found: dict[str, dict] = {"sharp": {"score": clarity + 0.1 * rng.normal(size=n)}}
    for network in NETWORKS:
        logits = rng.normal(size=(n, 3))
        logits[np.arange(n), labels] += clarity
        p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        found[network] = {
            "prediction": p.argmax(axis=1),
            "max_prob": p.max(axis=1),
            "entropy": -(p * np.log(p)).sum(axis=1),
            "max_logit": logits.max(axis=1),
            "logsumexp": np.log(np.exp(logits).sum(axis=1)),
        }
    return found


def prefer(results: Results, defaults: dict[str, tuple[str, str]]) -> None:
    """Make an estimator (and its quality source) of each network the one with the least error."""
    path = results.table("estimators")
    truth = read_table(path, TRUTH_TEST)
    best = pl.lit(False)
    for network, (estimator, source) in defaults.items():
        best |= (
            (pl.col("task_model") == network)
            & (pl.col("estimator") == estimator)
            & (pl.col("quality_source") == source)
        )
    table = truth.with_columns(mae=pl.when(best).then(0.0125).otherwise("mae"))
    write_table(table, path, TRUTH_TEST)


def make_pictures(folder: Path, n: int, seed: int) -> Path:
    """n pictures in the sub-folders a, b and HOSTILE (with its own in a file name), and faults.

    Two of them are near duplicates, one is no picture.
    """
    for k in range(n):
        make_photograph(folder / ("a", "b")[k % 2] / f"p{k:03}.png", seed + k, (40, 30))
    hostile = HOSTILE.replace("/", "")
    make_photograph(folder / hostile / f"{hostile}.png", seed + n, (40, 30))
    make_photograph(folder / "=1+1.png", seed + n + 1, (40, 30))
    make_photograph(folder / "b" / "twin.png", seed, (40, 30))
    (folder / "b" / "broken.jpg").write_text("no picture")
    (folder / "b" / "notes.txt").write_text("no picture")
    return folder


def audit(results: Results, pictures: Path, name: str, clarity: float) -> AuditFiles:
    """List the pictures, score them as if of this mean clarity, and estimate."""
    files = AuditFiles(results.audit(name))
    write_listing(pictures, files.listing, files.skipped, threads=1)
    digests = (
        read_table(files.listing, LISTING).filter(reason="")["sha256"].unique().sort().to_list()
    )
    rng = np.random.default_rng(len(name))
    levels = clarity + 0.6 * rng.normal(size=len(digests))
    labels = rng.integers(0, 3, len(digests))
    for scorer, columns in scores(rng, levels, labels).items():
        schema = score_columns("metric" if scorer == "sharp" else "classifier")
        given = {"sha256": digests, **columns}
        frame = pl.DataFrame({column: given[column] for column in schema}, schema)
        write_table(frame, files.scores(scorer), schema)
    write_estimates(results.root, name, CONDITIONS, 0, results.classes)
    return files
