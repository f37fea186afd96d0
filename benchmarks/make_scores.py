"""Make a folder of scores with a known structure, to import at the paper's own scale.

    python benchmarks/make_scores.py DIR --pictures 50000

Severity lowers the clarity of a picture. Networks and the zero-shot encoder see clarity and the
picture's content; of the metrics the first sees clarity alone and each further one more noise.
Six networks, four metrics, one zero-shot encoder, all marked synthetic in ``scorers.csv``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import polars as pl
from tqdm import tqdm

from causal_iqa.core.columns import CLASSES, MANIFEST, SCORERS
from causal_iqa.core.conditions import CORRUPTIONS, SEVERITIES, Condition, grid
from causal_iqa.core.contract import Results, write_table
from causal_iqa.core.kinds import SCORES
from causal_iqa.core.seeding import generator

NETWORKS = ("net_a", "net_b", "net_c", "net_d", "net_e", "net_f")
METRICS = ("metric_a", "metric_b", "metric_c", "metric_d")
ENCODER = "encoder"


def make(root: Path, pictures: int, seed: int, classes: int = 1000) -> None:
    """Write manifest, classes, scorers and the scores of all 76 conditions below ``root``."""
    results = Results(root)
    ids = [f"synthetic_{number:08}" for number in range(pictures)]
    rng = generator(seed, "pictures")
    labels = rng.integers(0, classes, pictures).astype(np.int32)
    sight, content = rng.normal(size=(2, pictures))
    manifest = pl.DataFrame({"image_id": ids, "label": labels})
    write_table(manifest.select(*MANIFEST), results.manifest, MANIFEST)
    names = [(index, "", f"class {index}") for index in range(classes)]
    write_table(pl.DataFrame(names, schema=CLASSES, orient="row"), results.classes, CLASSES)
    write_table(_scorers(), results.scorers, SCORERS)
    for condition in tqdm(grid(CORRUPTIONS, SEVERITIES), unit="condition"):
        for name, kind in _scorers().select("scorer", "kind").iter_rows():
            columns = _columns(name, kind, condition, labels, (sight, content), seed)
            frame = pl.DataFrame({"image_id": ids, **columns}, schema_overrides=SCORES[kind])
            write_table(frame, results.scores(name, condition), SCORES[kind])


def _scorers() -> pl.DataFrame:
    rows = [(name, "classifier", False, True, name, True, name, None) for name in NETWORKS]
    rows += [(name, "metric", False, False, None, True, name, None) for name in METRICS]
    rows += [(ENCODER, "zero_shot", False, False, ENCODER, True, ENCODER, None)]
    return pl.DataFrame(rows, schema=SCORERS, orient="row")


def _columns(
    name: str,
    kind: str,
    condition: Condition,
    labels: np.ndarray,
    picture: tuple[np.ndarray, np.ndarray],
    seed: int,
) -> dict[str, np.ndarray]:
    """The columns of one score file, each [n]."""
    rng = generator(seed, "scores", name, *condition)
    sight, content = picture
    clarity = sight - 0.7 * condition.severity + 0.3 * rng.normal(size=len(labels))
    if kind == "metric":
        return {"score": clarity + METRICS.index(name) * 3 * rng.normal(size=len(labels))}
    seen = clarity + 1.5 * content + rng.normal(size=len(labels))
    right = rng.random(len(labels)) < 1 / (1 + np.exp(-(clarity + 1.5 * content + 1.5)))
    confidence = 1 / (1 + np.exp(-seen))
    columns = {
        "prediction": np.where(right, labels, np.where(labels, 0, 1)),
        "max_prob": confidence,
        "entropy": -np.log(confidence),
        "max_logit": seen,
        "logsumexp": seen - np.log(confidence),
        "true_prob": np.where(right, confidence, 0.5 * (1 - confidence)),
    }
    if kind == "zero_shot":
        columns |= {"max_prob_t": confidence**0.5, "entropy_t": -np.log(confidence) / 2}
    return columns


def main() -> None:
    """Make the folder that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pictures", type=int, default=50_000)
    parser.add_argument("--classes", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    make(arguments.folder, arguments.pictures, arguments.seed, arguments.classes)


if __name__ == "__main__":
    main()
