"""The table of claims: what each graph implies of what the paper says of it."""

from pathlib import Path

import polars as pl
import pytest
from samples import ROOT

from causal_iqa.analyses.dags.compute import EFFECT_NOTE, claims_table, write_graph_claims
from causal_iqa.analyses.dags.graphs import Dag, read_dags
from causal_iqa.analyses.dags.schema import DAG_CLAIMS
from causal_iqa.core.contract import read_table

DAGS = ROOT / "resources" / "dags"


@pytest.fixture(scope="module")
def claims() -> pl.DataFrame:
    return claims_table(read_dags([DAGS]))


def test_where_graph_and_paper_part_company(claims: pl.DataFrame) -> None:
    parted = claims.filter(~pl.col("agree")).select("dag", "claim", "implied")
    assert parted.rows() == [
        ("fig02_baseline", "Q _||_ M", "dependent"),
        ("fig02_baseline", "Q _||_ M | Y", "dependent"),
        ("fig04_two_networks", "Q dep M | X", "independent"),
        ("fig07_task_as_fork", "Q dep M | X, T", "independent"),
        ("fig07_task_as_fork", "Q _||_ M | X", "dependent"),
        ("fig10_common_corruptions", "Q _||_ M | X0", "dependent"),
        ("fig10_common_corruptions", "Q _||_ M | Y", "dependent"),
    ]


def test_no_effect_in_every_graph_with_the_note(claims: pl.DataFrame) -> None:
    effects = claims.filter(pl.col("claim") == "ACE(Q -> M) = 0")
    assert effects["dag"].to_list() == [dag.id for dag in read_dags([DAGS])]
    assert effects["agree"].all()
    assert all(note.endswith(EFFECT_NOTE) for note in effects["note"])
    said = dict(effects.select("dag", "said").iter_rows())
    assert said.pop("fig02_baseline") == "stated"
    assert set(said.values()) == {"not said"}


def test_dependence_has_a_path_and_independence_none(claims: pl.DataFrame) -> None:
    has_path = claims["path"] != ""
    assert (has_path == (claims["implied"] == "dependent")).all()
    path = claims.filter(dag="fig07_task_as_collider", claim="Q dep M | X, T")["path"]
    assert path.to_list() == ["Q -> [T] <- Y -> M"]


def test_without_noise_no_claimed_dependence_given_the_image_is_left(claims: pl.DataFrame) -> None:
    """The finding: the paper's own determinism undoes every dependence given X that it claims."""
    given_x = claims.filter(pl.col("claim").str.contains(r" dep .*\| X(,|$)"))
    assert (given_x["without_noise"] == "independent").all()
    assert (given_x["implied"] == "dependent").sum() == 3
    marginal = claims.filter(pl.col("claim").is_in(["Q dep M", "Q _||_ M"]))
    assert (marginal["without_noise"] == "dependent").all()


def test_what_rests_on_inferred_edges_is_marked(claims: pl.DataFrame) -> None:
    row = claims.filter(dag="fig07_task_as_collider", claim="Q dep M | X, T")
    assert row["agree"].item() and not row["agree_stated_edges"].item()
    figure_1 = claims.filter(dag="fig01_shared_features")
    assert figure_1["agree_stated_edges"].all()


def test_a_users_graph_gets_the_same(tmp_path: Path) -> None:
    dag = Dag.model_validate(
        {
            "id": "caused",
            "figure": "",
            "title": "Q acts on M",
            "nodes": [
                {"name": name, "kind": "observed", "words": name} for name in ("Q", "W", "M")
            ],
            "edges": [
                {"from": "Q", "to": "W", "inferred": "so"},
                {"from": "W", "to": "M", "inferred": "so"},
            ],
            "claims": [{"says": "dependent", "of": ["Q", "M"], "given": ["W"], "inferred": "so"}],
        }
    )
    table = claims_table([dag])
    assert table.select("claim", "implied", "agree", "path").rows() == [
        ("Q dep M | W", "independent", False, ""),
        ("ACE(Q -> M) = 0", "effect", False, "Q -> W -> M"),
    ]
    without = dag.model_copy(update={"nodes": dag.nodes[1:], "edges": (), "claims": ()})
    assert claims_table([without]).is_empty()


def test_the_file_comes_back_and_is_the_same_bytes(tmp_path: Path, claims: pl.DataFrame) -> None:
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    for table in (first, second):
        write_graph_claims([DAGS], table)
    assert first.read_bytes() == second.read_bytes()
    assert read_table(first, DAG_CLAIMS).equals(claims)
