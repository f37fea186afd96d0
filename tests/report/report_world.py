"""An experiment's result files with a known structure: what the analysis stage would leave.

Quality follows severity with a strength of its own for each scorer, so figures look like real
ones. Known exceptions: NIQE cannot be estimated for squeezenet1_1; scikit-learn's slope has the
other sign for the dual encoder's entropy; the dual encoder shares lite0's weights.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from PIL import Image, ImageDraw

from causal_iqa.analyses.pooled.schema import CORRELATIONS, POOLED
from causal_iqa.core.columns import CLASSES, MANIFEST, SCORERS
from causal_iqa.core.condition_archive import Member, write_condition
from causal_iqa.core.conditions import CLEAN, CORRUPTIONS, SEVERITIES, Condition, grid
from causal_iqa.core.contract import Results, read_table, write_table
from causal_iqa.core.jpeg import encode_jpeg
from causal_iqa.core.kinds import TABLE_KINDS, VARIANTS
from causal_iqa.core.packaged import FILES
from causal_iqa.data.schema import ACCURACY, CONDITION_MEANS, PANELS
from causal_iqa.report.drawing.accuracy import write_accuracy
from causal_iqa.report.drawing.overview import write_overview
from causal_iqa.report.drawing.scatter import scatter_figures
from causal_iqa.report.findings import read_pairs
from causal_iqa.report.report_page import Provenance

CLASSIFIERS = {
    "efficientnet_lite0": "EfficientNet-Lite0",
    "efficientnet_lite1": "EfficientNet-Lite1",
    "efficientnet_lite2": "EfficientNet-Lite2",
    "squeezenet1_1": "SqueezeNet 1.1",
}
METRICS = {"brisque": "BRISQUE", "niqe": "NIQE", "piqe": "PIQE", "tv": "TV (mean |dx|+|dy|)"}
ZERO_SHOT = {"lite0_minilm": "Assembled dual encoder (Lite0 + MiniLM)"}
FAMILY_OF = {kind: family for family, kind in TABLE_KINDS.items()}
REASON = "all 240 training points have M = 0"
STRENGTH = {"metric": 0.53, "classifier": 0.78, "zero_shot": 0.66}
SCALE = {
    "score": (30.0, 12.0),
    "max_prob": (0.6, 0.15),
    "entropy": (2.0, 0.9),
    "max_logit": (9.0, 2.0),
    "max_prob_t": (0.3, 0.1),
    "entropy_t": (4.0, 0.7),
}


def scorers(
    classifiers: Mapping[str, str] = CLASSIFIERS, metrics: Mapping[str, str] = METRICS
) -> pl.DataFrame:
    """scorers.csv of the world; classifiers, metrics: name -> title."""
    rows = [(n, "classifier", False, True, n, False, t, None) for n, t in classifiers.items()]
    rows += [
        (n, "metric", n != "tv" or None, False, "", False, t, "0 to 9") for n, t in metrics.items()
    ]
    rows += [
        (n, "zero_shot", False, True, "efficientnet_lite0", False, t, None)
        for n, t in ZERO_SHOT.items()
    ]
    return pl.DataFrame(rows, schema=SCORERS, orient="row")


def write_world(
    folder: Path, pictures: int = 20, plain: bool = False, facts: pl.DataFrame | None = None
) -> Path:
    """Write every result file into ``folder`` and return it.

    plain: leave out the exceptions, so that nothing is to be warned of but circular pairs. facts:
    ``scorers``, where they are to be others than usual.
    """
    facts = scorers() if facts is None else facts
    rng = np.random.default_rng(7)
    rows = [(f"p{i:05d}", i % 19) for i in range(pictures)]
    write_table(pl.DataFrame(rows, MANIFEST, orient="row"), folder / "manifest.parquet", MANIFEST)
    names = pl.DataFrame([(k, f"n{k}", f"fox {k}") for k in range(19)], CLASSES, orient="row")
    write_table(names, folder / "classes.csv", CLASSES)
    write_table(facts, folder / "scorers.csv", SCORERS)
    groups, accuracy = _groups(rng, pictures, facts)
    write_table(groups, folder / "groups.parquet", CONDITION_MEANS)
    write_table(accuracy, folder / "tables" / "accuracy.csv", ACCURACY)
    for family in TABLE_KINDS:
        rows_of_family = _pairs(rng, family, pictures, plain, facts)
        pairs = pl.DataFrame(rows_of_family, POOLED, orient="row")
        pairs.write_csv(folder / "tables" / f"{family}.csv")
    _write_panels(Results(folder), rng, facts)
    return folder


def _write_panels(results: Results, rng: np.random.Generator, facts: pl.DataFrame) -> None:
    """Scores of every picture by chance about what ``SCALE`` says."""
    ids = read_table(results.manifest, MANIFEST)["image_id"]
    for name, kind, *_ in facts.iter_rows():
        columns = PANELS[kind]
        frames = []
        for condition in grid(CORRUPTIONS, SEVERITIES):
            values = {
                column: rng.normal(*SCALE.get(column, (0.5, 0.1)), len(ids)) for column in columns
            }
            values |= {"corruption": condition.corruption, "severity": condition.severity}
            values |= {"image_id": ids}
            if "prediction" in columns:
                values["prediction"] = rng.integers(0, 19, len(ids))
            frames.append(pl.DataFrame({c: values[c] for c in columns}, schema=columns))
        write_table(pl.concat(frames), results.panel(name), columns)


def _groups(
    rng: np.random.Generator, pictures: int, facts: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    harm = {name: rng.uniform(0.05, 0.18) for name in CORRUPTIONS} | {CLEAN: 0.0}
    rows, accuracy = [], []
    for name, kind, *_ in facts.iter_rows():
        for corruption, severity in grid(CORRUPTIONS, SEVERITIES):
            damage = harm[corruption] * severity
            if kind == "classifier":
                top = 0.65 if name == "squeezenet1_1" else 0.9
                right = np.clip(top - damage + rng.normal(0, 0.04), 0, 1)
                right = round(right * min(pictures, 1000)) / min(pictures, 1000)
                rows.append((name, "accuracy", corruption, severity, right, pictures))
                accuracy.append((name, corruption, severity, right, pictures))
            noise = {"metric": 1.5, "classifier": 0.15, "zero_shot": 0.4}[kind]
            for variant in VARIANTS[kind]:
                centre, spread = SCALE[variant]
                way = 1 if variant in ("score", "entropy", "entropy_t") else -1
                value = centre + way * spread * (damage * 2 + rng.normal(0, noise))
                rows.append((name, variant, corruption, severity, float(value), pictures))
    return (
        pl.DataFrame(rows, CONDITION_MEANS, orient="row"),
        pl.DataFrame(accuracy, ACCURACY, orient="row"),
    )


def _pairs(
    rng: np.random.Generator, family: str, pictures: int, plain: bool, facts: pl.DataFrame
) -> list[dict[str, Any]]:
    kinds = {name: kind for name, kind, *_ in facts.iter_rows()}
    return [
        _pair(rng, task, (source, kind), variant, solver, pictures, plain)
        for task, of in kinds.items()
        if of == "classifier"
        for source, kind in kinds.items()
        if FAMILY_OF[kind] == family
        for variant in VARIANTS[kind]
        for solver in ("converged", "sklearn")
    ]


def _pair(
    rng: np.random.Generator,
    task: str,
    quality: tuple[str, str],
    variant: str,
    solver: str,
    pictures: int,
    plain: bool,
) -> dict[str, Any]:
    source, kind = quality
    auc = float(np.clip(STRENGTH[kind] + rng.normal(0, 0.03) + 0.06 * (task == source), 0, 1))
    half = 0.45 / np.sqrt(max(pictures * 0.2, 1))
    tested = pictures // 5 * 75
    row: dict[str, Any] = {
        "task_model": task,
        "quality_source": source,
        "quality_variant": variant,
        "circular": task == source or (source == "lite0_minilm" and task == "efficientnet_lite0"),
        "n_groups": 75,
        "n_train": pictures * 75 - tested,
        "n_test": tested,
        "solver": solver,
        "auc_ci_method": "bootstrap",
        "slope": -1.0 if variant.startswith("entropy") or kind == "metric" else 1.0,
        "intercept": 0.1,
        "reason": "",
        **_interval("auc", auc, half / 4, "lo", "hi"),
        **_interval("auc", auc, half, "cluster_lo", "cluster_hi"),
        **_interval("ce", 0.62, 0.03, "lo", "hi"),
        **_interval("ce", 0.62, 0.12, "cluster_lo", "cluster_hi"),
        "ce_base": 0.671,
    }
    sign = -1 if row["slope"] < 0 else 1
    for name in CORRELATIONS:
        value = sign * {"metric": 0.08, "classifier": 0.8, "zero_shot": 0.6}[kind]
        row |= _interval(name, value, 0.12, "lo", "hi")
        row |= _interval(name, value, 0.19, "corr_lo", "corr_hi")
        row |= {f"{name}_p": 0.01, f"{name}_p_holm": 0.3 if kind == "metric" else 1e-9}
    if not plain:
        _except(row)
    return row


def _interval(name: str, value: float, half: float, low: str, high: str) -> dict[str, float]:
    return {
        name: value,
        f"{name}_{low}": max(value - half, -1.0),
        f"{name}_{high}": min(value + half, 1.0),
    }


def _except(row: dict[str, Any]) -> None:
    if (row["task_model"], row["quality_source"]) == ("squeezenet1_1", "niqe"):
        row |= {k: None for k in POOLED if k.startswith(("auc_", "ce")) and k != "auc_ci_method"}
        row |= {"auc": None, "slope": None, "intercept": None, "reason": REASON}
    flipped = ("sklearn", "lite0_minilm", "entropy")
    if (row["solver"], row["quality_source"], row["quality_variant"]) == flipped:
        row |= {"slope": 0.052, "auc": 1 - row["auc"]}
        row |= {"auc_cluster_lo": row["auc"] - 0.1, "auc_cluster_hi": row["auc"] + 0.1}


def write_conditions(folder: Path, image_ids: list[str]) -> Path:
    """Archives of all 76 conditions, its background telling severity and id."""
    for condition in grid(CORRUPTIONS, SEVERITIES):
        members = [
            Member(name, f"{condition}/0/{name}.JPEG", encode_jpeg(_photograph(condition, place)))
            for place, name in enumerate(image_ids)
        ]
        write_condition(folder / condition.corruption / f"{condition.severity}.tar", members, {})
    return folder


def _photograph(condition: Condition, place: int) -> np.ndarray:
    grey = 250 - 40 * condition.severity - 15 * place
    sheet = Image.new("RGB", (224, 224), (grey,) * 3)
    ImageDraw.Draw(sheet).ellipse((40, 60, 180, 170), fill=(200, 80, 30))
    return np.asarray(sheet)


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Width and height of an encoded picture."""
    with Image.open(io.BytesIO(data)) as picture:
        return picture.size


def provenance() -> Provenance:
    """A configuration, versions and weights as the report stage would hand them over."""
    return Provenance(
        config={"experiment": "embedded", "figures": {"style": "whitegrid", "dpi": 150}},
        versions={"causal-iqa": "0.1.0", "polars": "2.1.0", "pyiqa": "0.1.16"},
        weights=dict(FILES),
        files_of={
            "efficientnet_lite0": ("efficientnet_lite0.pth",),
            "brisque": ("brisque_svm.txt",),
            "lite0_minilm": ("efficientnet_lite0.pth", "all_minilm_l6_v2.zip"),
        },
    )


def grey_levels(path: Path, x: list[int], y: int) -> list[float]:
    """Mean of the channels of a picture file at each (x, y)."""
    with Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGB"), dtype=float)
    return [float(pixels[y, column].mean()) for column in x]


def draw_page(results: Results) -> list[Path]:
    """Draw the figures of the page at few dots an inch."""
    scorers = read_table(results.scorers, SCORERS)
    pairs, figures = read_pairs(results), results.root / "figures"
    accuracy = read_table(results.table("accuracy"), ACCURACY)
    written = write_overview(pairs, scorers, figures / "overview", "white", 50)
    return written + write_accuracy(accuracy, scorers, figures, "white", 50)


def draw(results: Results) -> list[Path]:
    """Draw every figure of the report at few dots an inch."""
    groups, scorers = (
        read_table(results.groups, CONDITION_MEANS),
        read_table(results.scorers, SCORERS),
    )
    pairs, figures = read_pairs(results), results.root / "figures"
    written = draw_page(results)
    for model in pairs["task_model"].unique():
        out = figures / "scatter"
        written += scatter_figures(model, groups, scorers, pairs, out, "white", 50)
    return written
