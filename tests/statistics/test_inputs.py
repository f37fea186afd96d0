"""What every function refuses, in the same words, and what it takes."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import causal_iqa.statistics
from causal_iqa.statistics.auc import auc, auc_groups, delong_interval
from causal_iqa.statistics.bootstrap import Resamples, draw_units, resampled_mean
from causal_iqa.statistics.correlation import kendall_tau_b, pearson, spearman
from causal_iqa.statistics.logistic import (
    LogisticFit,
    cross_entropy,
    fit_logistic,
    fit_logistic_groups,
    fit_sklearn_default,
    log_losses,
    predict,
)

FIT = LogisticFit(1.0, 0.0, True, 1)
OF_SCORE_AND_CLASS = {
    "fit_logistic": fit_logistic,
    "fit_logistic_groups": lambda q, m: fit_logistic_groups(q, m, [0, 4]),
    "fit_sklearn_default": fit_sklearn_default,
    "log_losses": lambda q, m: log_losses(FIT, q, m),
    "cross_entropy": lambda q, m: cross_entropy(FIT, q, m),
    "auc": auc,
    "auc_groups": lambda q, m: auc_groups(q, m, [0, 4]),
    "delong_interval": delong_interval,
}
OF_PAIRS = OF_SCORE_AND_CLASS | {
    "kendall_tau_b": kendall_tau_b,
    "pearson": pearson,
    "spearman": spearman,
}
Q, M = [0.1, 0.2, 0.3, 0.4], [0, 1, 0, 1]


@pytest.mark.parametrize("function", OF_PAIRS.values(), ids=OF_PAIRS)
@pytest.mark.parametrize(
    ("q", "m", "message"),
    [
        ([0.1, np.nan, np.nan, 0.4], M, "2 of the 4 values of .* are NaN or infinite"),
        ([0.1, 0.2, np.inf, 0.4], M, "1 of the 4 values of .* are NaN or infinite"),
        (Q, [0, 1, np.nan, 1], "1 of the 4 values of m are NaN or infinite"),
        (Q, [0, 1, 1], "lengths differ: .*: 4, 'm': 3"),
        ([], [], "is empty"),
        (0.1, M, r"one dimension, it has shape \(\)"),
        ([Q], M, r"one dimension, it has shape \(1, 4\)"),
    ],
)
def test_faults_of_pairs(function, q, m, message):
    with pytest.raises(ValueError, match=message):
        function(q, m)


@pytest.mark.parametrize("function", OF_SCORE_AND_CLASS.values(), ids=OF_SCORE_AND_CLASS)
def test_classes_must_be_0_and_1(function):
    with pytest.raises(ValueError, match="2 of the 4 values of m are neither 0 nor 1"):
        function(Q, [0, 1, 2, -1])


@pytest.mark.parametrize("function", OF_SCORE_AND_CLASS.values(), ids=OF_SCORE_AND_CLASS)
def test_classes_may_be_booleans_and_arrays_narrow_strided_or_read_only(function):
    q = np.repeat(np.array(Q, dtype=np.float32), 2)[::2]
    m = np.array(M, dtype=bool)
    for array in (q, m):
        array.flags.writeable = False
    function(q, m)


@pytest.mark.parametrize("values", [[np.nan, 1.0], []])
def test_faults_of_one_vector(values):
    drawn = Resamples(np.arange(2), np.ones((1, 2)))
    for function in (lambda v: resampled_mean(v, drawn), lambda v: predict(FIT, v)):
        with pytest.raises(ValueError, match=r"NaN|empty"):
            function(values)


@pytest.mark.parametrize("function", [fit_logistic_groups, auc_groups])
@pytest.mark.parametrize(
    ("offsets", "message"),
    [
        ([1, 4], "starts at 0 and ends at 4"),
        ([0, 3], "starts at 0 and ends at 4"),
        ([], "starts at 0 and ends at 4"),
        ([[0, 4]], "must be a vector"),
        ([0, 3, 2, 4], "must not decrease"),
    ],
)
def test_faults_of_offsets(function, offsets, message):
    with pytest.raises(ValueError, match=message):
        function(Q, M, offsets)


def test_unit_ids_must_fit_the_rows():
    with pytest.raises(ValueError, match=r"unit ids have shape \(3,\), the data have 4 rows"):
        draw_units([0, 1, 2], 4, 5, np.random.default_rng(0))


def loaded_after(imports):
    """Which of the heavy libraries a fresh interpreter holds after `import <imports>`."""
    heavy = {"numba", "scipy", "sklearn", "polars"}
    program = f"import sys, {imports}; print(*sorted({heavy} & set(sys.modules)))"
    root = str(Path(causal_iqa.statistics.__file__).parents[2])
    environment = os.environ | {"PYTHONPATH": root}
    return subprocess.check_output(
        [sys.executable, "-c", program], text=True, env=environment
    ).split()


def test_a_module_imports_only_the_heavy_libraries_it_needs():
    package = "causal_iqa.statistics"
    assert loaded_after(package) == []
    assert loaded_after(f"{package}.resampling") == []
    assert "sklearn" not in loaded_after(f"{package}.logistic, {package}.bootstrap")
