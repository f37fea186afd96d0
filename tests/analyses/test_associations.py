"""Somers' D within strata against all pairs; p-values against permutations done one by one."""

from itertools import combinations, permutations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import roc_auc_score

from causal_iqa.analyses.associations.compute import (
    WITHIN,
    associate,
    permutation_p,
    permute_pictures,
    stratifications,
    write_associations,
)
from causal_iqa.analyses.associations.concordance import doubled_midranks, permuted_rank_sums
from causal_iqa.analyses.associations.schema import ASSOCIATIONS
from causal_iqa.analyses.associations.table import CAPTION
from causal_iqa.core.columns import MANIFEST, SCORERS
from causal_iqa.core.conditions import grid
from causal_iqa.core.contract import Results, read_table, write_table
from causal_iqa.core.kinds import SCORES
from causal_iqa.data.panel import write_panel

CODES = {"all": lambda i, k, y: 0, "picture": lambda i, k, y: i, "label": lambda i, k, y: y[i]}
CODES["condition"] = lambda i, k, y: k


def somers_d(q, m, labels, within: str) -> tuple[float, int, int] | None:
    """By its definition, over all pairs of points of a stratum: D, its pairs, usable strata."""
    stratum = CODES[within]
    points = [(i, k) for i in range(q.shape[0]) for k in range(q.shape[1])]
    won, pairs, usable = 0.0, 0, set()
    for a, b in combinations(points, 2):
        if stratum(*a, labels) == stratum(*b, labels) and m[a] != m[b]:
            right, wrong = (a, b) if m[a] else (b, a)
            won += np.sign(q[right] - q[wrong])
            pairs += 1
            usable.add(stratum(*a, labels))
    return (won / pairs, pairs, len(usable)) if pairs else None


@st.composite
def worlds(draw):
    """Q with ties, M and labels of 2 to 6 pictures under 1 to 4 conditions."""
    shape = (draw(st.integers(2, 6)), draw(st.integers(1, 4)))
    q = draw(arrays(float, shape, elements=st.sampled_from([-1.0, 0.0, 0.5, 1e-30, 2.0])))
    m = draw(arrays(bool, shape))
    return q, m, draw(arrays(np.int32, shape[0], elements=st.integers(3, 5)))


@settings(deadline=None)
@given(worlds())
def test_d_is_the_balance_of_all_pairs_within_a_stratum(world) -> None:
    q, m, labels = world
    ways = list(stratifications(labels, q.shape[1], 0, 0))
    assert tuple(way.within for way in ways) == WITHIN
    for way in ways:
        found = associate(doubled_midranks(q, way.codes), m, way)
        wanted = somers_d(q, m, labels, way.within)
        if wanted is None:
            assert found.somers_d is None and found.n_usable == found.n_pairs == 0
            assert "both a correct and a wrong prediction" in found.reason
        else:
            assert found.somers_d == pytest.approx(wanted[0], abs=1e-12)
            assert (found.n_pairs, found.n_usable) == wanted[1:]


def test_marginal_d_is_twice_sklearns_auc_less_one() -> None:
    rng = np.random.default_rng(1)
    q = np.round(rng.normal(size=(300, 7)), 1)
    m = rng.random(q.shape) < 1 / (1 + np.exp(-q))
    way = next(stratifications(np.zeros(300, np.int32), 7, 0, 0))
    found = associate(doubled_midranks(q, way.codes), m, way)
    assert found.somers_d == pytest.approx(2 * roc_auc_score(m.ravel(), q.ravel()) - 1, abs=1e-12)


@settings(deadline=None)
@given(worlds())
def test_permuted_sums_are_those_of_m_moved_picture_by_picture(world) -> None:
    q, m, labels = world
    for way in stratifications(labels, q.shape[1], 5, 0):
        ranks = doubled_midranks(q, way.codes)
        sums = permuted_rank_sums(ranks, m, way.permutations)
        assert sums.tolist() == [ranks[m[moved]].sum() for moved in way.permutations]


@settings(deadline=None)
@given(worlds())
def test_p_and_mean_are_those_of_d_recomputed_under_each_permutation(world) -> None:
    q, m, labels = world
    for way in stratifications(labels, q.shape[1], 7, 3):
        found = associate(doubled_midranks(q, way.codes), m, way)
        if found.permutation_p is None:
            assert found.somers_d is None or way.fixed
            continue
        permuted = [somers_d(q, m[moved], labels, way.within)[0] for moved in way.permutations]
        everything = np.array([*permuted, found.somers_d])
        away = abs(everything - everything.mean())
        assert found.permutation_p == pytest.approx((away >= away[-1] - 1e-9).mean())
        assert found.permuted_mean == pytest.approx(np.mean(permuted), abs=1e-12)
        assert found.n_permutations == 7


def test_permutations_stay_within_their_block_and_reach_all_orders() -> None:
    block = np.array([2, 0, 2, 1, 2])
    moved = permute_pictures(block, 200, 0)
    assert {tuple(row[[0, 2, 4]]) for row in moved} == set(permutations((0, 2, 4)))
    assert (moved[:, [1, 3]] == [1, 3]).all()
    free = permute_pictures(np.zeros(4, np.int64), 400, 0)
    assert {tuple(row) for row in free} == set(permutations(range(4)))
    assert (permute_pictures(block, 3, 0) == moved[:3]).all()
    assert (permute_pictures(block, 200, 1) != moved).any()


def test_p_counts_both_sides_about_the_mean_of_all() -> None:
    assert permutation_p(10, np.array([0, 0, 0, 0])) == pytest.approx(1 / 5)
    assert permutation_p(4, np.array([6, 5, 5, 5])) == pytest.approx(2 / 5)
    assert permutation_p(7, np.array([7, 7])) == 1.0


def test_pictures_as_units_keep_the_level_where_points_do_not() -> None:
    """Q and M each vary by picture, independently: p is small as often as its size says."""
    rng = np.random.default_rng(5)
    small = {"pictures": 0, "points": 0}
    runs, n, k = 200, 24, 10
    points = permute_pictures(np.zeros(n * k, np.int64), 19, 0)
    for run in range(runs):
        q = rng.normal(size=(n, 1)) + 0.3 * rng.normal(size=(n, k))
        m = rng.normal(size=(n, 1)) + 0.3 * rng.normal(size=(n, k)) > 0
        way = next(stratifications(np.zeros(n, np.int32), k, 19, run))
        ranks = doubled_midranks(q, way.codes)
        small["pictures"] += associate(ranks, m, way).permutation_p <= 0.1
        naive = permuted_rank_sums(ranks.reshape(-1, 1), m.reshape(-1, 1), points)
        small["points"] += permutation_p(int(ranks[m].sum()), naive) <= 0.1
    assert 7 <= small["pictures"] <= 36  # 10 % of 200, give or take 4 standard deviations
    assert small["points"] > 80


def test_what_the_conditions_do_stands_in_the_permuted_mean() -> None:
    """Severity moves Q and M, pictures add nothing: D is large, and so is every permuted D."""
    rng = np.random.default_rng(6)
    clarity = -np.arange(8.0)
    q = clarity + 0.1 * rng.normal(size=(200, 8))
    m = rng.random((200, 8)) < 1 / (1 + np.exp(-clarity - 4))
    labels = rng.integers(0, 20, 200).astype(np.int32)
    found = {
        way.within: associate(doubled_midranks(q, way.codes), m, way)
        for way in stratifications(labels, 8, 99, 0)
    }
    for within in ("all", "picture", "label"):
        assert found[within].somers_d > 0.6
        assert found[within].permuted_mean == pytest.approx(found[within].somers_d, abs=0.03)
        assert found[within].permutation_p > 0.01
    assert abs(found["condition"].somers_d) < 0.1
    assert abs(found["condition"].permuted_mean) < 0.01


def test_reasons_where_nothing_varies_or_can_change_places() -> None:
    q = np.arange(8.0).reshape(4, 2)
    m = np.array([[1, 1], [0, 0], [1, 1], [0, 0]], dtype=bool)
    ways = {w.within: w for w in stratifications(np.array([1, 2, 3, 3], np.int32), 2, 9, 0)}
    ranks = {w: doubled_midranks(q, way.codes) for w, way in ways.items()}
    constant = associate(ranks["picture"], m, ways["picture"])
    assert constant.reason == "no picture holds both a correct and a wrong prediction"
    assert constant.somers_d is constant.permutation_p is None
    mixed = m.copy()
    mixed[0, 0] = False
    found = associate(ranks["label"], mixed, ways["label"])
    assert found.somers_d is not None and found.permutation_p is None
    assert found.reason == "p: the pictures can change places in 2 way(s) only"
    assert "no point of the data" in associate(ranks["all"], m | True, ways["all"]).reason
    assert associate(ranks["all"], m, ways["all"]).reason == ""
    none = next(stratifications(np.ones(4, np.int32), 2, 0, 0))
    assert "no permutations" in associate(ranks["all"], m, none).reason


@pytest.mark.parametrize(
    ("labels", "ways"), [([1], 1), ([1, 2, 3], 1), ([4, 4, 9, 9], 4), ([5, 5, 5], 6)]
)
def test_a_p_needs_twenty_orders_of_the_pictures(labels: list[int], ways: int) -> None:
    label = list(stratifications(np.array(labels, np.int32), 1, 0, 0))[2]
    assert label.fixed == f"the pictures can change places in {ways} way(s) only"
    enough = list(stratifications(np.array([1, 1, 1, 1], np.int32), 1, 0, 0))
    assert [way.fixed for way in enough] == [""] * 4


GRID = grid(("fog", "snow"), (1, 3, 5))


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """40 pictures of 8 labels: ``net`` and ``sharp`` see the same clarity, ``blind`` sees none."""
    rng = np.random.default_rng(2)
    results = Results(tmp_path_factory.mktemp("results"))
    ids = [f"id{k:02}" for k in range(40)]
    labels = np.arange(40) % 8
    rows = [(i, int(y)) for i, y in zip(ids, labels, strict=True)]
    write_table(pl.DataFrame(rows, MANIFEST, orient="row"), results.manifest, MANIFEST)
    facts = [
        (name, kind, False, True, group, True, name, None)
        for name, kind, group in (
            ("sharp", "metric", None),
            ("blind", "metric", None),
            ("net", "classifier", "w"),
            ("dual", "zero_shot", "w"),
        )
    ]
    write_table(pl.DataFrame(facts, SCORERS, orient="row"), results.scorers, SCORERS)
    ease = rng.normal(size=40)
    for condition in GRID:
        clarity = ease - 0.5 * condition.severity + 1.0
        guess = np.where(clarity + 0.3 * rng.normal(size=40) > 0, labels, labels + 1)
        net = {name: clarity for name in SCORES["zero_shot"]} | {"prediction": guess}
        columns = {
            "sharp": ("metric", {"score": clarity}),
            "blind": ("metric", {"score": rng.normal(size=40)}),
            "net": ("classifier", net),
            "dual": ("zero_shot", net),
        }
        for name, (kind, values) in columns.items():
            frame = pl.DataFrame({**values, "image_id": ids}, schema_overrides=SCORES[kind])
            write_table(frame, results.scores(name, condition), SCORES[kind])
    for name in columns:
        write_panel(results, name, GRID)
    return results


def write(results: Results, **options) -> pl.DataFrame:
    arguments = {"include_clean": True, "seed": 0, "permutations": 99, **options}
    write_associations(results, GRID, **arguments)
    return read_table(results.table("associations"), ASSOCIATIONS)


def test_a_row_a_pair_variant_and_way(results: Results) -> None:
    table = write(results)
    assert table.height == (1 + 1 + 3 + 5) * len(WITHIN)
    assert table["within"].to_list()[:4] == list(WITHIN)
    circular = table.filter(pl.col("circular"))["quality_source"].unique().sort()
    assert circular.to_list() == ["dual", "net"]
    sharp = table.filter(quality_source="sharp").rows_by_key("within", named=True, unique=True)
    assert sharp["all"]["somers_d"] > 0.9 and sharp["all"]["permutation_p"] == 0.01
    assert (sharp["picture"]["n_strata"], sharp["label"]["n_strata"]) == (40, 8)
    assert sharp["condition"]["n_strata"] == len(GRID) == 7
    blind = table.filter(quality_source="blind")
    assert blind["somers_d"].abs().max() < 0.3


def test_clean_can_be_left_out_and_bytes_repeat(results: Results) -> None:
    table = results.table("associations")
    write(results)
    first = table.read_bytes()
    write(results)
    assert table.read_bytes() == first
    without = write(results, include_clean=False)
    assert without.filter(within="condition")["n_strata"].unique().to_list() == [6]
    assert write(results, seed=1)["permuted_mean"].to_list() != without["permuted_mean"].to_list()


def test_the_pictures_order_of_pairs_holds_in_the_file(results: Results) -> None:
    """A row against ``associate`` on the panel's arrays, so that axes are not swapped."""
    read = [
        [
            read_table(results.scores(name, condition), SCORES[kind])[column].to_numpy()
            for condition in GRID
        ]
        for name, kind, column in (
            ("blind", "metric", "score"),
            ("net", "classifier", "prediction"),
        )
    ]
    labels = np.arange(40) % 8
    q, m = np.array(read[0]).T, labels[:, None] == np.array(read[1]).T
    table = write(results).filter(quality_source="blind")
    for within, found in table.select("within", "somers_d").iter_rows():
        assert found == pytest.approx(somers_d(q, m, labels, within)[0], abs=1e-12)


def test_the_caption_says_that_no_graph_is_tested() -> None:
    assert "supports or refutes no causal graph" in CAPTION
    assert "2 AUC - 1" in CAPTION
