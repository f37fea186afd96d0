"""The comparison with the paper: only where networks, metrics and data are the same."""

from pathlib import Path

import polars as pl
import pytest
from samples import ROOT, SHARED

from causal_iqa.analyses.pooled.schema import POOLED
from causal_iqa.analyses.published.compute import NAMES, is_named, write_published
from causal_iqa.analyses.published.schema import PUBLISHED, PUBLISHED_TABLES
from causal_iqa.core.columns import MANIFEST, SCORERS
from causal_iqa.core.conditions import CORRUPTIONS, Condition, grid
from causal_iqa.core.contract import Results, read_table, write_table

REFERENCE = ROOT / "resources" / "published_tables.csv"
CONDITIONS = grid(CORRUPTIONS, range(1, 6))
KINDS = {
    "resnet34": "classifier",
    "convnext_base": "classifier",
    "brisque": "metric",
    "clip_vit_b32": "zero_shot",
}
FAMILIES = {"nr_iqa": ["brisque"], "strong": ["resnet34", "convnext_base"]}
FAMILIES["weak"] = ["clip_vit_b32"]


def fit(task_model: str, source: str, variant: str, solver: str) -> dict:
    """A row that agrees with none of the paper's, with easy numbers."""
    row = dict.fromkeys(POOLED, None) | {"circular": task_model == source, "reason": ""}
    row |= dict.fromkeys(("n_train", "n_test"), 1) | {"n_groups": 75, "auc_ci_method": "delong"}
    row |= {"task_model": task_model, "quality_source": source, "quality_variant": variant}
    row |= {"solver": solver, "auc": 0.6 if solver == "converged" else 0.55, "ce": 0.5}
    row |= {"auc_cluster_lo": 0.54, "auc_cluster_hi": 0.62, "auc_lo": 0.5, "auc_hi": 0.7}
    row |= {"ce_cluster_lo": 0.4, "ce_cluster_hi": 0.6}
    for name in ("krcc", "plcc", "srcc"):
        row |= {name: -0.2, f"{name}_lo": -0.5, f"{name}_hi": 0.1}
    return row


def write_paper_like(root: Path, *, pictures: int = 50_000, **changes: object) -> Results:
    """Manifest, scorers and pooled tables with ImageNet-C's size; changes: of every fit."""
    results = Results(root)
    ids = [f"i{k:05}" for k in range(pictures)]
    manifest = pl.DataFrame({"image_id": ids, "label": 0}, MANIFEST)
    write_table(manifest, results.manifest, MANIFEST)
    facts = [(name, kind, None, None, None, False, None, None) for name, kind in KINDS.items()]
    write_table(pl.DataFrame(facts, SCORERS, orient="row"), results.scorers, SCORERS)
    for table, sources in FAMILIES.items():
        rows = [
            fit(task_model, source, variant, solver) | changes
            for task_model in ("resnet34", "convnext_base")
            for source in sources
            for variant in (("score",) if table == "nr_iqa" else ("max_prob", "entropy"))
            for solver in ("converged", "sklearn")
        ]
        write_table(pl.DataFrame(rows, schema=POOLED), results.table(table), POOLED)
    return results


def published(results: Results, dataset: str = "imagenet-c", conditions=CONDITIONS) -> pl.DataFrame:
    write_published(results, REFERENCE, dataset, conditions)
    return read_table(results.table("published"), PUBLISHED)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return write_paper_like(tmp_path_factory.mktemp("paper"))


@pytest.fixture(scope="module")
def frame(results: Results) -> pl.DataFrame:
    return published(results)


def test_reference_is_the_papers() -> None:
    paper = read_table(REFERENCE, PUBLISHED_TABLES)
    assert paper.height == 168
    assert set(paper["task_model"]) | set(paper["quality_source"]) == set(NAMES)
    misprinted = paper.filter(pl.col("table").is_in([2, 4, 5, 6]))
    assert misprinted["krcc_ci95"].equals(misprinted["plcc_ci95"])
    original = SHARED / "paper" / "published_tables.csv"
    if original.is_file():
        assert REFERENCE.read_bytes() == original.read_bytes()


@pytest.mark.parametrize(
    ("paper_name", "names"),
    [
        ("ConvNext-B", ["convnext_base", "ConvNeXt-B"]),
        ("ResNet34", ["resnet34", "ResNet-34"]),
        ("EfficientNet-V2-M", ["efficientnet_v2_m"]),
        ("MobileNet-V3-L", ["mobilenet_v3_large"]),
        ("Swin-B", ["swin_b", "swin_base"]),
        ("ViT-L16", ["vit_l_16", "ViT-L/16"]),
        ("ARNIQA", ["arniqa"]),
        ("BRISQUE", ["brisque"]),
        ("CLIP-IQA", ["clipiqa", "CLIP-IQA"]),
        ("TV", ["tv", "tv_l1_mean"]),
        ("ZSCLIP", ["zsclip", "ZSCLIP-IQA", "clip", "ViT-B-32-quickgelu (zero-shot)"]),
    ],
)
def test_names_are_those_of_the_paper_and_of_no_other(paper_name: str, names: list[str]) -> None:
    assert all(is_named(paper_name, name, None) for name in names)
    assert all(is_named(paper_name, "mine", name) for name in names)
    assert [other for other in NAMES if is_named(other, names[0], None)] == [paper_name]


@pytest.mark.parametrize(
    "name",
    ["resnet50", "convnext_small", "swin_v2_b", "vit_b_16", "lite0_minilm", "clipiqa+", "dbcnn"],
)
def test_other_scorers_are_not_the_papers(name: str) -> None:
    assert not [paper_name for paper_name in NAMES if is_named(paper_name, name, name)]


def one(
    frame: pl.DataFrame, table: int, task: str, source: str, quantity: str, **more: str
) -> dict:
    keys = {"table": table, "paper_task_model": task, "paper_quality_source": source}
    found = frame.filter(**keys, quantity=quantity, **more)
    assert found.height == 1
    return found.row(0, named=True)


def test_row_by_hand(frame: pl.DataFrame) -> None:
    """Table 1, ResNet34 x BRISQUE: AUC .552, CE .658, KRCC .175 +- .140, SRCC .254 +- .202."""
    pair = (1, "ResNet34", "BRISQUE")
    row = one(frame, *pair, "auc", solver="converged")
    assert (row["task_model"], row["quality_source"]) == ("resnet34", "brisque")
    assert row["difference"] == pytest.approx(0.6 - 0.552)
    assert row["half_width"] == pytest.approx(0.04)
    assert row["joint_half_width"] == pytest.approx((0.04**2 + 0.001**2) ** 0.5)
    assert row["within"] is False
    assert one(frame, *pair, "auc", solver="sklearn")["within"] is True
    rank = one(frame, *pair, "krcc")
    assert (rank["value"], rank["paper"], rank["paper_half_width"]) == (0.2, 0.175, 0.14)
    assert rank["joint_half_width"] == pytest.approx((0.3**2 + 0.14**2) ** 0.5)
    assert rank["within"] is True


def test_every_row_of_the_paper_has_every_quantity(frame: pl.DataFrame) -> None:
    assert frame.height == 168 * 7
    assert frame["paper"].null_count() == 0


def test_misprinted_intervals_are_not_judged(frame: pl.DataFrame) -> None:
    for table in (2, 4):
        rank = one(frame, table, "ResNet34", "ResNet34", "krcc", quality_variant="entropy")
        assert (rank["within"], rank["paper_half_width"]) == (None, None)
        assert rank["difference"] is not None
        assert "not judged" in rank["reason"]
        other = one(frame, table, "ResNet34", "ResNet34", "plcc", quality_variant="entropy")
        assert other["within"] is not None
    weak = one(frame, 3, "ResNet34", "ZSCLIP", "krcc", quality_variant="entropy")
    assert weak["within"] is False
    assert weak["reason"] == "the paper names neither backbone nor prompts"


def test_what_is_not_at_hand_is_empty_with_a_reason(frame: pl.DataFrame) -> None:
    row = one(frame, 1, "Swin-B", "TV", "srcc")
    assert (row["task_model"], row["value"], row["within"]) == ("", None, None)
    assert row["reason"] == "no scorer is Swin-B; no scorer is TV"
    logit = one(frame, 2, "ResNet34", "ResNet34", "srcc", quality_variant="max_logit")
    assert (logit["value"], logit["reason"]) == (None, "no such quality score here")


@pytest.mark.parametrize(
    ("dataset", "conditions", "reason"),
    [
        (
            "embedded",
            CONDITIONS,
            "the paper's tables are of imagenet-c; this data set is 'embedded'",
        ),
        ("imagenet-c", CONDITIONS[:-1], "the conditions are not ImageNet-C's 15 corruptions"),
        ("imagenet-c", [*CONDITIONS, Condition("spatter", 1)], "the conditions are not"),
        ("imagenet-c", CONDITIONS[1:], None),
    ],
)
def test_other_data_are_not_compared(results: Results, dataset, conditions, reason) -> None:
    found = published(results, dataset, conditions)
    published(results)
    if reason is None:
        assert found.height == 168 * 7
    else:
        assert found.height == 1
        assert found["reason"][0].startswith(reason)
        assert found["value"][0] is None


def test_fewer_pictures_are_not_compared(tmp_path: Path) -> None:
    found = published(write_paper_like(tmp_path, pictures=49_999))
    assert found["reason"].to_list() == ["49999 pictures; the paper's tables are of 50000"]


def test_self_pairs_stay_self_pairs(tmp_path: Path) -> None:
    """With two networks that are the paper's ResNet34, Table 2's rows are each with itself."""
    made = write_paper_like(tmp_path)
    facts = read_table(made.scorers, SCORERS).with_columns(
        title=pl.when(scorer="convnext_base").then(pl.lit("ResNet-34"))
    )
    write_table(facts, made.scorers, SCORERS)
    pairs = published(made).filter(table=2, paper_task_model="ResNet34")
    found = set(pairs.select("task_model", "quality_source").iter_rows())
    assert found == {("resnet34", "resnet34"), ("convnext_base", "convnext_base")}


def test_synthetic_scorers_are_never_compared(tmp_path: Path) -> None:
    made = write_paper_like(tmp_path)
    facts = read_table(made.scorers, SCORERS)
    facts = facts.with_columns(synthetic=pl.col("scorer") != "resnet34")
    write_table(facts, made.scorers, SCORERS)
    found = published(made)
    compared = found.filter(pl.col("value").is_not_null())
    assert set(compared["paper_quality_source"]) == {"ResNet34"}
    assert one(found, 1, "ResNet34", "BRISQUE", "srcc")["reason"] == "BRISQUE is synthetic"


def test_other_groups_and_what_cannot_be_estimated(tmp_path: Path) -> None:
    with_clean = published(write_paper_like(tmp_path / "a", n_groups=76))
    assert with_clean["value"].null_count() == with_clean.height
    row = one(with_clean, 1, "ResNet34", "BRISQUE", "plcc")
    assert row["reason"] == "76 groups; the paper's tables are over 75"
    empty = published(write_paper_like(tmp_path / "b", auc=None, reason="one class"))
    row = one(empty, 1, "ResNet34", "BRISQUE", "auc", solver="sklearn")
    assert (row["difference"], row["reason"]) == (None, "one class")
