"""config.yaml, the typed models and the schema say the same; every fault is named."""

import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from samples import ROOT

from causal_iqa.__main__ import main
from causal_iqa.core.config import Config, read_config
from causal_iqa.core.errors import UserError
from causal_iqa.core.scorer_config import Classifier, FullReferenceMetric, Metric, Section, ZeroShot
from causal_iqa.preflight import preflight


def default() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "config.yaml").read_text())


def test_config_yaml_is_the_default() -> None:
    assert read_config(default()) == Config()


def test_config_yaml_writes_out_every_key() -> None:
    def keys(section: Any, at: str) -> set[str]:
        found = set()
        for name, field in type(section).model_fields.items():
            key, value = f"{at}.{field.alias or name}", getattr(section, name)
            named = value.items() if isinstance(value, dict) else [("", value)]
            parts = [(f"{key}.{n}" if n else key, v) for n, v in named]
            found |= {key}.union(*(keys(v, k) for k, v in parts if isinstance(v, Section)))
        return found

    def written(raw: Any, at: str) -> set[str]:
        if not isinstance(raw, dict):
            return {at}
        return {at}.union(*(written(value, f"{at}.{key}") for key, value in raw.items()))

    assert keys(Config(), "config") - written(default(), "config") == set()


def test_schema_file_is_made_from_the_models() -> None:
    file = ROOT / "workflow" / "schemas" / "config.schema.json"
    assert json.loads(file.read_text()) == Config.model_json_schema(), (
        "run: python -m causal_iqa schema > workflow/schemas/config.schema.json"
    )


def test_schema_accepts_config_yaml_and_refuses_unknown_keys() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((ROOT / "workflow" / "schemas" / "config.schema.json").read_text())
    raw = default()
    jsonschema.validate(raw, schema)
    raw["figures"]["colour"] = "red"
    with pytest.raises(jsonschema.ValidationError, match="colour"):
        jsonschema.validate(raw, schema)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"audit": {"pictures": "x", "klasses": "y"}},
            ["audit.klasses: unknown", "did you mean classes?"],
        ),
        ({"audit": 12}, ["audit: must be a path or {pictures: PATH}", "12"]),
        ({"audit": " "}, ["audit: must be a path or {pictures: PATH}"]),
        (
            {"pictures": {"subset": {"per_clas": 5}}},
            ["pictures.subset.per_clas: unknown", "did you mean per_class?"],
        ),
        (
            {"scoring": {"shards": 2, "batch_size": "auto"}},
            ["scoring: shards begin where batches do", "give batch_size as a number"],
        ),
        ({"experimnt": "x"}, ["experimnt: unknown key", "did you mean experiment?"]),
        ({"experiment": "../x"}, ["experiment:", "'../x'"]),
        ({"conditions": {"severities": [6]}}, ["conditions.severities", "6", "1, 2, 3, 4, 5"]),
        ({"conditions": {"severities": []}}, ["conditions.severities", "empty"]),
        ({"conditions": {"corruptions": ["fogg"]}}, ["'fogg'", "did you mean fog?"]),
        ({"conditions": {"corruptions": ["fog", "fog"]}}, ["'fog' stands more than once"]),
        ({"conditions": {"sevrities": [1]}}, ["sevrities: unknown", "did you mean severities?"]),
        ({"scorers": {"x": {"kind": "metrik"}}}, ["scorers.x", "metrik", "'metric'"]),
        (
            {"scorers": {"x": {"kind": "metric"}}},
            ["scorers.x.metric: is missing; this"],
        ),
        (
            {"scorers": {"a/b": {"kind": "metric", "metric": "tv_l2"}}},
            ["scorers.a/b", "letters A to Z"],
        ),
        ({"scorers": {}}, ["scorers", "at least 1"]),
        ({"analysis": {"test_fraction": 1.5}}, ["analysis.test_fraction", "less than 1", "1.5"]),
        ({"analysis": {"resamples": 3}}, ["analysis.resamples", "greater than or equal to 100"]),
        ({"scoring": {"precision": "half"}}, ["scoring.precision", "'bfloat16'", "'half'"]),
        ({"pictures": {"source": "imagefolder"}}, ["pictures", "needs path"]),
        ({"pictures": {"path": "x"}}, ["pictures", "embedded takes no path"]),
        (
            {"pictures": {"source": "imagefolder", "path": "x", "restrict": True}},
            ["pictures", "needs class_map"],
        ),
    ],
)
def test_fault_names_key_value_and_what_is_allowed(change: dict, words: list[str]) -> None:
    with pytest.raises(UserError) as caught:
        read_config(change)
    for word in words:
        assert word in str(caught.value)


def test_a_bare_path_is_what_an_audit_is_of() -> None:
    assert read_config({"audit": "/data/new"}) == read_config({"audit": {"pictures": "/data/new"}})
    assert read_config({"audit": None}).audit is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"pictures": {"verify": "x"}}, "pictures.verify: needs true or false (given: 'x')"),
        ({"pictures": {"verify": 1.5}}, "pictures.verify: needs true or false (given: 1.5)"),
        ({"conditions": {"seed": "x"}}, "conditions.seed: needs a whole number (given: 'x')"),
        ({"conditions": {"seed": 1.5}}, "conditions.seed: needs a whole number (given: 1.5)"),
        ({"conditions": {"seed": None}}, "conditions.seed: needs a whole number (given: nothing)"),
        (
            {"conditions": {"seed": float("inf")}},
            "conditions.seed: needs a number that is finite (given: inf)",
        ),
        (
            {"conditions": {"severities": 3}},
            "conditions.severities: needs a list, as [a, b] (given: 3)",
        ),
        (
            {"conditions": {"severities": ["a"]}},
            "conditions.severities.0: needs a whole number (given: 'a')",
        ),
        (
            {"scoring": {"batch_size": "x"}},
            "scoring.batch_size: needs a whole number or 'auto' (given: 'x')",
        ),
        (
            {"analysis": {"test_fraction": "x"}},
            "analysis.test_fraction: needs a number (given: 'x')",
        ),
        (
            {"analysis": {"test_fraction": 0}},
            "analysis.test_fraction: needs to be greater than 0 (given: 0)",
        ),
        (
            {"figures": {"dpi": 700}},
            "figures.dpi: needs to be less than or equal to 600 (given: 700)",
        ),
        ({"experiment": 3}, "experiment: needs a text; put it in quotation marks (given: 3)"),
        (
            {"experiment": "a b"},
            "experiment: needs a name of letters A to Z, digits and _ . -, of which the first is a "
            "letter or digit (given: 'a b')",
        ),
        (
            {"experiment": "a" * 300},
            f"experiment: needs a text of at most 100 letters (given: '{'a' * 60}...', 300",
        ),
        (
            {"scorers": {"b" * 300: {"kind": "metric", "metric": "tv_l2"}}},
            f"scorers.{'b' * 60}...: needs a text of at most 100 letters",
        ),
        (
            {"pictures": {"path": 3}},
            "pictures.path: needs a path; put it in quotation marks (given: 3)",
        ),
        ({"pictures": None}, "pictures: needs keys and their values (given: nothing)"),
        ({"scorers": []}, "scorers: needs keys and their values (given: [])"),
        ({"scorers": {"x": 3}}, "scorers.x: needs keys and their values (given: 3)"),
        ({"scorers": {"x": {}}}, "scorers.x: kind is missing; it says what the rest means"),
        (
            {"scorers": {"int": {"kind": "metrik"}}},
            "scorers.int: kind 'metrik' is unknown; allowed: 'classifier', 'zero_shot', 'metric', ",
        ),
        (
            {"scorers": {"x": {"kind": "zero_shot", "model": "m", "templates": [1]}}},
            "scorers.x.templates: needs 1, 7 or 80 or a path; put it in quotation marks (given",
        ),
        (
            {"scorers": {"x": {"kind": "metric", "metric": "tv_l2", "metrik": 1}}},
            "scorers.x.metrik: unknown key; did you mean metric?",
        ),
        ({"experiment": True}, "experiment: needs a text; put it in quotation marks (given: true)"),
        (
            {"experiment": datetime.date(2024, 1, 5)},
            "experiment: needs a text; put it in quotation marks (given: the date 2024-01-05)",
        ),
        ({"figures": {"\xa0 dpi": 90}}, r"figures.'\xa0 dpi': unknown key; did you mean dpi?"),
        (
            {"scoring": "{precision:bfloat16"},
            "scoring: needs keys and their values; a space belongs after a ':'; on the "
            "command line the whole stands in quotation marks: --config 'scoring={threads: 2}' "
            "(given: '{precision:bfloat16')",
        ),
        (
            {"scoring": {"precision:bfloat16": None}},
            "scoring.precision:bfloat16: unknown key; a space belongs after a ':'; did you mean",
        ),
        ({"scores": {"imprt": "x"}}, "scores.imprt: unknown key; did you mean import?"),
    ],
)
def test_a_fault_is_said_in_our_own_words(change: dict, said: str) -> None:
    with pytest.raises(UserError) as caught:
        read_config(change)
    assert f"The configuration has 1 fault(s):\n  {said}" in str(caught.value)


def test_no_value_of_any_key_is_answered_in_pydantics_words() -> None:
    """Every key with every kind of value that YAML has."""
    values: list[Any] = [None, True, -1, 1.5, 10**30, float("nan"), "", "x", "a/b", [], [1], [[]]]
    values += [{}, {"a": 1}, {"kind": "q"}, {"kind": None}, {1: 2}, datetime.date(2020, 1, 1)]

    def sections(section: type[Section], at: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        for name, field in section.model_fields.items():
            key = (*at, field.alias or name)
            yield key
            for part in (field.annotation, *get_args(field.annotation)):
                if isinstance(part, type) and issubclass(part, Section):
                    yield from sections(part, key)

    places = [*sections(Config, ()), ("scorers", "s")]
    changes = [nested(place, value) for place in places for value in values]
    for kind in (Classifier, ZeroShot, Metric, FullReferenceMetric):
        named = get_args(kind.model_fields["kind"].annotation)[0]
        for key in set(kind.model_fields) - {"kind"}:
            changes += [{"scorers": {"s": {"kind": named, key: value}}} for value in values]
    told = set()
    for change in changes:
        try:
            read_config(change)
        except UserError as error:
            told |= {line.partition(": ")[2] for line in str(error).splitlines()[1:]}
    assert len(told) > 50
    theirs = (
        "Input",
        "valid",
        "Field",
        "http",
        "lax-or",
        "literal[",
        "constrained",
        "type=",
        "parse",
    )
    assert [line for line in told for word in theirs if word in line] == []
    assert "is not what is allowed here" not in " ".join(told)


def nested(place: tuple[str, ...], value: Any) -> dict[str, Any]:
    for key in reversed(place):
        value = {key: value}
    return value


NET = {"kind": "classifier", "model": "package:squeezenet1_1"}


@pytest.mark.parametrize(
    ("scorers", "words"),
    [
        (
            {"net": {"kind": "classifier", "model": "package:efficientnet_lite3"}},
            ["scorers.net", "efficientnet_lite3", "package:efficientnet_lite0"],
        ),
        (
            {"net": NET, "q": {"kind": "metric", "metric": "brisk"}},
            ["scorers.q", "'brisk'", "did you mean brisque"],
        ),
        (
            {"net": NET, "q": {"kind": "metric", "metric": "pyiqa:clipiqua"}},
            ["scorers.q", "pyiqa:clipiqa"],
        ),
        ({"q": {"kind": "metric", "metric": "tv_l2"}}, ["none has kind classifier"]),
    ],
)
def test_unknown_scorer_is_named_with_the_nearest(scorers: dict, words: list[str]) -> None:
    with pytest.raises(UserError) as caught:
        preflight({"scorers": scorers})
    for word in words:
        assert word in str(caught.value)


def test_pyiqa_metrics_are_known_without_importing_it() -> None:
    config = preflight(
        {"scorers": {"net": NET, "q": {"kind": "metric", "metric": "pyiqa:niqe"}}}
    ).config
    assert config.of_kind("metric") == ["q"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "experiment: mine\npictures: {source: embedded\nfigures: {dpi: 90}\n",
            "line 3, column 8: a bracket or brace before it is not closed, or a comma is missing",
        ),
        ("experiment: mine\nfigures:\n\tdpi: 90\n", "line 3, column 1: a tab stands there; write"),
        ("experiment: a\n---\nexperiment: b\n", "line 2, column 1: '---' begins a second config"),
        ('pictures: {path: "C:\\data"}\n', "line 1, column 22: a backslash within double"),
        ("experiment: a: b\n", "line 1, column 14: a ': ' too many"),
        ("figures:\n  dpi: 90\n style: white\n", "line 3, column 2: it is indented otherwise"),
        ("experiment: 'mine\n", "line 2, column 1: a quotation mark is not closed"),
        ("experiment: *mine\n", "line 1, column 13: a text that begins with '*'"),
        ("experiment: @mine\n", "line 1, column 13: a sign that cannot begin a text"),
        ("experiment: !mine x\n", "line 1, column 13: a text that begins with '!'"),
        ("experiment: mine\nfigures: {dpi: 90}}\n", "line 2, column 19: a brace too many"),
        ("experiment: mine\nfigures: [90]]\n", "line 2, column 14: a bracket too many"),
        ("experiment: mine\nfigures\npictures: {}\n", "line 3, column 1: a key without ': '"),
        ("experiment: a\n\x00", "line 2 is no text"),
        ("experiment: a\nexperiment: b\n", "line 2, column 1: key experiment stands twice"),
        ("- a\n", "needs keys and their values"),
        ("experimnt: a\n", "did you mean experiment?"),
    ],
)
def test_the_command_check_says_the_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    assert main(["check", str(file)]) == 1
    told = capsys.readouterr().err
    assert said in told
    assert "experimnt" in told or (str(file) in told and told.count("\n") == 1)
    file.write_text("experiment: mine\n")
    assert main(["check", str(file)]) == 0
    file.write_bytes(b"experiment: a\n\xff: 3\n")
    assert main(["check", str(file)]) == 1
    assert "line 2 is no UTF-8 text" in capsys.readouterr().err
