"""Run the whole analysis of a paper-sized import and print what every rule took, as Markdown.

    python benchmarks/full_scale.py FOLDER --pictures 50000 --cores 2

FOLDER gets the import (``make_scores.py``), results/full_scale the results; 76 conditions, 6 task
models, 25 quality scores. The last lines hold the pooled tables and the content control against
the plain way, scikit-learn on resampled rows and on each picture's folds, timed in the same run on
a sample of one pair and multiplied.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
from make_scores import make
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score

from causal_iqa.core.conditions import CORRUPTIONS, SEVERITIES, grid
from causal_iqa.core.contract import Results, read_table
from causal_iqa.data.folds import FOLDS, read_folds
from causal_iqa.data.panel import Panel
from causal_iqa.data.schema import SPLITS

REPOSITORY = Path(__file__).parents[1]
RESAMPLES = 1000
NAIVE_RESAMPLES = 5
NAIVE_PICTURES = 200


def run(folder: Path, cores: int, target: str) -> float:
    """Wall seconds of ``snakemake TARGET`` on the import in ``folder``."""
    config = folder / "config.yaml"
    config.write_text(f"experiment: full_scale\nscores: {{import: {folder / 'import'}}}\n")
    command = ["snakemake", target, "--snakefile", REPOSITORY / "Snakefile"]
    command += ["--configfile", config, "--cores", str(cores), "--quiet"]
    start = time.perf_counter()
    subprocess.run(command, check=True, cwd=REPOSITORY)
    return time.perf_counter() - start


def rules(results: Path) -> pl.DataFrame:
    """Wall and CPU seconds and peak memory (MB) of every rule, from Snakemake's own files."""
    found = []
    for path in sorted((results / "benchmarks").rglob("*.tsv")):
        took = pl.read_csv(path, separator="\t", infer_schema_length=None).row(0, named=True)
        rule = str(path.relative_to(results / "benchmarks").with_suffix(""))
        found.append((rule, float(took["s"]), float(took["cpu_time"]), float(took["max_rss"])))
    columns = ["rule", "wall", "cpu", "memory"]
    return pl.DataFrame(found, schema=columns, orient="row").sort("cpu", descending=True)


def naive_hours(results: Results) -> float:
    """Hours of fits, AUC, CE and both bootstraps of all pairs, on one core, extrapolated."""
    panel = Panel(results.root, grid(CORRUPTIONS, SEVERITIES)[1:])
    test = read_table(results.splits, SPLITS)["is_test"].to_numpy()
    task_models = panel.of_kind("classifier")
    q, m = panel.quality("metric_a", "score"), panel.correct(task_models[0])
    start = time.perf_counter()
    fit = LogisticRegression(tol=1e-8).fit(q[:, ~test].reshape(-1, 1), m[:, ~test].ravel())
    once = time.perf_counter() - start
    held_q, held_m = q[:, test].ravel(), m[:, test].ravel()
    p = fit.predict_proba(held_q[:, None])[:, 1]
    rng = np.random.default_rng(0)
    start = time.perf_counter()
    for _ in range(NAIVE_RESAMPLES):
        rows = rng.integers(0, held_q.size, size=held_q.size)
        roc_auc_score(held_m[rows], held_q[rows])
        log_loss(held_m[rows], p[rows])
    each = (time.perf_counter() - start) / NAIVE_RESAMPLES
    return pairs(panel) * (once + 2 * RESAMPLES * each) / 3600


def naive_content_hours(results: Results) -> float:
    """Hours of a fit, AUC and CE for every picture, fold and pair, as above."""
    panel = Panel(results.root, grid(CORRUPTIONS, SEVERITIES))
    folds = read_folds(results, "image_fold", panel.conditions, panel.image_ids)
    q = panel.quality("metric_a", "score")
    m = panel.correct(panel.of_kind("classifier")[0])
    start = time.perf_counter()
    for picture in range(NAIVE_PICTURES):
        score, right = q[:, picture, None], m[:, picture]
        for fold in range(FOLDS):
            test = folds[:, picture] == fold
            if len(set(right[test])) == len(set(right[~test])) == 2:
                fit = LogisticRegression(tol=1e-8).fit(score[~test], right[~test])
                p = fit.predict_proba(score[test])[:, 1]
                roc_auc_score(right[test], p)
                log_loss(right[test], p)
    each = (time.perf_counter() - start) / NAIVE_PICTURES
    return pairs(panel) * len(panel.image_ids) * each / 3600


def pairs(panel: Panel) -> int:
    """Pairs of task model and quality score."""
    kinds = ("metric", "classifier", "zero_shot")
    scores = sum(len(panel.variants(s)) for kind in kinds for s in panel.of_kind(kind))
    return len(panel.of_kind("classifier")) * scores


def main() -> None:
    """Make, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pictures", type=int, default=50_000)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--target", default="paper")
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    if not (folder / "import").exists():
        make(folder / "import", arguments.pictures, seed=0)
    wall = run(folder, arguments.cores, arguments.target)
    results = REPOSITORY / "results" / "full_scale"
    took = rules(results)
    pooled = took.filter(pl.col("rule").str.starts_with("pooled/"))["cpu"].sum()
    print("| rule | wall, s | CPU, s | peak memory, GB |\n|---|---:|---:|---:|")
    for rule, seconds, cpu, memory in took.iter_rows():
        print(f"| {rule} | {seconds:.0f} | {cpu:.0f} | {memory / 1024:.1f} |")
    print(f"\n{arguments.target}: {wall / 60:.1f} min on {arguments.cores} cores")
    print(
        f"pooled tables: {pooled / 60:.1f} min of CPU; "
        f"plainly {naive_hours(Results(results)):.1f} h"
    )
    if arguments.target == "paper":
        content = took.filter(rule="content_image")["cpu"].sum()
        print(
            f"content within pictures: {content / 60:.1f} min of CPU; "
            f"plainly {naive_content_hours(Results(results)):.1f} h"
        )


if __name__ == "__main__":
    sys.exit(main())
