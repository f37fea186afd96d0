"""A sentence of the paper is read, compared and judged as its entry says."""

from pathlib import Path

import numpy as np
import pytest
from samples import ROOT
from synthetic import write_experiment

from causal_iqa.analyses.claims.claim_quantities import ClaimData
from causal_iqa.analyses.claims.compute import take, verdict, write_claims
from causal_iqa.analyses.claims.schema import CLAIMS
from causal_iqa.analyses.claims.sentences import Claim, Side, read_claims
from causal_iqa.analyses.content.compute import Control
from causal_iqa.analyses.per_unit_fits import Pair
from causal_iqa.analyses.pooled.compute import write_pooled
from causal_iqa.analyses.pooled.schema import POOLED
from causal_iqa.core.conditions import CORRUPTIONS, grid
from causal_iqa.core.contract import Results, read_table
from causal_iqa.core.errors import UserError
from causal_iqa.data.splits import write_splits
from causal_iqa.statistics import NotEstimable
from causal_iqa.statistics.influence import Influenced

CONDITIONS = grid(CORRUPTIONS[:12], (1, 3, 5))
CLAIM = """\
  - id: {id}
    section: "2.3"
    sentence: S.
    quantity: {quantity}
    left: {left}
    says: {says}
    right: {right}
"""
STRONG = "{families: [strong], variants: [max_prob, entropy, max_logit]}"
METRICS = "{families: [nr_iqa], variants: [score], over_sources: largest}"


def claim(says: str, margin: float | None = None) -> Claim:
    side = Side(families=("nr_iqa",), variants=("score",))
    words = {"id": "a", "section": "1", "sentence": "S.", "quantity": "auc"}
    return Claim(**words, left=side, says=says, right=0.5, margin=margin)


@pytest.mark.parametrize(
    ("says", "margin", "lo", "hi", "expected"),
    [
        ("greater", None, 0.01, 0.2, "supported"),
        ("greater", None, -0.2, -0.01, "contradicted"),
        ("greater", None, -0.01, 0.2, "not decided"),
        ("greater", None, 0.0, 0.2, "not decided"),
        ("less", None, -0.2, -0.01, "supported"),
        ("less", None, 0.01, 0.2, "contradicted"),
        ("close", 0.1, -0.05, 0.1, "supported"),
        ("close", 0.1, -0.05, 0.11, "not decided"),
        ("close", 0.1, 0.11, 0.2, "contradicted"),
        ("close", 0.1, -0.2, -0.11, "contradicted"),
        ("close", 0.1, -0.2, 0.2, "not decided"),
    ],
)
def test_verdict(says: str, margin: float | None, lo: float, hi: float, expected: str) -> None:
    assert verdict(claim(says, margin), lo, hi) == expected


def side(over_variants: str, over_sources: str) -> Side:
    return Side(
        families=("strong",),
        variants=("max_prob", "entropy"),
        over_variants=over_variants,
        over_sources=over_sources,
    )


VALUES = {
    Pair("net", "a", "max_prob"): Influenced(0.6, np.array([0.1, -0.1]), 2),
    Pair("net", "a", "entropy"): Influenced(0.8, np.array([0.3, -0.3]), 2),
    Pair("net", "b", "max_prob"): Influenced(0.7, np.array([0.0, 0.0]), 2),
    Pair("net", "b", "entropy"): NotEstimable("M constant"),
}
BY_SOURCE = [[pair for pair in VALUES if pair.quality_source == source] for source in "ab"]


def test_a_side_takes_the_mean_of_what_each_source_made_of_its_variants() -> None:
    lost: list[str] = []
    taken = take(side("mean", "mean"), BY_SOURCE, VALUES, lost)
    assert taken.estimate.value == pytest.approx((0.7 + 0.7) / 2)
    np.testing.assert_allclose(taken.estimate.influence, [0.1, -0.1])
    assert lost == ["net b entropy: M constant"]
    assert len(taken.pairs) == 3


def test_a_side_picks_the_largest_with_its_own_influence() -> None:
    taken = take(side("largest", "largest"), BY_SOURCE, VALUES, [])
    assert taken.estimate.value == 0.8 and taken.picked == [Pair("net", "a", "entropy")]
    np.testing.assert_array_equal(taken.estimate.influence, [0.3, -0.3])
    assert len(taken.pairs) == 3


def test_a_side_of_nothing_but_lost_pairs_is_none() -> None:
    lost: list[str] = []
    assert take(side("mean", "mean"), [BY_SOURCE[1][1:]], VALUES, lost) is None
    assert lost == ["net b entropy: M constant"]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    made = write_experiment(tmp_path_factory.mktemp("claims"), CONDITIONS, 120, seed=3)
    write_splits(made, 0.4, seed=0)
    for table in ("nr_iqa", "strong", "weak"):
        write_pooled(made, table, CONDITIONS, include_clean=False, seed=0, resamples=50)
    return made


def judged(results: Results, folder: Path, *entries: str, threads: int = 1) -> list[dict]:
    file = folder / "claims.yaml"
    file.write_text("claims:\n" + "".join(entries))
    options = {"include_clean": False, "control": Control(), "seed": 0, "resamples": 200}
    write_claims(ClaimData(results, CONDITIONS, **options), file, threads=threads)
    return read_table(results.table("claims"), CLAIMS).to_dicts()


def entry(name: str, left: str, says: str, right: str, quantity: str = "auc") -> str:
    return CLAIM.format(id=name, left=left, says=says, right=right, quantity=quantity)


def test_rows_keep_the_files_order_and_a_claim_turned_round_turns(
    results: Results, tmp_path: Path
) -> None:
    largest = "{families: [nr_iqa], variants: [score], over_sources: largest}"
    smallest = "{families: [nr_iqa], variants: [score], over_sources: smallest}"
    rows = judged(
        results,
        tmp_path,
        entry("second_quantity", largest, "greater", smallest, "srcc"),
        entry("seen", largest, "greater", smallest),
        entry("turned", smallest, "greater", largest),
    )
    assert [row["claim"] for row in rows] == ["second_quantity", "seen", "turned"]
    assert [row["verdict"] for row in rows] == ["supported", "supported", "contradicted"]
    assert rows[1]["difference"] == pytest.approx(-rows[2]["difference"])
    assert rows[1]["lo"] == pytest.approx(-rows[2]["hi"])
    assert rows[1]["picked"] == "good score (2); noise score (2)"
    assert rows[0]["ci_method"] == "bootstrap" and rows[0]["n_units"] == 12
    assert rows[1]["unit"] == "held-out pictures" and rows[1]["n_units"] == 48


def test_values_are_means_over_task_models_of_the_pooled_table(
    results: Results, tmp_path: Path
) -> None:
    row = judged(results, tmp_path, entry("strong", STRONG, "greater", METRICS))[0]
    strong = read_table(results.table("strong"), POOLED).to_dicts()
    others = [r["auc"] for r in strong if not r["circular"] and r["solver"] == "converged"]
    metrics = read_table(results.table("nr_iqa"), POOLED).to_dicts()
    best = [
        max(r["auc"] for r in metrics if r["task_model"] == net and r["solver"] == "converged")
        for net in ("net_a", "net_b")
    ]
    assert row["left_value"] == pytest.approx(np.mean(others), abs=1e-10)
    assert row["right_value"] == pytest.approx(np.mean(best), abs=1e-10)
    assert row["difference"] == pytest.approx(np.mean(others) - np.mean(best), abs=1e-10)
    assert row["n_task_models"] == 2
    assert row["n_pairs"] == 2 * 3 + 2 * 2


def test_own_weights_take_the_self_pairs(results: Results, tmp_path: Path) -> None:
    own = "{families: [strong], variants: [max_logit], weights: own}"
    row = judged(results, tmp_path, entry("own", own, "greater", "0.5"))[0]
    strong = read_table(results.table("strong"), POOLED).to_dicts()
    circular = [
        r["auc"]
        for r in strong
        if r["circular"] and r["quality_variant"] == "max_logit" and r["solver"] == "converged"
    ]
    assert row["left_value"] == pytest.approx(np.mean(circular), abs=1e-10)
    assert row["right"] == "0.5" and row["right_value"] == 0.5


def test_a_side_without_scores_is_not_estimable_and_says_so(
    results: Results, tmp_path: Path
) -> None:
    nothing = "{families: [weak], variants: [score]}"
    row = judged(results, tmp_path, entry("none", nothing, "greater", METRICS))[0]
    assert row["verdict"] == "not estimable" and row["difference"] is None
    assert row["reason"] == (
        "net_a is left out: a side has no score; net_b is left out: a side has no score"
    )


def test_the_table_does_not_depend_on_threads(results: Results, tmp_path: Path) -> None:
    every = (ROOT / "resources" / "paper_claims.yaml").read_text()
    alone = every.index("  - id: image_weak_auc_highest")
    entries = every[every.index("  - id:") : alone]
    one = judged(results, tmp_path, entries, threads=1)
    assert one == judged(results, tmp_path, entries, threads=3)
    assert len(one) > 5


def test_the_papers_claims_are_read() -> None:
    claims = read_claims(ROOT / "resources" / "paper_claims.yaml")
    assert len(claims) == len({c.id for c in claims}) > 10
    assert claims[0].left.words() == "nr_iqa: largest of sources"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("claims: [", "cannot be read"),
        ("claims: []", "claims: needs at least 1 entry"),
        ("claim: 1", "claim: unknown key; did you mean claims?"),
        ("claims:\n" + entry("a", METRICS, "close", "0.5"), "says: close needs a margin"),
        ("claims:\n" + 2 * entry("a", METRICS, "less", "0.5"), "'a' stands more than once"),
        ("claims:\n" + entry("a", METRICS, "less", "0.5", "auk"), "given: 'auk'"),
        (
            "claims:\n" + entry("a", "{families: [weak], variant: [score]}", "less", "1"),
            "claims.0.left.variant: unknown key; did you mean variants",
        ),
    ],
)
def test_a_fault_in_the_file_is_named(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "claims.yaml"
    file.write_text(text)
    with pytest.raises(UserError) as error:
        read_claims(file)
    assert said in str(error.value) and "claims.yaml" in str(error.value)
