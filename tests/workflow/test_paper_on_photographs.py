"""The target ``paper`` on 400 labelled photographs: what 20 pictures cannot carry, they can."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from small_project import Project, make_project

from causal_iqa.analyses.accuracy_beyond.schema import ACCURACY_BEYOND
from causal_iqa.analyses.claims.schema import CLAIMS
from causal_iqa.analyses.content.schema import CONTENT
from causal_iqa.analyses.desiderata.schema import DESIDERATA
from causal_iqa.analyses.mixtures.schema import MIXTURE_AUC
from causal_iqa.analyses.per_unit_schema import UNITS
from causal_iqa.analyses.pooled.schema import POOLED
from causal_iqa.analyses.solver_audit.schema import SOLVER_AUDIT
from causal_iqa.core.contract import read_table

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def photographs(nips17: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Two networks and three metrics, one of them full-reference, under 5 conditions."""
    project = make_project(tmp_path_factory.mktemp("photographs"))
    listed = pl.read_csv(nips17 / "index.csv").select(
        file=pl.lit(f"{nips17}/") + pl.col("file"), label="wnid"
    )
    listed.write_csv(project.root / "photographs.csv")
    project.write(
        {
            "experiment": "small",
            "pictures": {"source": "imagefolder", "path": "photographs.csv"},
            "conditions": {"corruptions": ["gaussian_noise", "fog"], "severities": [1, 3]},
            "scorers": {
                "squeezenet1_1": {"kind": "classifier", "model": "package:squeezenet1_1"},
                "lite0": {"kind": "classifier", "model": "package:efficientnet_lite0"},
                "tv": {"kind": "metric", "metric": "tv_l1_mean"},
                "piqe": {"kind": "metric", "metric": "piqe"},
                "psnr": {"kind": "fr_metric", "metric": "psnr"},
            },
            "analysis": {"resamples": 200},
            "figures": {"dpi": 50},
            "paper": {"permutations": 40, "mixture_seeds": 2},
        }
    )
    project.run("paper")
    return project


def table(project: Project, name: str, schema: dict) -> pl.DataFrame:
    return read_table(project.results / "tables" / f"{name}.csv", schema)


def test_labels_can_be_estimated(photographs: Project) -> None:
    rows = table(photographs, "label", UNITS).filter(pl.col("quality_source") != "all")
    assert rows["mean_auc"].null_count() == 0 and rows["n_units"].min() > 5
    within = table(photographs, "content_label", CONTENT)
    assert within["mean_auc"].null_count() == within["sd_auc"].null_count() == 0


def test_mixtures_can_be_estimated(photographs: Project) -> None:
    mixtures = table(photographs, "mixtures", MIXTURE_AUC)
    assert mixtures["auc"].null_count() == 0
    assert mixtures.select("p_c", "seed").n_unique() == 40


def test_confidence_of_another_network_predicts(photographs: Project) -> None:
    strong = table(photographs, "strong", POOLED).filter(~pl.col("circular"), solver="converged")
    assert strong.height == 6 and (strong["auc"] > 0.5).all()
    assert (strong["auc_cluster_lo"] < strong["auc"]).all()


def test_claims_are_judged_on_enough_pictures(photographs: Project) -> None:
    claims = table(photographs, "claims", CLAIMS)
    judged = claims.filter(unit="held-out pictures").drop_nulls("difference")
    assert judged.height > 3 and judged["n_units"].min() == 80
    assert set(judged["verdict"]) <= {"supported", "contradicted", "not decided"}
    ranked = table(photographs, "accuracy_beyond", ACCURACY_BEYOND).filter(band="low")
    assert ranked["beyond_lo"].null_count() == 0 and ranked["n_rows"].min() > 50


def test_full_reference_metrics_have_a_table_and_fail_d2(photographs: Project) -> None:
    rows = table(photographs, "fr_iqa", POOLED)
    assert rows["quality_source"].unique().to_list() == ["psnr"]
    assert rows["auc"].null_count() == 0
    card = table(photographs, "desiderata", DESIDERATA).filter(quality_source="psnr")
    assert card["d2_verdict"].to_list() == ["fails"]
    assert card["d1_verdict"].to_list() == ["meets"]


def test_every_fit_has_the_sign_of_the_covariance(photographs: Project) -> None:
    audit = table(photographs, "solver_audit", SOLVER_AUDIT).filter(solver="converged")
    assert audit["sign_agrees"].drop_nulls().all() and audit["converged"].all()


def test_a_figure_without_its_scorer_is_absent_with_the_reason(photographs: Project) -> None:
    html = (photographs.results / "paper.html").read_text()
    assert "no scorer here to stand in for ZSCLIP" in html
    assert not (photographs.results / "figures" / "paper" / "fig17.svg").exists()
    assert (photographs.results / "figures" / "paper" / "fig14.svg").is_file()
