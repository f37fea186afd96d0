"""What is known of a scorer without loading it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from causal_iqa.core import config
from causal_iqa.core.columns import SCORERS
from causal_iqa.core.contract import check
from causal_iqa.core.errors import UserError
from causal_iqa.core.provenance.fingerprint import reached_code
from causal_iqa.core.scorer_config import Classifier, Metric, Scorer, ZeroShot
from causal_iqa.scorers.registry import entry_of, modules_of, scorer_table

BRISQUE = Metric(kind="metric", metric="brisque")
TV = Metric(kind="metric", metric="tv_l1_mean")
LITE0 = Classifier(kind="classifier", model="package:efficientnet_lite0")
DUAL = ZeroShot(kind="zero_shot", model="assembled:lite0-minilm")


def test_the_table_of_the_embedded_experiment() -> None:
    table = check(scorer_table(config.Config().scorers), SCORERS, Path("scorers.csv"))
    rows = {row["scorer"]: row for row in table.iter_rows(named=True)}
    assert len(rows) == 15 and not table["synthetic"].any()
    assert rows["lite0_minilm"]["weights_group"] == rows["efficientnet_lite0"]["weights_group"]
    assert rows["squeezenet1_1"]["weights_group"] != rows["efficientnet_lite0"]["weights_group"]
    assert "CLIP" not in rows["lite0_minilm"]["title"]
    assert rows["tv"]["value_range"] == "0 to 2" and rows["lite0_minilm"]["value_range"] is None
    assert rows["brisque"]["lower_better"] is True and rows["tv"]["lower_better"] is None


@pytest.mark.parametrize(
    ("spec", "hint"),
    [
        (Classifier(kind="classifier", model="package:efficientnet_lite9"), "efficientnet_lite0"),
        (ZeroShot(kind="zero_shot", model="open_clip:ViT-B32@x"), "did you mean ViT-B-32"),
        (Metric(kind="metric", metric="briske"), "did you mean brisque"),
    ],
)
def test_a_name_mistyped_is_answered_with_the_nearest(spec: Scorer, hint: str) -> None:
    with pytest.raises(UserError, match=hint):
        entry_of(spec)


@pytest.mark.parametrize(
    ("name", "lower_better", "value_range"),
    [
        ("pyiqa:clipiqa", False, "0 to 1"),
        ("pyiqa:brisque", True, "~0 to ~150"),
        ("pyiqa:nima", False, "0 to 10"),
        ("piq:clip_iqa", False, "0 to 1"),
    ],
)
def test_direction_and_range_of_a_metric_are_recorded(
    name: str, lower_better: bool, value_range: str
) -> None:
    entry = entry_of(Metric(kind="metric", metric=name))
    assert (entry.lower_better, entry.value_range) == (lower_better, value_range)


def test_openai_weights_without_quickgelu_are_refused(tmp_path: Path) -> None:
    script = tmp_path / "ViT-B-32.pt"
    with zipfile.ZipFile(script, "w") as archive:
        archive.writestr("archive/code/__torch__.py", "")
    named = tmp_path / "openai" / "weights.safetensors"
    named.parent.mkdir()
    named.write_bytes(b"")
    for path in (script, named):
        with pytest.raises(UserError, match="open_clip:ViT-B-32-quickgelu@"):
            entry_of(ZeroShot(kind="zero_shot", model=f"open_clip:ViT-B-32@{path}"))
        entry = entry_of(ZeroShot(kind="zero_shot", model=f"open_clip:ViT-B-32-quickgelu@{path}"))
        assert entry.user_files == (path,)
    with pytest.raises(UserError, match="there is no file openai"):
        entry_of(ZeroShot(kind="zero_shot", model="open_clip:RN50@openai"))
    with pytest.raises(UserError, match="Use open_clip:RN50-quickgelu/openai"):
        entry_of(ZeroShot(kind="zero_shot", model="open_clip:RN50/openai"))
    with pytest.raises(UserError, match="give open_clip:MODEL/TAG"):
        entry_of(ZeroShot(kind="zero_shot", model="open_clip:RN50"))


def test_the_code_behind_a_score_is_no_more_than_its_own() -> None:
    def modules(spec: Scorer) -> set[str]:
        return {name.removeprefix("causal_iqa.") for name in reached_code(*modules_of(spec))}

    shared = {"core.jpeg", "core.errors", "scorers.setting"}
    assert modules(TV) == shared | {"scorers.metrics"}
    weights = shared | {"scorers.weights"}
    assert modules(BRISQUE) == weights | {"scorers.metrics", "scorers.pyiqa_metrics"}
    classifier = weights | {"scorers.softmax", "scorers.folding"}
    assert modules(LITE0) == classifier | {"scorers.classifiers"}
    own = {"scorers.zero_shot", "scorers.dual_encoders", "scorers.checkpoints"}
    assert modules(DUAL) == classifier | own
