"""The truth test: who is held out, its cells by brute force, and the default estimator."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from audit_world import one_network, world
from scipy.stats import beta

from causal_iqa.analyses.estimators.schema import TRUTH_TEST
from causal_iqa.audit.estimators.outputs import Fitted, Labelled, Unavailable
from causal_iqa.audit.estimators.registry import ESTIMATORS, Estimator
from causal_iqa.audit.intervals import half_width
from causal_iqa.audit.truth_test import (
    HeldOutErrors,
    default_estimator,
    halves,
    resample,
    residuals,
    split,
    truth_test,
)
from causal_iqa.core.conditions import CLEAN, CORRUPTIONS, Condition, group_of
from causal_iqa.core.seeding import generator

CLEAN_CONDITION = Condition(CLEAN, 0)
FEW = ("fog", "snow", "gaussian_noise")
NAMES = (*CORRUPTIONS[:10], "contrast")
WORLD = world(NAMES, 60, severities=(1, 3, 5))
TABLE = truth_test(WORLD, ["net0"], 0)
REGRESSION = Estimator("doc_regression", None, None, True, ESTIMATORS["doc_regression"].fit)


def cells(table: pl.DataFrame, estimator: str, source: str = "") -> dict:
    chosen = (pl.col("estimator") == estimator) & (pl.col("quality_source") == source)
    return table.row(by_predicate=chosen, named=True)


JUDGED = halves(60, 0)[1]


def brute_error(held: set[str], condition: Condition, judge_rows: np.ndarray = JUDGED) -> float:
    """Error of the DoC regression, from the pictures' halves and nothing else of the module."""
    fit_rows, _ = halves(60, 0)
    shifts = [
        part.take(fit_rows)
        for (corruption, _), part in WORLD.items()
        if corruption not in held and corruption != CLEAN
    ]
    fitted = REGRESSION.fit("net0", WORLD[CLEAN_CONDITION].take(fit_rows), shifts)
    target = WORLD[condition].take(judge_rows)
    return fitted.accuracy(target.outputs) - target.accuracy("net0")


def test_halves_part_the_pictures_by_the_seed() -> None:
    first, second = halves(11, 0)
    assert (first.size, second.size) == (5, 6)
    assert sorted([*first, *second]) == list(range(11))
    assert first.tolist() == halves(11, 0)[0].tolist() != halves(11, 1)[0].tolist()


class Spy:
    """An estimator that says 0.5 and notes what it was fitted to and asked about."""

    def __init__(self) -> None:
        self.fitted: list[tuple[Labelled, list[Labelled]]] = []
        self.asked: list[tuple[int, np.ndarray]] = []

    def fit(self, task: str, clean: Labelled, shifts: Sequence[Labelled]) -> Fitted:
        self.fitted.append((clean, list(shifts)))

        def accuracy(target) -> float:
            self.asked.append((len(self.fitted) - 1, target.quality["metric0", "score"]))
            return 0.5

        return Fitted(accuracy)


def spied(uses_shifts: bool) -> tuple[Spy, HeldOutErrors]:
    spy = Spy()
    few = {c: part for c, part in WORLD.items() if c.corruption in (CLEAN, *FEW)}
    estimator = Estimator("spy", None, None, uses_shifts, spy.fit)
    return spy, HeldOutErrors(*split(few, 0), "net0", estimator)


def test_neither_the_corruption_nor_its_pictures_are_on_both_sides() -> None:
    spy, errors = spied(uses_shifts=True)
    found = errors.of(["fog"], ["fog", "snow"])
    assert list(found) == [Condition("fog", severity) for severity in (1, 3, 5)]
    fit_rows, judge_rows = halves(60, 0)
    ((clean, shifts),) = spy.fitted

    def score(part: Labelled) -> list[float]:
        return part.outputs.quality["metric0", "score"].tolist()

    assert score(clean) == score(WORLD[CLEAN_CONDITION].take(fit_rows))
    assert [score(part) for part in shifts] == [
        score(WORLD[Condition("gaussian_noise", severity)].take(fit_rows)) for severity in (1, 3, 5)
    ]
    assert [asked.tolist() for _, asked in spy.asked] == [
        score(WORLD[condition].take(judge_rows)) for condition in found
    ]
    for condition, error in found.items():
        observed = WORLD[condition].take(judge_rows).accuracy("net0")
        assert errors.observed(condition) == observed
        assert error == pytest.approx(0.5 - observed)


@pytest.mark.parametrize(("uses_shifts", "fits"), [(True, 2), (False, 1)])
def test_each_fit_is_made_once(uses_shifts: bool, fits: int) -> None:
    spy, errors = spied(uses_shifts)
    for held in (("fog", "snow"), ("snow", "fog"), ("fog",)):
        errors.of(["fog"], held)
    assert len(spy.fitted) == fits
    assert len(spy.asked) == 3 * fits


def test_who_is_judged_must_be_held_out() -> None:
    _, errors = spied(uses_shifts=True)
    with pytest.raises(ValueError, match=r"judged but not held out: \['snow'\]"):
        errors.of(["fog", "snow"], ["fog"])


def test_means_of_the_errors_by_brute_force() -> None:
    row = cells(TABLE, "doc_regression")
    conditions = [c for c in WORLD if c != CLEAN_CONDITION]
    single = [brute_error({c.corruption}, c) for c in conditions]
    assert row["mae"] == pytest.approx(np.mean(np.abs(single)))
    assert row["bias"] == pytest.approx(np.mean(single))
    group = [
        brute_error({d for d in CORRUPTIONS if group_of(d) == group_of(c.corruption)}, c)
        for c in conditions
    ]
    assert row["mae_group"] == pytest.approx(np.mean(np.abs(group)))
    assert row["mae_group"] != row["mae"]
    assert (row["n_corruptions"], row["n_conditions"], row["n_pictures"]) == (11, 33, 30)


def brute_coverage(held_out: list[set[str]]) -> tuple[float, float]:
    """Share of covered conditions and mean width, for what is held out together."""
    first, second = (JUDGED[rows] for rows in halves(30, 0, "audit quarters"))
    covered, widths = [], []
    for held in held_out:
        for source, other in ((first, second), (second, first)):
            groups = []
            for d in NAMES:
                if d in held:
                    continue
                errors = []
                for s in (1, 3, 5):
                    draw = generator(0, "audit residuals", f"{d}/{s}").integers(0, 15, 15)
                    errors.append(brute_error(held | {d}, Condition(d, s), source[draw]))
                groups.append(np.abs(errors))
            half = half_width(groups)
            for c in held:
                for s in (1, 3, 5):
                    condition = Condition(c, s)
                    error = brute_error(held, condition, other)
                    estimate = WORLD[condition].take(other).accuracy("net0") + error
                    widths.append(min(1, estimate + half) - max(0, estimate - half))
                    covered.append(abs(error) <= half + 1e-9)
    return float(np.mean(covered)), float(np.mean(widths))


def test_coverage_by_brute_force() -> None:
    """The width from residuals of other pictures and other corruptions than are judged."""
    row = cells(TABLE, "doc_regression")
    coverage, width = brute_coverage([{c} for c in NAMES])
    assert row["coverage"] == pytest.approx(coverage)
    assert row["mean_width"] == pytest.approx(width)
    covered = round(66 * coverage)
    assert row["coverage_lo"] == pytest.approx(beta.ppf(0.025, covered, 67 - covered))
    upper = 1 if covered == 66 else beta.ppf(0.975, covered + 1, 66 - covered)
    assert row["coverage_hi"] == pytest.approx(upper)


def test_coverage_of_groups_by_brute_force() -> None:
    """Only contrast is alone in its group; the other groups leave too few corruptions."""
    row = cells(TABLE, "doc_regression")
    groups: dict[str, set[str]] = {}
    for name in NAMES:
        groups.setdefault(group_of(name), set()).add(name)
    left = [held for held in groups.values() if 11 - len(held) >= 9]
    assert left == [{"contrast"}]
    assert row["coverage_group"] == pytest.approx(brute_coverage(left)[0])


def test_every_condition_is_resampled_by_a_draw_of_its_own() -> None:
    drawn = resample(WORLD, 200, 0)
    again = resample(dict(reversed(WORLD.items())), 200, 0)
    first, second = Condition("snow", 1), Condition("snow", 3)
    ease = {c: part.outputs.quality["metric0", "score"] for c, part in drawn.items()}
    assert all(part.outputs.n == 200 for part in drawn.values())
    for condition in (first, second):
        whole = WORLD[condition].outputs.quality["metric0", "score"]
        assert set(ease[condition]) <= set(whole) and len(set(ease[condition])) > 50
        np.testing.assert_array_equal(
            ease[condition], again[condition].outputs.quality["metric0", "score"]
        )
    rows = [
        np.searchsorted(np.sort(WORLD[c].outputs.quality["metric0", "score"]), ease[c])
        for c in (first, second)
    ]
    assert not np.array_equal(*rows)


def test_residuals_hold_out_each_corruption_alone() -> None:
    errors = HeldOutErrors(*split(WORLD, 0), "net0", REGRESSION)
    found = residuals(errors, ["fog", "snow"])
    for corruption, values in zip(("fog", "snow"), found, strict=True):
        expected = [abs(brute_error({corruption}, Condition(corruption, s))) for s in (1, 3, 5)]
        np.testing.assert_allclose(values, expected)


def test_without_a_look_at_the_shifts_it_does_not_matter_which_are_held_out() -> None:
    for name, entry in ESTIMATORS.items():
        row = cells(TABLE, name)
        assert entry.uses_shifts or row["mae_group"] == row["mae"]


def test_the_sharp_metric_does_better_than_the_network_itself() -> None:
    sharp = cells(TABLE, "logistic", "metric0")
    assert sharp["mae"] < 0.8 * cells(TABLE, "atc_mc")["mae"]


def test_rows_are_those_of_the_docstring_in_order() -> None:
    both = truth_test(dict(list(WORLD.items())[:4]), ["net1", "net0"], 0)
    assert dict(both.schema) == TRUTH_TEST
    keys = both.select(list(TRUTH_TEST)[:4]).rows()
    assert keys == sorted(keys) and len(set(keys)) == len(keys) == 2 * (10 + 7)
    assert {key[0] for key in keys} == {"net0", "net1"}


def test_same_seed_same_table_and_other_seed_another() -> None:
    few = dict(list(WORLD.items())[:4])
    first = truth_test(few, ["net0"], 0)
    assert first.equals(truth_test(few, ["net0"], 0))
    assert not first.equals(truth_test(few, ["net0"], 1))


def test_threads_change_nothing() -> None:
    assert truth_test(WORLD, ["net0"], 0, threads=3).equals(TABLE)


def test_what_cannot_be_had_has_empty_cells_and_a_reason() -> None:
    given_world = world(FEW, 20, severities=(1, 5), networks=2, softmax=False)
    table = truth_test(given_world, ["net0"], 0)
    transport = cells(table, "cot")
    assert {transport[name] for name in list(TRUTH_TEST)[7:-1]} == {None}
    assert transport["reason"].startswith("unavailable: the whole softmax of net0")
    assert "needs three networks, there are 2" in cells(table, "aline_s")["reason"]
    plain = cells(table, "ac")
    assert plain["mae"] is not None and plain["coverage"] is None
    assert plain["reason"] == "coverage: needs 10 corruptions, there are 3"


@pytest.mark.parametrize(
    ("n_corruptions", "reason"), [(9, "coverage: needs 10 corruptions, there are 9"), (10, "")]
)
def test_ten_corruptions_are_the_fewest_with_a_coverage(n_corruptions: int, reason: str) -> None:
    table = truth_test(world(CORRUPTIONS[:n_corruptions], 10, severities=(1,)), ["net0"], 0)
    assert (cells(table, "gde")["coverage"] is None) == bool(reason)
    assert cells(table, "gde")["reason"] == reason


def test_errors_that_differ_in_the_last_bit_are_equal() -> None:
    """Eleven corruptions of errors 0.1, the first of which are larger by rounding alone."""
    given_world = {CLEAN_CONDITION: one_network([True] * 20, [0.9] * 20)}
    for corruption in CORRUPTIONS[:11]:
        right = corruption == CORRUPTIONS[0]
        chance = 0.9 if right else 0.1
        given_world[Condition(corruption, 1)] = one_network([right] * 20, [chance] * 20)
    estimator = Estimator("ac", None, None, False, ESTIMATORS["ac"].fit)
    errors = HeldOutErrors(*split(given_world, 0), "net", estimator)
    first, *others = (residual[0] for residual in residuals(errors, CORRUPTIONS[:11]))
    assert first != others[0] and first == pytest.approx(others[0])
    assert cells(truth_test(given_world, ["net"], 0), "ac")["coverage"] == 1


def test_worlds_that_cannot_be_tried() -> None:
    few = dict(list(WORLD.items())[:4])
    with pytest.raises(ValueError, match="needs the clean condition and a corruption"):
        truth_test(dict(list(WORLD.items())[1:]), ["net0"], 0)
    with pytest.raises(ValueError, match="needs the clean condition and a corruption"):
        truth_test(dict(list(WORLD.items())[:1]), ["net0"], 0)
    with pytest.raises(ValueError, match=r"differ in their numbers of pictures: \[59, 60\]"):
        truth_test({**few, CLEAN_CONDITION: WORLD[CLEAN_CONDITION].take(np.arange(59))}, [], 0)
    with pytest.raises(ValueError, match="pictures cannot be split"):
        truth_test({c: part.take(np.array([0])) for c, part in few.items()}, [], 0)


def ranked(*rows: tuple[str, str, str, float | None]) -> pl.DataFrame:
    names = ("task_model", "estimator", "quality_source", "mae")
    given_rows = [dict(zip(names, row, strict=True)) for row in rows]
    return pl.DataFrame(given_rows, schema=TRUTH_TEST)


def test_default_has_the_smallest_error_and_ties_go_by_name() -> None:
    table = ranked(
        ("net", "logistic", "b", 0.1),
        ("net", "logistic", "a", 0.1 + 1e-17 + 1e-15),
        ("net", "ac", "", 0.2),
        ("net", "cot", "", None),
        ("other", "ac", "", 0.05),
    )
    assert default_estimator(table, "net")["quality_source"] == "a"
    assert default_estimator(table, "other")["estimator"] == "ac"
    assert list(default_estimator(table, "net")) == list(TRUTH_TEST)


def test_no_default_without_an_estimator() -> None:
    with pytest.raises(Unavailable, match="no estimator could be had for net"):
        default_estimator(ranked(("net", "cot", "", None)), "net")


def test_pictures_without_the_metric_are_left_out_of_its_estimator_alone() -> None:
    """Its rows are those of a world without these pictures; all others are as they were."""
    gone = {Condition("fog", 1): [3, 20], CLEAN_CONDITION: [41]}
    holed, reduced = {}, {}
    kept = np.array([row for row in range(60) if row not in (3, 20, 41)])
    for condition, part in WORLD.items():
        q = part.outputs.quality["metric0", "score"].copy()
        q[gone.get(condition, [])] = np.nan
        quality = {**part.outputs.quality, ("metric0", "score"): q}
        holed[condition] = replace(part, outputs=replace(part.outputs, quality=quality))
        reduced[condition] = part.take(kept)
    ours, theirs = (truth_test(world, ["net0"], 0) for world in (holed, reduced))
    mine = pl.col("quality_source") == "metric0"
    assert ours.filter(mine).equals(theirs.filter(mine))
    assert ours.filter(mine)["n_pictures"].unique().to_list() == [29]
    assert ours.filter(mine)["mae"].null_count() == 0
    assert ours.filter(~mine).equals(TABLE.filter(~mine))
