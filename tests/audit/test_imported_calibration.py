"""An audit that is calibrated on imported scores: what is refused before any job starts."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import card_world
import polars as pl
import pytest
from samples import make_photograph

from causal_iqa.audit.estimates import write_estimates
from causal_iqa.core.columns import CLASSES, SCORERS, Columns
from causal_iqa.core.conditions import Condition
from causal_iqa.core.contract import Results, read_provenance, write_table
from causal_iqa.core.errors import UserError
from causal_iqa.core.kinds import SCORES
from causal_iqa.pictures.classes import imagenet_classes
from causal_iqa.preflight import CheckedConfig, preflight

NET = {"kind": "classifier", "model": "package:squeezenet1_1"}
TV = {"kind": "metric", "metric": "tv_l1_mean"}
PSNR = {"kind": "fr_metric", "metric": "psnr"}


@pytest.fixture
def folder(tmp_path: Path) -> Results:
    """Scorers and classes of an import, with a clean score file of ``net`` and ``tv``."""
    found = Results(tmp_path / "import")
    facts = [("net", "classifier"), ("tv", "metric"), ("other", "classifier")]
    rows = [(name, kind, None, None, None, False, name, None) for name, kind in facts]
    write_table(pl.DataFrame(rows, SCORERS, orient="row"), found.scorers, SCORERS)
    write_table(imagenet_classes(), found.classes, CLASSES)
    for name, kind in facts:
        path = found.scores(name, Condition("clean", 0))
        write_table(pl.DataFrame(schema=SCORES[kind]), path, SCORES[kind])
    return found


def check(folder: Results, scorers: dict[str, Any], **audit: str) -> CheckedConfig:
    pictures = folder.root.parent / "mine"
    make_photograph(pictures / "one.png", 1)
    return preflight(
        {
            "scores": {"import": str(folder.root)},
            "scorers": scorers,
            "audit": {"pictures": str(pictures), **audit},
        }
    )


def test_only_what_the_audit_runs_is_imported(folder: Results) -> None:
    (folder.root / "softmax" / "net").mkdir(parents=True)
    found = check(folder, {"tv": TV, "net": NET, "psnr": PSNR})
    assert found.kinds == {"net": "classifier", "tv": "metric"}
    assert found.softmax == ["net"]


def test_a_calibration_that_is_missing_is_named_with_what_there_is(folder: Results) -> None:
    with pytest.raises(UserError) as caught:
        check(folder, {"net": NET, "lite": {**NET, "model": "package:efficientnet_lite0"}})
    for words in ("scorers.lite: the calibration", str(folder.root), "it has no such scorer",
                  "net (classifier), tv (metric), other (classifier)"):  # fmt: skip
        assert words in str(caught.value)
    with pytest.raises(UserError, match=r"scorers\.tv: .* this classifier: there it is a metric"):
        check(folder, {"tv": NET})


def test_scores_of_another_scorer_of_that_name_are_refused(folder: Results) -> None:
    path = folder.scores("net", Condition("clean", 0))
    frame = pl.read_parquet(path)
    assert check(folder, {"net": NET}).kinds == {"net": "classifier"}
    same = {"kind": "classifier", "model": "package:squeezenet1_1", "preprocess": "fit"}
    write_table(frame, path, SCORES["classifier"], {"scorer": same})
    assert check(folder, {"net": NET}).kinds == {"net": "classifier"}
    other = {**same, "preprocess": "weights"}
    write_table(frame, path, SCORES["classifier"], {"scorer": other})
    assert read_provenance(path)["scorer"] == other
    with pytest.raises(UserError, match=r"scorers\.net: .* is not what the imported scores were"):
        check(folder, {"net": NET})


def test_class_names_are_held_against_the_imports_classes(folder: Results) -> None:
    three = imagenet_classes().head(3)
    write_table(three, folder.classes, CLASSES)
    with pytest.raises(UserError, match=r"scores\.import: .*classes\.csv lists 3 classes"):
        check(folder, {"net": NET})
    names = folder.root.parent / "names.txt"
    names.write_text("a\nb\n")
    with pytest.raises(UserError, match="holds 2 names; the networks predict 1000"):
        write_table(imagenet_classes(), folder.classes, CLASSES)
        check(folder, {"net": NET}, classes=str(names))


def test_scores_by_other_weights_than_the_calibrations_are_refused(tmp_path: Path) -> None:
    results = card_world.write_experiment(tmp_path / "results")
    pictures = card_world.make_pictures(tmp_path / "mine", 4, 0)
    files = card_world.audit(results, pictures, "mine", 1.0)
    clean, own = results.scores("net0", Condition("clean", 0)), files.scores("net0")

    def weigh(path: Path, weights: str) -> None:
        frame = pl.read_parquet(path)
        write_table(
            frame,
            path,
            Columns(frame.schema, nullable=frame.columns),
            {"weights": {"net0.pt": weights}},
        )

    weigh(clean, "aaa")
    estimate = partial(
        write_estimates, results.root, "mine", card_world.CONDITIONS, 0, results.classes
    )
    estimate()  # scores that do not say what they are from
    weigh(own, "aaa")
    estimate()
    weigh(own, "bbb")
    with pytest.raises(UserError, match=r"net0.*differ in their weights: .*bbb.* against .*aaa"):
        estimate()


def test_audit_scores_of_another_scorer_or_set_are_refused(tmp_path: Path) -> None:
    results = card_world.write_experiment(tmp_path / "results")
    files = card_world.audit(results, card_world.make_pictures(tmp_path / "a", 4, 0), "a", 1.0)
    other = card_world.audit(results, card_world.make_pictures(tmp_path / "b", 4, 50), "b", 1.0)

    def say(path: Path, model: str) -> None:
        frame = pl.read_parquet(path)
        write_table(
            frame, path, Columns(frame.schema, nullable=frame.columns), {"scorer": {"model": model}}
        )

    for network in ("net0", "net1"):
        say(results.scores(network, Condition("clean", 0)), network)
        say(files.scores(network), network)
    estimate = partial(
        write_estimates, results.root, "a", card_world.CONDITIONS, 0, results.classes
    )
    estimate()
    kept = files.scores("net0").read_bytes()
    files.scores("net0").write_bytes(files.scores("net1").read_bytes())
    with pytest.raises(UserError, match=r"a/scores/net0\.parquet .* differ in their scorer"):
        estimate()
    files.scores("net0").write_bytes(kept)
    files.scores("sharp").write_bytes(other.scores("sharp").read_bytes())
    with pytest.raises(
        UserError, match=r"a/scores/sharp\.parquet lacks picture '.*png' of the set"
    ):
        estimate()
