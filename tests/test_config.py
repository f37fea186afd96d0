"""config.yaml, the typed models and the schema say the same; every fault is named."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from samples import ROOT

from causal_iqa.config import Config, Section, read_config
from causal_iqa.errors import UserError
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
        ({"scorers": {"x": {"kind": "metric"}}}, ["scorers.x.metric.metric: Field required"]),
        ({"scorers": {"a/b": {"kind": "metric", "metric": "tv_l2"}}}, ["scorers.a/b", "pattern"]),
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


def test_class_list_of_the_wrong_length_is_named(photographs: Path) -> None:
    classes = photographs.parent / "classes.csv"
    classes.write_text("index,wnid,name\n0,n01440764,tench\n1,n02814533,beach wagon\n")
    pictures = {"source": "imagefolder", "path": str(photographs), "classes": str(classes)}
    with pytest.raises(UserError, match=r"lists 2 classes, but scorers\.net predicts 1000"):
        preflight({"pictures": pictures, "scorers": {"net": NET}})


def test_missing_folder_is_found_before_any_job(tmp_path: Path) -> None:
    pictures = {"source": "imagefolder", "path": str(tmp_path / "nowhere")}
    with pytest.raises(UserError, match="nowhere is neither a folder nor a CSV file"):
        preflight({"pictures": pictures})
