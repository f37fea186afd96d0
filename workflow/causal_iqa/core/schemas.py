"""The columns of every file that stages hand to each other, and what kinds of scorers there are.

``contract`` writes and reads them. A column may be empty only if ``NULLABLE`` names it.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from causal_iqa.core.conditions import SEVERITIES

CLASSES = {"index": pl.Int32, "wnid": pl.String, "name": pl.String}
MANIFEST = {"image_id": pl.String, "label": pl.Int32}
PICTURES = {
    **MANIFEST,
    "path": pl.String,
    "offset": pl.Int64,
    "size": pl.Int64,
    "sha256": pl.String,
}
"""``manifest.parquet`` where there are pictures; offset and size (bytes): those in an archive."""
SKIPPED = {"name": pl.String, "reason": pl.String}
"""``skipped.csv``: files that are no picture of the set, and why (``pictures.finding``)."""
INDEX = {"image_id": pl.String, "member": pl.String, "offset": pl.Int64, "size": pl.Int64}
SCORERS = {
    "scorer": pl.String,
    "kind": pl.String,
    "lower_better": pl.Boolean,
    "trained_on_labels": pl.Boolean,
    "weights_group": pl.String,
    "synthetic": pl.Boolean,
    "title": pl.String,
    "value_range": pl.String,
}
CLASSIFIER_SCORES = {
    "image_id": pl.String,
    "prediction": pl.Int32,
    "max_prob": pl.Float32,
    "entropy": pl.Float32,
    "max_logit": pl.Float32,
    "logsumexp": pl.Float32,
    "true_prob": pl.Float32,
}
SOFTMAX = {"image_id": pl.String, "softmax": pl.Binary}
"""A network's whole softmax beside its scores: float16 [classes] of a picture, as bytes."""
SCORES = {
    "classifier": CLASSIFIER_SCORES,
    "zero_shot": {**CLASSIFIER_SCORES, "max_prob_t": pl.Float32, "entropy_t": pl.Float32},
    "metric": {"image_id": pl.String, "score": pl.Float32},
    "fr_metric": {"image_id": pl.String, "score": pl.Float32},
}
UNDEFINABLE = ("metric", "fr_metric")
"""Kinds whose ``score`` may be empty: a metric need not be defined for a picture.

The provenance says why, ``undefined: {image_id: reason}`` (``contract.read_scores``)."""
VARIANTS = {
    "classifier": ("max_prob", "entropy", "max_logit"),
    "zero_shot": ("max_prob", "entropy", "max_logit", "max_prob_t", "entropy_t"),
    "metric": ("score",),
    "fr_metric": ("score",),
}
PANELS = {
    kind: {"corruption": pl.String, "severity": pl.Int32, **columns}
    for kind, columns in SCORES.items()
}
"""All score files of a scorer of this kind, one condition after the other."""
ACCURACY = {
    "task_model": pl.String,
    "corruption": pl.String,
    "severity": pl.Int32,
    "accuracy": pl.Float64,
    "n": pl.Int32,
}
CORRELATIONS = ("krcc", "plcc", "srcc")
_ESTIMATES = {
    name: pl.Float64
    for name in (
        *("auc", "auc_lo", "auc_hi", "auc_cluster_lo", "auc_cluster_hi"),
        *("slope", "intercept"),
        *("ce", "ce_lo", "ce_hi", "ce_cluster_lo", "ce_cluster_hi", "ce_base"),
        *(
            coefficient + suffix
            for coefficient in CORRELATIONS
            for suffix in ("", "_lo", "_hi", "_corr_lo", "_corr_hi", "_p", "_p_holm")
        ),
    )
}
POOLED: dict[str, Any] = {
    **dict.fromkeys(("task_model", "quality_source", "quality_variant"), pl.String),
    "circular": pl.Boolean,
    **dict.fromkeys(("n_groups", "n_train", "n_test"), pl.Int64),
    "solver": pl.String,
    "auc_ci_method": pl.String,
    **_ESTIMATES,
    "reason": pl.String,
}
_PAIR = dict.fromkeys(("quality_source", "quality_variant"), pl.String)
_SENSITIVITY = {
    estimate + end: pl.Float64
    for estimate in ("d1_tau", "d1_abs_tau", "d1_auroc_mean", "d1_auroc_least")
    for end in ("", "_lo", "_hi")
}
_PREDICTION = {
    estimate + end: pl.Float64 for estimate in ("d3_auc", "d3_srcc") for end in ("", "_lo", "_hi")
}
DESIDERATA: dict[str, Any] = {
    "family": pl.String,
    **_PAIR,
    **dict.fromkeys(("n_pictures", "n_corruptions", "n_conditions", "n_constant"), pl.Int64),
    **_SENSITIVITY,
    **dict.fromkeys(("d1_least_condition", "d1_verdict", "d1_reason"), pl.String),
    "d2_needs_reference": pl.Boolean,
    **dict.fromkeys(("d2_verdict", "d2_reason"), pl.String),
    "d3_task_model": pl.String,
    "d3_n_task_models": pl.Int64,
    **_PREDICTION,
    **dict.fromkeys(("d3_verdict", "d3_reason"), pl.String),
    "d4_trained_on_labels": pl.Boolean,
    **dict.fromkeys(("d4_shares_weights_with", "d4_verdict", "d4_reason"), pl.String),
}
"""What each column means: ``analyses.desiderata.compute``."""
_STEPS = {f"auroc_{severity}": pl.Float64 for severity in SEVERITIES}
DESIDERATA_SENSITIVITY: dict[str, Any] = {
    **_PAIR,
    "corruption": pl.String,
    **dict.fromkeys(("n_pictures", "n_severities", "n_constant"), pl.Int64),
    **dict.fromkeys(("tau", "tau_lo", "tau_hi"), pl.Float64),
    **_STEPS,
    "reason": pl.String,
}
PUBLISHED_TABLES: dict[str, Any] = {
    "table": pl.Int64,
    **dict.fromkeys(("guidance", "task_model", "quality_source", "quality_variant"), pl.String),
    **dict.fromkeys(("auc", "ce"), pl.Float64),
    **{name + end: pl.Float64 for name in CORRELATIONS for end in ("", "_ci95")},
}
"""The paper's Tables 1 to 6 as printed: ``resources/published_tables.csv``."""
_COMPARISON = {
    **dict.fromkeys(("value", "half_width", "paper", "paper_half_width"), pl.Float64),
    **dict.fromkeys(("difference", "joint_half_width"), pl.Float64),
    "within": pl.Boolean,
}
PUBLISHED: dict[str, Any] = {
    "table": pl.Int64,
    **dict.fromkeys(("paper_task_model", "paper_quality_source", "quality_variant"), pl.String),
    **dict.fromkeys(("task_model", "quality_source", "quantity", "solver"), pl.String),
    **_COMPARISON,
    "reason": pl.String,
}
"""What each column means: ``analyses.published.compute``."""
_AUDIT = {
    **dict.fromkeys(("gradient_left", "correlation"), pl.Float64),
    **dict.fromkeys(("auc_right_sign", "ce_gain"), pl.Float64),
    **dict.fromkeys(("sklearn_slope", "sklearn_auc", "sklearn_ce"), pl.Float64),
    **dict.fromkeys(("converged", "sign_agrees", "artefact"), pl.Boolean),
}
SOLVER_AUDIT: dict[str, Any] = {
    "table": pl.String,
    **dict.fromkeys(("task_model", "quality_source", "quality_variant", "solver"), pl.String),
    **dict.fromkeys(("slope", "intercept", "auc", "ce", "ce_base"), pl.Float64),
    **_AUDIT,
    "reason": pl.String,
}
"""What each column means: ``analyses.solver_audit.compute``."""
PAPER_FIGURES: dict[str, Any] = {
    "number": pl.Int64,
    **dict.fromkeys(("caption", "stands_in", "file", "reason"), pl.String),
}
"""The paper's scatter figures: what stands in for its scorers, the file, why there is none."""
TABLE_KINDS = {"nr_iqa": "metric", "strong": "classifier", "weak": "zero_shot"}
"""The pooled tables and the kind of their quality sources: Table 1; 2, 4, 5, 6; 3."""
FULL_REFERENCE = "fr_metric"
"""The kind that is scored and analysed for the target ``paper`` only (Appendix A)."""
ALL_TABLE_KINDS = {**TABLE_KINDS, "fr_iqa": FULL_REFERENCE}
PAPER_TABLES = (
    *("label", "content_image", "content_label", "mixtures", "mixtures_mean", "dag_claims"),
    *("associations", "desiderata", "desiderata_sensitivity", "published", "solver_audit"),
    *("claims", "accuracy_beyond", "paper_figures"),
)
"""The further tables of the target ``paper``; how each is shown: ``report.further_tables``."""
DAG_CLAIMS: dict[str, Any] = {
    **dict.fromkeys(("dag", "figure", "reading", "claim", "said", "paper", "implied"), pl.String),
    "agree": pl.Boolean,
    "path": pl.String,
    "agree_stated_edges": pl.Boolean,
    **dict.fromkeys(("without_noise", "where", "sentence", "note"), pl.String),
}
ASSOCIATIONS: dict[str, Any] = {
    **dict.fromkeys(("task_model", "quality_source", "quality_variant"), pl.String),
    "circular": pl.Boolean,
    "within": pl.String,
    **dict.fromkeys(("n_strata", "n_usable", "n_pairs"), pl.Int64),
    "somers_d": pl.Float64,
    **dict.fromkeys(("permuted_mean", "permutation_p"), pl.Float64),
    "n_permutations": pl.Int64,
    "reason": pl.String,
}
_UNIT_PAIR = dict.fromkeys(("task_model", "quality_source", "quality_variant"), pl.String)
_UNIT_AUCS = {"mean_auc": pl.Float64, "sd_auc": pl.Float64}
_UNIT_CES = {"mean_ce": pl.Float64, "sd_ce": pl.Float64}
UNITS: dict[str, Any] = {
    **_UNIT_PAIR,
    **_UNIT_AUCS,
    **_UNIT_CES,
    **dict.fromkeys(("n_units", "n_skipped"), pl.Int64),
    "reason": pl.String,
}
"""``label.csv`` (a unit is a label) and ``mixtures_mean.csv`` (a unit is a p_c and a seed)."""
CONTENT: dict[str, Any] = {
    **_UNIT_PAIR,
    **_UNIT_AUCS,
    "sd_auc_folds": pl.Float64,
    **_UNIT_CES,
    **dict.fromkeys(("n_units", "n_folds", "n_skipped"), pl.Int64),
    "reason": pl.String,
}
"""``content_image.csv``, ``content_label.csv``; n_folds + n_skipped = all units x folds.

n_skipped folds are left out, or count as an AUC of 0.5 where the config says so.
"""
MIXTURE_AUC: dict[str, Any] = {
    "p_c": pl.Float64,
    "seed": pl.Int64,
    **_UNIT_PAIR,
    **dict.fromkeys(("auc", "ce"), pl.Float64),
    "reason": pl.String,
}
_CLAIM = dict.fromkeys(
    ("margin", "left_value", "right_value", "difference", "lo", "hi"), pl.Float64
)
CLAIMS: dict[str, Any] = {
    **dict.fromkeys(("claim", "section", "quantity", "left", "says", "right"), pl.String),
    **_CLAIM,
    "ci_method": pl.String,
    "unit": pl.String,
    **dict.fromkeys(("n_units", "n_task_models", "n_pairs"), pl.Int64),
    **dict.fromkeys(("picked", "verdict", "reason", "note", "sentence"), pl.String),
}
"""What each column means: ``analyses.claims.compute``."""
_BEYOND = dict.fromkeys(
    (
        *("accuracy", "accuracy_lo", "accuracy_hi", "expected"),
        *("beyond", "beyond_lo", "beyond_hi"),
        *("adjusted_rank_lo", "adjusted_rank_hi"),
    ),
    pl.Float64,
)
_RANKS = dict.fromkeys(("raw_rank", "adjusted_rank"), pl.Int64)
ACCURACY_BEYOND: dict[str, Any] = {
    **dict.fromkeys(("quality_source", "quality_variant", "band", "task_model"), pl.String),
    "circular": pl.Boolean,
    **dict.fromkeys(("n_pictures", "n_rows", "n_task_models"), pl.Int64),
    **_BEYOND,
    **_RANKS,
    "reason": pl.String,
}
"""What each column means: ``analyses.accuracy_beyond.compute``."""
_TRIED = dict.fromkeys(
    (
        *("mae", "bias", "mae_group", "coverage", "coverage_lo", "coverage_hi"),
        *("mean_width", "coverage_group"),
    ),
    pl.Float64,
)
TRUTH: dict[str, Any] = {
    **dict.fromkeys(("task_model", "estimator", "quality_source", "quality_variant"), pl.String),
    **dict.fromkeys(("n_corruptions", "n_conditions", "n_pictures"), pl.Int32),
    **_TRIED,
    "reason": pl.String,
}
"""``estimators.csv``. What each column means: ``analyses.estimators.compute.truth_table``."""
NULLABLE = {
    *(*_UNIT_AUCS, "sd_auc_folds", *_UNIT_CES, "density"),
    *("label", "true_prob", "offset"),
    *("somers_d", "permuted_mean", "permutation_p"),
    *("lower_better", "trained_on_labels", "weights_group", "title", "value_range"),
    *_ESTIMATES,
    *(*_SENSITIVITY, *_PREDICTION, *_STEPS, "tau", "tau_lo", "tau_hi", "d4_trained_on_labels"),
    *("table", *_COMPARISON, *_AUDIT),
    *(*_CLAIM, *_BEYOND, *_RANKS, *_TRIED),
}
"""Columns that may be empty: a label or a fact that is not known, what cannot be estimated."""
WITH_UNDEFINED = NULLABLE | {"score"}
"""The same of score files and panels, where a metric may not be defined for a picture."""
SPLITS = {"image_id": pl.String, "is_test": pl.Boolean, "label_fold": pl.Int32}
SPLITS_ROWS = {
    "image_id": pl.String,
    "corruption": pl.String,
    "severity": pl.Int32,
    "image_fold": pl.Int32,
    "row_fold": pl.Int32,
}
MIXTURES = {
    "p_c": pl.Float64,
    "seed": pl.Int64,
    "image_id": pl.String,
    "corruption": pl.String,
    "severity": pl.Int32,
}
MIXTURE_DENSITY = {
    "quality_source": pl.String,
    "quality_variant": pl.String,
    "p_c": pl.Float64,
    "seed": pl.Int64,
    "quality": pl.Float64,
    "density": pl.Float64,
}
GROUPS = {
    "scorer": pl.String,
    "variant": pl.String,
    "corruption": pl.String,
    "severity": pl.Int32,
    "mean": pl.Float64,
    "n": pl.Int32,
}
