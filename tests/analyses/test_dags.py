"""Graphs read from YAML: the paper's are faithful to its text, every fault is named."""

import json
import re
from pathlib import Path

import pytest
import yaml
from samples import ROOT, SHARED

from causal_iqa.analyses.dags.graphs import Dag, read_dag, read_dags
from causal_iqa.core.errors import UserError

DAGS = ROOT / "resources" / "dags"

SMALL = {
    "id": "small",
    "figure": "",
    "title": "Small",
    "nodes": [{"name": name, "kind": "observed", "words": name} for name in ("X", "Quality", "M")],
    "edges": [
        {"from": "X", "to": "Quality", "inferred": "so"},
        {"from": "X", "to": "M", "inferred": "so"},
    ],
    "claims": [
        {"says": "independent", "of": ["Quality", "M"], "given": ["X"], "inferred": "so"},
    ],
}


def write(folder: Path, change=lambda raw: None, name: str = "small") -> Path:
    """SMALL after ``change`` as a file."""
    raw = json.loads(json.dumps(SMALL))
    change(raw)
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump(raw))
    return file


def test_every_dag_figure_of_the_paper_is_there() -> None:
    dags = read_dags([DAGS])
    assert [dag.figure for dag in dags] == ["1", "2", "4", "4", "7", "7", "8", "8", "9", "10"]
    assert {dag.reading for dag in dags if dag.figure == "7"} == {"T as collider", "T as fork"}


def _letters(text: str) -> str:
    """Letters and digits alone, so that LaTeX and Unicode of the same sentence are equal."""
    for latex, plain in {
        r"\hat{Y}": "Ŷ",
        r"\mathcal": "",
        r"\text": "",
        r"\mid": "",
        r"\theta": "θ",
        r"\rightarrow": "",
        r"\perp": "",
        r"\in": "",
        r"\mathbb{R}": "ℝ",
    }.items():
        text = text.replace(latex, plain)
    text = text.replace("𝒜", "A").replace("𝒳", "X").replace("𝒴", "Y")
    return re.sub(r"[\W_]", "", text)


def test_sentences_stand_in_the_paper() -> None:
    file = SHARED / "paper" / "paper.md"
    if not file.is_file():
        pytest.skip(f"{file} is not there")
    paper = _letters(file.read_text())
    grounds = [ground for dag in read_dags([DAGS]) for ground in (*dag.edges, *dag.claims)]
    sentences = {ground.stated for ground in grounds if ground.stated}
    assert len(sentences) > 20
    lost = [s for s in sentences if not all(_letters(part) in paper for part in s.split(" ... "))]
    assert lost == []


def test_schema_file_is_made_from_the_models() -> None:
    file = ROOT / "workflow" / "schemas" / "dag.schema.json"
    assert json.loads(file.read_text()) == Dag.model_json_schema(), (
        "run: python -m causal_iqa dag-schema > workflow/schemas/dag.schema.json"
    )


def test_schema_accepts_the_papers_graphs_and_refuses_unknown_keys() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((ROOT / "workflow" / "schemas" / "dag.schema.json").read_text())
    for file in DAGS.glob("*.yaml"):
        raw = yaml.safe_load(file.read_text())
        jsonschema.validate(raw, schema)
        raw["edges"][0]["colour"] = "red"
        with pytest.raises(jsonschema.ValidationError, match="colour"):
            jsonschema.validate(raw, schema)


def test_the_example_of_the_readme_is_a_graph(tmp_path: Path) -> None:
    example = re.search(r"```yaml\n(.*?)```", (DAGS / "README.md").read_text(), re.DOTALL)
    file = tmp_path / "my_graph.yaml"
    file.write_text(example[1])
    assert set(read_dag(file).graph().edges) == {("X", "Q"), ("X", "M")}


def test_a_users_folder_comes_after_the_papers(tmp_path: Path) -> None:
    write(tmp_path)
    assert [dag.id for dag in read_dags([DAGS, tmp_path])][-1] == "small"


def test_inferred_edges_can_be_left_out(tmp_path: Path) -> None:
    def state(raw):
        raw["edges"][0] = {"from": "X", "to": "M", "stated": "a sentence", "where": "1"}
        raw["edges"][1]["to"] = "Quality"

    dag = read_dag(write(tmp_path, state))
    assert set(dag.graph().edges) == {("X", "M"), ("X", "Quality")}
    assert set(dag.graph(inferred=False).edges) == {("X", "M")}
    assert set(dag.graph(inferred=False)) == {"X", "M", "Quality"}


def _edge(source: str, target: str) -> dict:
    return {"from": source, "to": target, "inferred": "so"}


FAULTS = {
    "cycle": (
        lambda raw: raw["edges"].extend([_edge("M", "Quality"), _edge("Quality", "X")]),
        r"no cycle, this one has .*(X -> \w+ -> |-> X)",
    ),
    "loop": (lambda raw: raw["edges"].append(_edge("M", "M")), "M -> M"),
    "duplicate edge": (
        lambda raw: raw["edges"].append(_edge("X", "M")),
        "edges: X -> M stands more than once",
    ),
    "duplicate node": (
        lambda raw: raw["nodes"].append(raw["nodes"][0]),
        "nodes: X stands more than once",
    ),
    "unknown node of an edge": (
        lambda raw: raw["edges"].append(_edge("X", "Qualty")),
        r"edges\.2: unknown node 'Qualty'; did you mean Quality\?",
    ),
    "unknown node of a claim": (
        lambda raw: raw["claims"][0].update(given=["Z"]),
        r"claims\.0: unknown node 'Z'; Allowed: X, Quality, M",
    ),
    "unknown key": (
        lambda raw: raw["edges"][0].update(states="x"),
        r"edges\.0\.states: unknown key; did you mean stated\?.*from, to",
    ),
    "unknown key at the top": (lambda raw: raw.update(node=[]), "node: unknown key; .*nodes"),
    "missing key": (lambda raw: raw.pop("title"), "title: is missing; this key is required"),
    "wrong kind": (lambda raw: raw["nodes"][0].update(kind="hidden"), r"nodes\.0\.kind.*'hidden'"),
    "no ground": (
        lambda raw: raw["edges"][0].pop("inferred"),
        r"edges\.0: needs either stated \(a sentence\) or inferred",
    ),
    "both grounds": (
        lambda raw: raw["edges"][0].update(stated="a sentence", where="1"),
        r"edges\.0: needs either stated",
    ),
    "no place": (
        lambda raw: raw["edges"].__setitem__(0, {"from": "X", "to": "M", "stated": "a sentence"}),
        r"edges\.0: stated needs where",
    ),
    "given what is asked": (
        lambda raw: raw["claims"][0].update(given=["M"]),
        r"claims\.0: M stands more than once",
    ),
    "effect given something": (
        lambda raw: raw["claims"][0].update(says="no_effect"),
        r"claims\.0: no_effect takes no given",
    ),
    "a node without a place": (
        lambda raw: [node.update(at=[k, 0]) for k, node in enumerate(raw["nodes"][:-1])],
        "nodes: M without at; give it to all nodes or to none",
    ),
    "two nodes at one place": (
        lambda raw: [node.update(at=[k // 2, 0.5]) for k, node in enumerate(raw["nodes"])],
        r"nodes: more than one is at \[0, 0.5\]",
    ),
    "half a place": (
        lambda raw: [
            node.update(at=[k] if k else [0, 1]) for k, node in enumerate(raw["nodes"][:2])
        ],
        r"nodes\.1\.at.* is missing",
    ),
    "id": (lambda raw: raw.update(id="large"), "id: 'large' differs from the file's name 'small'"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_with_its_file(tmp_path: Path, fault: str) -> None:
    change, message = FAULTS[fault]
    file = write(tmp_path, change)
    with pytest.raises(UserError, match=message) as caught:
        read_dag(file)
    assert str(caught.value).startswith(f"{file} has 1 fault(s)")


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    def spoil(raw):
        raw["edges"] += [_edge("X", "Y"), _edge("X", "M"), _edge("M", "X")]

    with pytest.raises(UserError, match=r"3 fault.*'Y'.*X -> M stands.*cycle"):
        # one line, so that `.` crosses the faults
        try:
            read_dag(write(tmp_path, spoil))
        except UserError as error:
            raise UserError(str(error).replace("\n", " ")) from None


@pytest.mark.parametrize("text", ["a: [", "", "- 1", "\x00"])
def test_what_is_no_graph_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(text)
    with pytest.raises(UserError, match=re.escape(str(file))):
        read_dag(file)


def test_folders_without_graphs_and_names_that_repeat_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no \.yaml file"):
        read_dags([tmp_path / "absent"])
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder)
    with pytest.raises(UserError, match="a graph named small was already read"):
        read_dags([tmp_path / "a", tmp_path / "b"])
