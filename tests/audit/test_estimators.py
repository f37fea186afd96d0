"""Estimators of accuracy against hand values, other solvers and synthetic lines."""

from itertools import combinations, product
from statistics import linear_regression

import numpy as np
import pytest
from audit_world import labelled, one_network, outputs, world
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.stats import norm

from causal_iqa.audit.estimators import transport
from causal_iqa.audit.estimators.outputs import Labelled, Outputs, Unavailable
from causal_iqa.audit.estimators.quality_regression import logistic
from causal_iqa.audit.estimators.registry import ESTIMATORS, FAMILIES, estimators_for
from causal_iqa.core.conditions import CLEAN, Condition
from causal_iqa.statistics.logistic import fit_logistic, predict

CLEAN_CONDITION = Condition(CLEAN, 0)
WORLD = world(("fog", "snow"), 40, severities=(1, 2, 4))
SHIFTS = [part for condition, part in WORLD.items() if condition != CLEAN_CONDITION]
ALL = estimators_for(WORLD[CLEAN_CONDITION].outputs.quality)


def estimate(name: str, clean: Labelled, target: Labelled, shifts=(), task: str = "net") -> float:
    return ESTIMATORS[name].fit(task, clean, shifts).accuracy(target.outputs)


def with_rates(n: int, accuracy: float, confidence: float) -> Labelled:
    n_right = round(accuracy * n)
    return one_network([True] * n_right + [False] * (n - n_right), [confidence] * n)


def test_average_confidence_by_hand() -> None:
    target = one_network([False, False], [0.2, 0.6])
    fitted = ESTIMATORS["ac"].fit("net", one_network([True], [0.9]), [])
    assert fitted.accuracy(target.outputs) == pytest.approx(0.4)
    assert fitted.probabilities is not None
    assert fitted.probabilities(target.outputs).tolist() == [0.2, 0.6]


def test_threshold_of_atc_by_hand() -> None:
    """One of four wrong: the lowest score is below the threshold 0.4, whichever was wrong."""
    clean = one_network([True, True, False, True], [0.8, 0.2, 0.6, 0.4])
    target = one_network([False] * 3, [0.39, 0.4, 0.9])
    assert estimate("atc_mc", clean, target) == pytest.approx(2 / 3)


def test_atc_takes_the_negative_entropy_where_it_says_so() -> None:
    quality = {("net", "max_prob"): [0.4, 0.5, 0.6], ("net", "entropy"): [1.0, 3.0, 2.0]}
    clean = labelled([1, 1, 1], {"net": [1, 0, 1]}, quality)
    target = outputs({"net": [1]}, {("net", "max_prob"): [0.4], ("net", "entropy"): [1.5]})
    assert ESTIMATORS["atc_ne"].fit("net", clean, []).accuracy(target) == 1
    assert ESTIMATORS["atc_mc"].fit("net", clean, []).accuracy(target) == 0


@pytest.mark.parametrize("name", ["atc_mc", "atc_ne"])
def test_atc_on_the_clean_pictures_is_their_accuracy(name: str) -> None:
    clean = WORLD[CLEAN_CONDITION]
    assert 0.2 < clean.accuracy("net0") < 0.9
    assert estimate(name, clean, clean, task="net0") == clean.accuracy("net0")


def test_atc_of_a_network_that_is_always_wrong_is_0() -> None:
    clean = one_network([False, False], [0.2, 0.6])
    assert estimate("atc_mc", clean, clean) == 0


def test_difference_of_confidences_by_hand() -> None:
    clean = with_rates(20, 0.8, 0.9)
    assert estimate("doc", clean, with_rates(5, 0, 0.7)) == pytest.approx(0.6)
    assert estimate("doc", clean, with_rates(5, 0, 0.05)) == 0
    assert estimate("doc", with_rates(20, 1, 0.5), with_rates(5, 0, 0.7)) == 1


def two_networks(
    accuracy: float, agreement: float, confidence: float, n: int = 200_000
) -> Labelled:
    """Networks "net", of this accuracy and confidence, and "other", which agrees so often."""
    mine = (np.arange(n) < round(accuracy * n)).astype(int)
    other = np.where(np.arange(n)[::-1] < round(agreement * n), mine, 2)
    quality = {("net", "max_prob"): np.full(n, confidence)}
    return labelled([1] * n, {"net": mine, "other": other}, quality)


PLANE = (-0.2, 0.7, 0.4)
POINTS = [(0.8, 0.9), (0.7, 0.6), (0.5, 0.8), (0.4, 0.5), (0.3, 0.7), (0.2, 0.4)]


def on_plane(agreement: float, confidence: float) -> float:
    """An accuracy as a plane over the probits of the two."""
    return norm.cdf(PLANE[0] + PLANE[1] * norm.ppf(agreement) + PLANE[2] * norm.ppf(confidence))


def test_agreement_and_confidence_are_exact_on_a_plane() -> None:
    clean, *shifts = (two_networks(on_plane(*point), *point) for point in POINTS)
    target = two_networks(0.123, 0.6, 0.3)
    found = estimate("agreement_confidence", clean, target, shifts)
    assert found == pytest.approx(on_plane(0.6, 0.3), abs=1e-4)
    assert abs(found - 0.123) > 0.1


def test_agreement_and_confidence_stay_within_0_and_1() -> None:
    clean, *shifts = (two_networks(on_plane(*point), *point, n=50) for point in POINTS)
    for agreement, confidence in ((0.0, 0.001), (1.0, 0.999)):
        target = two_networks(0.5, agreement, confidence, n=50)
        assert 0 < estimate("agreement_confidence", clean, target, shifts) < 1


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        (POINTS[:5], "needs 6 labelled conditions, there are 5"),
        ([(0.2 + 0.1 * k, 0.5) for k in range(6)], "cannot be told apart"),
    ],
)
def test_agreement_and_confidence_need_conditions_that_tell_them_apart(points, reason) -> None:
    clean, *shifts = (two_networks(0.5, *point, n=100) for point in points)
    with pytest.raises(Unavailable, match=reason):
        estimate("agreement_confidence", clean, clean, shifts)


def test_regression_on_the_difference_of_confidences_by_hand() -> None:
    """Losses 0.25 and 0.45 at differences 0.1 and 0.2: slope 2, intercept 0.05."""
    clean = with_rates(20, 0.9, 0.9)
    shifts = [with_rates(20, 0.65, 0.8), with_rates(20, 0.45, 0.7)]
    for confidence, expected in ((0.75, 0.55), (0.9, 0.85), (0.1, 0)):
        target = with_rates(5, 0, confidence)
        assert estimate("doc_regression", clean, target, shifts) == pytest.approx(expected)


def test_transport_is_the_linear_programme() -> None:
    rng = np.random.default_rng(3)
    softmax = rng.dirichlet(np.full(4, 0.4), 12).astype(np.float16)
    clean = labelled([0, 3, 1, 0, 0, 2, 1, 0, 3, 3, 0, 1], {"net": [0] * 12})
    target = outputs({"net": [0] * 12}, None, {"net": softmax})
    cost = np.abs(softmax[:, None].astype(float) - np.eye(4)).max(axis=2)
    sources = np.kron(np.eye(12), np.ones(4))
    sinks = np.kron(np.ones(12), np.eye(4))
    masses = [*np.full(12, 1 / 12), *np.bincount(clean.labels) / 12]
    found = linprog(cost.ravel(), A_eq=np.vstack([sources, sinks]), b_eq=masses)
    estimated = ESTIMATORS["cot"].fit("net", clean, []).accuracy(target)
    assert estimated == pytest.approx(1 - found.fun, abs=1e-6)
    assert estimated < softmax.max(axis=1).mean() - 0.1  # the labels do bind


def test_transport_takes_labels_in_the_clean_ones_proportions() -> None:
    """Two pictures, of clean labels half 0 and half 2: one of each, so class 1 gets nothing."""
    clean = labelled([2, 0, 2, 0, 0, 2], {"net": [0] * 6})
    softmax = np.array([[0.5, 0.25, 0.25], [0.25, 0.75, 0.0]], np.float16)
    target = outputs({"net": [0, 1]}, None, {"net": softmax})
    estimated = ESTIMATORS["cot"].fit("net", clean, []).accuracy(target)
    assert estimated == pytest.approx(max(0.5 + 0.0, 0.25 + 0.25) / 2)


def test_transport_in_blocks_costs_more_in_any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    clean = world((), 240, classes=60)[CLEAN_CONDITION]
    whole = estimate("cot", clean, clean, task="net0")
    shuffled = clean.take(np.random.default_rng(1).permutation(240))
    monkeypatch.setattr(transport, "BLOCK", 100)
    blocks = estimate("cot", clean, clean, task="net0")
    assert 0.8 * whole < blocks < 0.99 * whole
    assert estimate("cot", clean, shuffled, task="net0") == pytest.approx(blocks, abs=1e-6)


def test_agreement_by_hand() -> None:
    target = labelled([9] * 4, {"a": [1, 2, 3, 4], "b": [1, 2, 0, 0], "c": [1, 0, 0, 0]})
    assert estimate("gde", target, target, task="a") == pytest.approx((0.5 + 0.25) / 2)
    assert estimate("gde", target, target, task="c") == pytest.approx((0.25 + 0.75) / 2)


def three_networks(accuracy: list[float], agreement: list[float], all_right: float) -> Labelled:
    """200,000 pictures on which wrong networks never agree; agreement: of (0,1), (0,2), (1,2)."""
    pairs = dict(zip(combinations(range(3), 2), agreement, strict=True))
    n, cells = 200_000, {(True, True, True): all_right}
    for pair, rate in pairs.items():
        cells[tuple(k in pair for k in range(3))] = rate - all_right
    for k in range(3):
        shared = sum(rate for pair, rate in pairs.items() if k in pair)
        cells[tuple(j == k for j in range(3))] = accuracy[k] - shared + all_right
    assert min(cells.values()) >= 0
    cells[False, False, False] = 1 - sum(cells.values())
    patterns = np.array(list(product((True, False), repeat=3)))
    counts = np.round([n * cells[tuple(pattern)] for pattern in patterns.tolist()]).astype(int)
    right = np.repeat(patterns, counts, axis=0)
    predictions = {f"net{k}": np.where(right[:, k], 9, k) for k in range(3)}
    return labelled([9] * len(right), predictions)


@pytest.mark.parametrize("name", ["aline_s", "aline_d"])
def test_agreement_on_the_line_is_exact_on_a_line(name: str) -> None:
    accuracy, agreement = [0.9, 0.85, 0.8], [0.79, 0.76, 0.71]
    moved = [norm.cdf(0.8 * norm.ppf(rates) - 0.3) for rates in (accuracy, agreement)]
    clean, target = three_networks(accuracy, agreement, 0.7), three_networks(*moved, 0.52)
    for k, expected in enumerate(moved[0]):
        assert estimate(name, clean, target, task=f"net{k}") == pytest.approx(expected, abs=1e-4)


def test_agreement_on_the_line_off_a_line() -> None:
    """Three networks' pair means determine each: a = (ab + ac - bc) of them."""
    accuracy, agreement = [0.9, 0.85, 0.8], [0.79, 0.76, 0.71]
    after = [0.6, 0.62, 0.5]
    clean = three_networks(accuracy, agreement, 0.7)
    target = three_networks([0.75, 0.7, 0.7], after, 0.48)
    x, y, right = norm.ppf(agreement), norm.ppf(after), norm.ppf(accuracy)
    line = linear_regression(x, y)
    simple = norm.cdf(line.slope * right[0] + line.intercept)
    assert estimate("aline_s", clean, target, task="net0") == pytest.approx(simple, abs=1e-4)
    means = np.array([right[0] + right[1], right[0] + right[2], right[1] + right[2]]) / 2
    ab, ac, bc = y + line.slope * (means - x)
    assert abs(norm.cdf(ab + ac - bc) - simple) > 0.01
    assert estimate("aline_d", clean, target, task="net0") == pytest.approx(
        norm.cdf(ab + ac - bc), abs=1e-4
    )


def test_rates_of_0_and_1_have_the_stated_probit() -> None:
    """Agreements 1, 0.5, 0.5 become 0.5, 0, 0; accuracies 1 and 0.5 go the same ways."""
    clean = labelled([1] * 4, {"a": [1] * 4, "b": [1] * 4, "c": [1, 1, 2, 2]})
    target = labelled([1] * 4, {"a": [1, 1, 1, 1], "b": [1, 1, 2, 2], "c": [3] * 4})
    assert estimate("aline_s", clean, target, task="a") == pytest.approx(0.5)
    assert estimate("aline_s", clean, target, task="c") == pytest.approx(0.5 / 5)


def test_logistic_is_the_projects_fit_to_all_pictures() -> None:
    fitted = logistic("metric0", "score")("net1", WORLD[CLEAN_CONDITION], SHIFTS)
    q = [part.outputs.quality["metric0", "score"] for part in WORLD.values()]
    m = [part.correct("net1") for part in WORLD.values()]
    expected = predict(fit_logistic(np.concatenate(q), np.concatenate(m)), q[2])
    target = SHIFTS[1].outputs
    assert fitted.probabilities is not None
    np.testing.assert_allclose(fitted.probabilities(target), expected)
    assert fitted.accuracy(target) == pytest.approx(expected.mean())


def test_list_has_every_method_and_a_family_member_a_score() -> None:
    names = [estimator.name for estimator in ALL]
    scores = [(e.source, e.variant) for e in ALL if e.name == "logistic"]
    assert names[: len(ESTIMATORS)] == list(ESTIMATORS)
    assert scores == list(WORLD[CLEAN_CONDITION].outputs.quality)
    assert {e.source for e in ALL if e.name in ESTIMATORS} == {None}
    assert set(names) == {*ESTIMATORS, *FAMILIES}


@pytest.mark.parametrize("estimator", ALL, ids=lambda e: f"{e.name} {e.source} {e.variant}")
def test_only_those_that_say_so_look_at_the_shifts(estimator) -> None:
    parts = SHIFTS[:5], SHIFTS[1:]
    one, other = (estimator.fit("net0", WORLD[CLEAN_CONDITION], p) for p in parts)
    target = SHIFTS[2].outputs
    assert (one.accuracy(target) != other.accuracy(target)) == estimator.uses_shifts


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.permutations(range(30)))
def test_estimates_lie_in_the_unit_and_keep_no_order(seed: int, order: list[int]) -> None:
    given_world = list(world(("fog",), 30, seed, severities=(1, 3, 5), classes=3).values())
    moved = [part.take(np.array(order)) for part in given_world]
    for estimator in ALL:
        try:
            first = estimator.fit("net0", given_world[0], given_world[1:3])
            found = first.accuracy(given_world[3].outputs)
        except Unavailable:
            continue
        second = estimator.fit("net0", moved[0], moved[1:3])
        assert 0 <= found <= 1
        assert second.accuracy(moved[3].outputs) == pytest.approx(found, abs=1e-6)
        if first.probabilities is not None:
            each = first.probabilities(given_world[3].outputs)
            assert each.min() >= 0 and each.max() <= 1 and each.shape == (30,)


NOTHING = Outputs({"net": np.zeros(2, np.int32)}, {}, {})
TWO = {"a": [1, 2], "b": [1, 1]}


@pytest.mark.parametrize(
    ("name", "clean", "reason"),
    [
        ("ac", with_rates(2, 1, 0.5), "no max_prob of net"),
        ("atc_mc", Labelled(NOTHING, np.zeros(2, np.int32)), "no max_prob of net"),
        ("atc_ne", Labelled(NOTHING, np.zeros(2, np.int32)), "no entropy of net"),
        ("doc", Labelled(NOTHING, np.zeros(2, np.int32)), "no max_prob of net"),
        ("doc_regression", with_rates(2, 1, 0.5), "no line through 0 shifts of equal confidence"),
        ("agreement_confidence", with_rates(2, 1, 0.5), "needs another network, there is none"),
        ("cot", with_rates(2, 1, 0.5), "unavailable: the whole softmax of net was not kept"),
        ("gde", with_rates(2, 1, 0.5), "needs another network, there is none"),
        ("aline_s", labelled([1, 1], TWO), "needs three networks, there are 2"),
        ("aline_d", labelled([1, 1], TWO), "needs three networks, there are 2"),
    ],
)
def test_reasons(name: str, clean: Labelled, reason: str) -> None:
    with pytest.raises(Unavailable, match=reason) as found:
        ESTIMATORS[name].fit("net", clean, []).accuracy(NOTHING)
    assert found.value.reason == reason


def test_shifts_of_one_confidence_have_no_line() -> None:
    shifts = [with_rates(4, 0.5, 0.6), with_rates(4, 0.25, 0.6)]
    with pytest.raises(Unavailable, match="no line through 2 shifts of equal confidence"):
        ESTIMATORS["doc_regression"].fit("net", with_rates(4, 1, 0.9), shifts)


@pytest.mark.parametrize("name", ["aline_s", "aline_d"])
def test_networks_that_agree_equally_have_no_line(name: str) -> None:
    same = labelled([1, 1], {"a": [1, 2], "b": [1, 2], "c": [1, 2]})
    with pytest.raises(Unavailable, match="agree equally on the clean pictures"):
        estimate(name, same, same, task="a")


def test_one_class_of_m_or_a_missing_score_has_no_logistic() -> None:
    clean = with_rates(4, 1, 0.9)
    with pytest.raises(Unavailable, match="M is 1 in all 8 rows"):
        logistic("net", "max_prob")("net", clean, [with_rates(4, 1, 0.6)])
    with pytest.raises(Unavailable, match="no score of niqe"):
        logistic("niqe", "score")("net", clean, [])


def test_a_score_whose_sum_overflows_has_no_logistic() -> None:
    clean = one_network([True, False, True], [1e308, 1e308, 0.0])
    with pytest.raises(Unavailable, match="solver not converged"):
        logistic("net", "max_prob")("net", clean, [])


def test_softmax_of_some_pictures_is_taken_at_the_access() -> None:
    part = WORLD[CLEAN_CONDITION]
    rows = np.array([5, 2])
    taken = part.take(rows)
    assert taken.outputs.n == 2
    assert list(taken.outputs.probabilities) == ["net0", "net1", "net2"]
    for found, given_all in (
        (taken.outputs.probabilities["net1"], part.outputs.probabilities["net1"]),
        (taken.outputs.predictions["net1"], part.outputs.predictions["net1"]),
        (taken.outputs.quality["metric0", "score"], part.outputs.quality["metric0", "score"]),
        (taken.labels, part.labels),
    ):
        np.testing.assert_array_equal(found, given_all[[5, 2]])
