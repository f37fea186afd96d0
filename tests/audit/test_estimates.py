"""Estimates of a set: the tested procedure, withheld where the set is unlike the calibration."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from audit_world import world
from hypothesis import given
from hypothesis import strategies as st

from causal_iqa.audit.chances import with_mean
from causal_iqa.audit.estimates import OUTSIDE_LIMIT, estimate_set, outside_of
from causal_iqa.audit.estimators.outputs import Labelled, Outputs
from causal_iqa.audit.estimators.quality_regression import logistic
from causal_iqa.audit.estimators.registry import estimators_for
from causal_iqa.audit.files import ESTIMATES
from causal_iqa.audit.intervals import half_width
from causal_iqa.audit.picture_table import picture_table
from causal_iqa.audit.truth_test import (
    HeldOutErrors,
    default_estimator,
    resample,
    residuals,
    split,
    truth_test,
)
from causal_iqa.core.conditions import CLEAN, CORRUPTIONS, Condition

NETWORKS = ["net0", "net1", "net2"]
SEVERITIES = (1, 3)


@pytest.fixture(scope="module")
def calibration():
    return world(CORRUPTIONS[:12], 120, severities=SEVERITIES, softmax=False)


@pytest.fixture(scope="module")
def truth(calibration) -> pl.DataFrame:
    return truth_test(calibration, NETWORKS, 0)


@pytest.fixture(scope="module")
def target():
    return world(("saturate",), 200, seed=7, severities=(2,), softmax=False)[
        Condition("saturate", 2)
    ]


def estimated(calibration, truth, target, outside=None) -> pl.DataFrame:
    if outside is None:
        outside = np.zeros(target.outputs.n, dtype=bool)
    rows, _ = estimate_set(calibration, target.outputs, truth, NETWORKS, outside, 0)
    return pl.DataFrame(rows, schema=ESTIMATES, orient="row")


def test_every_network_has_one_default_and_it_is_the_best_of_the_truth_test(
    calibration, truth, target
) -> None:
    rows = estimated(calibration, truth, target)
    for network in NETWORKS:
        mine = rows.filter(pl.col("task_model") == network)
        chosen = mine.filter("is_default").row(0, named=True)
        assert mine["is_default"].sum() == 1
        assert chosen["estimator"] == default_estimator(truth, network)["estimator"]
        assert chosen["mae"] == mine["mae"].min()


def test_the_default_comes_near_the_truth_on_a_corruption_not_seen(
    calibration, truth, target
) -> None:
    for row in estimated(calibration, truth, target).filter("is_default").iter_rows(named=True):
        observed = target.accuracy(row["task_model"])
        assert abs(row["estimate"] - observed) < 0.12
        assert row["lo"] <= row["estimate"] <= row["hi"]


def test_the_interval_is_that_of_the_held_out_errors(calibration, truth, target) -> None:
    rows = estimated(calibration, truth, target)
    row = rows.row(by_predicate=(pl.col("task_model") == "net0") & (pl.col("estimator") == "ac"))
    found = dict(zip(rows.columns, row, strict=True))
    average = next(e for e in estimators_for([]) if e.name == "ac")
    fitting, judging = split(calibration, 0)
    errors = HeldOutErrors(fitting, resample(judging, 200, 0), "net0", average)
    half = half_width(residuals(errors, CORRUPTIONS[:12], frozenset()))
    assert found["estimate"] == target.outputs.quality["net0", "max_prob"].mean()
    assert found["lo"] == pytest.approx(max(0, found["estimate"] - half))
    assert found["hi"] == pytest.approx(min(1, found["estimate"] + half))


def test_probabilities_are_of_the_best_estimator_that_gives_them(
    calibration, truth, target
) -> None:
    """Whatever the default is; here agreement, which speaks of no picture, has the least error."""
    preferred = truth.with_columns(
        mae=pl.when(pl.col("estimator") == "gde").then(0.0).otherwise("mae")
    )
    outside = np.zeros(target.outputs.n, dtype=bool)
    rows, chances = estimate_set(calibration, target.outputs, preferred, NETWORKS, outside, 0)
    assert {row["estimator"] for row in rows if row["is_default"]} == {"gde"}
    for network in NETWORKS:
        speaks = pl.col("estimator").is_in(["logistic", "ac"]) & (pl.col("task_model") == network)
        best = truth.filter(speaks).sort("mae").row(0, named=True)
        assert best["estimator"] == "logistic"
        fitting, _ = split(calibration, 0)
        fit = logistic(best["quality_source"], best["quality_variant"])
        shifts = [part for condition, part in fitting.items() if condition.corruption != CLEAN]
        fitted = fit(network, fitting[Condition(CLEAN, 0)], shifts)
        assert fitted.probabilities is not None
        raw = fitted.probabilities(target.outputs)
        estimate = next(
            r["estimate"] for r in rows if r["task_model"] == network and r["is_default"]
        )
        np.testing.assert_array_equal(chances[network], with_mean(raw, estimate))
        assert chances[network].mean() == pytest.approx(estimate)
        assert raw.mean() != pytest.approx(estimate, abs=0.001)


def test_without_an_estimate_by_the_default_there_are_no_probabilities(
    calibration, truth, target
) -> None:
    preferred = truth.with_columns(
        mae=pl.when(pl.col("estimator") == "gde").then(0.0).otherwise("mae")
    )
    alone = {"net0": target.outputs.predictions["net0"]}
    one = {
        condition: Labelled(Outputs({"net0": part.outputs.predictions["net0"]},
                                    part.outputs.quality, {}), part.labels)
        for condition, part in calibration.items()
    }  # fmt: skip
    lonely = Outputs(alone, target.outputs.quality, {})
    outside = np.zeros(lonely.n, dtype=bool)
    rows, chances = estimate_set(one, lonely, preferred, ["net0"], outside, 0)
    assert chances == {}
    assert any(row.get("estimate") is not None for row in rows)


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=40),
    st.floats(0, 1),
)
def test_probabilities_moved_keep_their_order_and_have_the_mean(values, mean) -> None:
    chances = np.array(values)
    least = 0.5 / (len(chances) + 1)
    moved = with_mean(chances, mean)
    assert moved.mean() == pytest.approx(np.clip(mean, least, 1 - least), abs=1e-8)
    assert ((moved >= 0) & (moved <= 1)).all()
    assert (np.diff(moved[np.argsort(chances, kind="stable")]) >= 0).all()


def test_probabilities_that_have_the_mean_stay() -> None:
    chances = np.array([0.2, 0.5, 0.8])
    np.testing.assert_allclose(with_mean(chances, 0.5), chances, atol=1e-9)
    one = with_mean(np.array([0.3, 0.3]), 0.6)
    np.testing.assert_allclose(one, 0.6, atol=1e-9)


def test_with_too_few_corruptions_there_is_an_estimate_and_no_interval(target) -> None:
    few = world(CORRUPTIONS[:5], 60, severities=SEVERITIES, softmax=False)
    rows = estimated(few, truth_test(few, NETWORKS, 0), target).filter("is_default")
    assert rows["estimate"].null_count() == 0 and rows["lo"].null_count() == 3
    assert set(rows["reason"]) == {"interval: too few corruptions to calibrate on"}


def test_no_estimate_for_a_set_unlike_the_calibration(calibration, truth, target) -> None:
    outside = np.zeros(target.outputs.n, dtype=bool)
    outside[: int(OUTSIDE_LIMIT * len(outside))] = True
    at_limit = estimated(calibration, truth, target, outside)
    assert at_limit.filter("is_default")["estimate"].null_count() == 0
    outside[:30] = True
    beyond = estimated(calibration, truth, target, outside)
    assert estimate_set(calibration, target.outputs, truth, NETWORKS, outside, 0)[1] == {}
    assert beyond["estimate"].null_count() == beyond.height
    assert "15% of the pictures lie outside" in beyond.filter("is_default")["reason"][0]


def test_what_lies_beyond_any_score_of_the_calibration_is_outside(calibration, target) -> None:
    assert not outside_of(calibration, calibration[Condition(CLEAN, 0)].outputs).any()
    column = ("metric0", "score")
    highest = max(part.outputs.quality[column].max() for part in calibration.values())
    values = target.outputs.quality[column].copy()
    values[3], values[5] = highest, highest + 1e-6
    quality = {**target.outputs.quality, column: values}
    moved = type(target.outputs)(target.outputs.predictions, quality, {})
    outside = outside_of(calibration, moved)
    assert outside[5] and not outside[3]


def test_a_metric_that_is_not_defined_costs_its_own_estimators_alone(
    calibration, truth, target
) -> None:
    quality = {key: values.copy() for key, values in target.outputs.quality.items()}
    quality["metric0", "score"][[3, 5]] = np.nan
    lacking = Labelled(Outputs(target.outputs.predictions, quality, {}), target.labels)
    outside = outside_of(calibration, lacking.outputs)
    assert np.flatnonzero(outside & ~outside_of(calibration, target.outputs)).tolist() == [3, 5]
    whole, rows = (estimated(calibration, truth, part) for part in (target, lacking))
    taken = pl.col("quality_source") == "metric0"
    assert rows.filter(~taken).equals(whole.filter(~taken))
    lost = rows.filter(taken)
    assert lost["estimate"].null_count() == lost.height == 3
    assert set(lost["reason"]) == {"metric0 is not defined for 2 of 200 pictures"}


def test_the_picture_table_says_what_is_known_of_each(calibration) -> None:
    reference = calibration[Condition(CLEAN, 0)].outputs
    target = reference.take(np.arange(3))
    listing = pl.DataFrame(
        {
            "name": ["a", "b", "c", "d", "e"],
            "group": "",
            "label": None,
            "reason": ["", "", "", "cut short", ""],
            "notes": "",
            "width": 9,
            "height": 9,
            "sha256": ["1", "2", "3", "", "4"],
            "fingerprint": [5, 0xFFFF0000FFFF0000, 7, 0, 0x0F0F0F0F0F0F0F0F],
        },
        schema_overrides={"fingerprint": pl.UInt64, "label": pl.String},
    )
    usable = pl.DataFrame({"name": ["a", "b", "c"], "sha256": ["1", "2", "3"]})
    outside = np.array([False, True, False])
    chances = {"net0": np.array([0.1, 0.2, 0.3])}
    table = picture_table(listing, usable, target, outside, reference, chances)
    assert table["status"].to_list() == ["scored"] * 3 + ["unreadable", "not scored"]
    assert table["duplicate_of"].to_list() == [None, None, "a", None, None]
    assert table["outside"].to_list() == [False, True, False, None, None]
    assert table["net0.p_correct"].to_list() == [0.1, 0.2, 0.3, None, None]
    values = reference.quality["metric0", "score"]
    ranks = [(values <= value).mean() for value in values[:3]]
    assert table["metric0.score.quantile"].to_list()[:3] == ranks


def test_a_calibration_picture_without_the_metric_costs_its_estimators_that_picture(
    calibration, target
) -> None:
    holed = dict(calibration)
    condition = Condition("fog", 1)
    part = calibration[condition]
    quality = {key: values.copy() for key, values in part.outputs.quality.items()}
    quality["metric0", "score"][7] = np.nan
    holed[condition] = Labelled(Outputs(part.outputs.predictions, quality, {}), part.labels)
    kept = np.delete(np.arange(120), 7)
    reduced = {name: known.take(kept) for name, known in calibration.items()}
    tables = [truth_test(world, NETWORKS, 0) for world in (calibration, holed, reduced)]
    before, rows, without = (
        estimated(known, table, target)
        for known, table in zip((calibration, holed, reduced), tables, strict=True)
    )
    taken = pl.col("quality_source") == "metric0"
    asked = rows.drop("is_default")  # which is best depends on all the rows
    assert asked.filter(~taken).equals(before.drop("is_default").filter(~taken))
    assert asked.filter(taken).equals(without.drop("is_default").filter(taken))
    assert rows.filter(taken)["estimate"].null_count() == 0
    assert not outside_of(holed, holed[Condition(CLEAN, 0)].outputs).any()


def test_a_metric_of_two_calibration_pictures_speaks_of_no_picture(calibration, target) -> None:
    """The truth test needs three: without a mean error nothing is chosen by it."""
    holed = {}
    for name, part in calibration.items():
        quality = {key: values.copy() for key, values in part.outputs.quality.items()}
        quality["metric0", "score"][2:] = np.nan
        holed[name] = Labelled(Outputs(part.outputs.predictions, quality, {}), part.labels)
    table = truth_test(holed, NETWORKS, 0)
    assert table.filter(quality_source="metric0")["mae"].null_count() == len(NETWORKS)
    rows = estimated(holed, table, target)
    assert rows.filter("is_default")["estimate"].null_count() == 0
