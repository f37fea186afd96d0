"""The columns against a softmax by hand, and in what precision they are computed."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.special

from causal_iqa.scorers.softmax import summarise, whole

NONE = np.array([np.nan])


def test_columns_by_hand() -> None:
    columns = summarise(np.log([[1.0, 2.0, 5.0]]), np.array([1.0]), None)
    assert columns["prediction"] == [2]
    assert columns["max_prob"] == pytest.approx(5 / 8)
    assert columns["true_prob"] == pytest.approx(2 / 8)
    assert columns["max_logit"] == pytest.approx(math.log(5))
    assert columns["logsumexp"] == pytest.approx(math.log(8))
    by_hand = -sum(p * math.log(p) for p in (1 / 8, 2 / 8, 5 / 8))
    assert columns["entropy"] == pytest.approx(by_hand)


def test_restricted_softmax_runs_over_the_allowed_classes_and_predicts_their_index() -> None:
    logits = np.log([[1.0, 9.0, 5.0, 3.0]])
    columns = summarise(logits, np.array([2.0]), [2, 3])
    assert columns["prediction"] == [2]
    assert columns["max_prob"] == columns["true_prob"] == pytest.approx(5 / 8)
    assert columns["max_logit"] == pytest.approx(math.log(5))
    assert summarise(logits, np.array([1.0]), [2, 3])["true_prob"] == [0]


def test_no_label_gives_no_true_prob_and_changes_nothing_else() -> None:
    logits = np.array([[0.1, 0.7, -2.0]])
    without, with_label = (summarise(logits, label, None) for label in (NONE, np.array([0.0])))
    assert np.isnan(without.pop("true_prob"))
    with_label.pop("true_prob")
    assert without == with_label


def test_half_precision_cosines_do_not_collapse() -> None:
    """Softmax over 1000 raw cosines: half precision has one value for all entropies."""
    cosines = np.random.default_rng(0).normal(0.2, 0.03, (50, 1000)).astype(np.float16)
    entropy = summarise(cosines, np.full(50, np.nan), None)["entropy"]
    assert len(set(entropy.astype(np.float16))) == 1
    assert len(set(entropy)) == 50


def test_large_and_infinitely_low_logits_are_no_overflow() -> None:
    columns = summarise(np.array([[1e4, -np.inf, 1e4]]), NONE, None)
    assert columns["entropy"] == pytest.approx(math.log(2))
    assert columns["logsumexp"] == pytest.approx(1e4 + math.log(2))


@pytest.mark.parametrize("allowed", [None, (0, 3)])
def test_the_whole_softmax_is_scipys_in_half_precision(allowed: tuple[int, ...] | None) -> None:
    logits = np.random.default_rng(0).normal(scale=4, size=(5, 6)).astype(np.float32)
    found = np.stack([np.frombuffer(row, np.float16) for row in whole(logits, allowed)])
    kept = list(range(6)) if allowed is None else list(allowed)
    expected = np.zeros((5, 6))
    expected[:, kept] = scipy.special.softmax(logits[:, kept].astype(np.float64), axis=1)
    np.testing.assert_array_equal(found, expected.astype(np.float16))
