"""Scores from elsewhere: what holds the contract is linked in, every violation is named."""

import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from synthetic import KINDS, join_scores, undefine, write_experiment

from causal_iqa.audit.whole_softmax import KeptSoftmax
from causal_iqa.core.columns import CLASSES, MANIFEST, SCORERS, Columns
from causal_iqa.core.conditions import grid
from causal_iqa.core.contract import Results, read_provenance, write_scores, write_table
from causal_iqa.core.errors import UserError
from causal_iqa.core.kinds import SOFTMAX
from causal_iqa.core.provenance.score_files import digest
from causal_iqa.data.imported import (
    import_fingerprint,
    imported_scorers,
    imported_softmax,
    write_import,
)
from causal_iqa.data.panel import Panel

CONDITIONS = grid(["fog", "snow"], [1, 2])


@pytest.fixture
def folder(tmp_path: Path) -> Results:
    made = write_experiment(tmp_path / "import", CONDITIONS, 8, seed=0)
    names = [(k, "", f"class {k}") for k in range(1000)]
    write_table(pl.DataFrame(names, schema=CLASSES, orient="row"), made.classes, CLASSES)
    return made


def change(path: Path, **columns: pl.Expr) -> None:
    pl.read_parquet(path).with_columns(**columns).write_parquet(path)


def test_import_is_read_like_scores_of_our_own(folder: Results, tmp_path: Path) -> None:
    ours = Results(tmp_path / "results")
    write_import(folder.root, ours, CONDITIONS, [*KINDS])
    join_scores(ours, CONDITIONS)
    theirs, linked = (Panel(root, CONDITIONS) for root in (folder.root, ours.root))
    assert (linked.correct("net_a") == theirs.correct("net_a")).all()
    assert (linked.quality("dual", "entropy_t") == theirs.quality("dual", "entropy_t")).all()
    assert linked.circular("net_a", "dual")
    assert ours.scores("good", CONDITIONS[0]).is_symlink()


def test_manifest_needs_no_way_to_the_pixels(folder: Results, tmp_path: Path) -> None:
    pl.read_parquet(folder.manifest).select("image_id", "label").write_parquet(folder.manifest)
    write_import(folder.root, Results(tmp_path / "results"), CONDITIONS, [*KINDS])


def test_kinds_are_read_off_the_columns_without_scorers_csv(folder: Results) -> None:
    folder.scorers.unlink()
    found = imported_scorers(folder.root)
    assert dict(found.select("scorer", "kind").iter_rows()) == {
        "dual": "zero_shot",
        "good": "metric",
        "net_a": "classifier",
        "net_b": "classifier",
        "noise": "metric",
    }
    assert found["weights_group"].null_count() == 5


def test_scorers_csv_may_leave_out_what_it_does_not_know(folder: Results) -> None:
    folder.scorers.write_text("scorer,kind\nnet_a,classifier\ngood,metric\n")
    found = imported_scorers(folder.root)
    assert found.schema == SCORERS
    assert found["title"].to_list() == ["net_a", "good"]


def test_unknown_kind_is_named(folder: Results) -> None:
    folder.scorers.write_text("scorer,kind\nnet_a,network\n")
    with pytest.raises(UserError, match=r"net_a has kind 'network'; allowed: classifier"):
        imported_scorers(folder.root)


def test_every_violation_is_named_with_its_file(folder: Results, tmp_path: Path) -> None:
    def scores(scorer: str, condition: str) -> Path:
        return folder.root / "scores" / scorer / f"{condition}.parquet"

    scores("net_b", "snow/2").unlink()
    change(scores("good", "fog/1"), score=pl.lit(float("nan"), pl.Float32))
    change(scores("noise", "fog/2"), score=pl.col("score").cast(pl.Float64))
    change(scores("net_a", "fog/1"), prediction=pl.lit(1000, pl.Int32))
    frame = pl.read_parquet(scores("net_a", "snow/1"))
    frame.head(7).write_parquet(scores("net_a", "snow/1"))
    frame.vstack(frame.tail(1)).write_parquet(scores("net_a", "snow/2"))
    scores("dual", "clean/0").write_bytes(b"PAR1")
    results = Results(tmp_path / "results")
    with pytest.raises(UserError) as caught:
        write_import(folder.root, results, CONDITIONS, [*KINDS])
    message = str(caught.value)
    assert "has 7 violation(s)" in message
    for words in (
        "net_b/snow/2.parquet is missing",
        "good/fog/1.parquet: column 'score' holds NaN (image id0000)",
        "noise/fog/2.parquet: column 'score' is Float64, expected Float32",
        "net_a/fog/1.parquet: prediction 1000 of 'id0000' is outside the classes 0 to 999",
        "net_a/snow/1.parquet lacks 'id0007'",
        "net_a/snow/2.parquet: image_id 'id0007' stands more than once",
        "dual/clean/0.parquet cannot be read",
    ):
        assert words in message
    assert not results.root.exists()


def refusal(folder: Results, tmp_path: Path) -> str:
    """What an import says that must not be taken, without the folder's own path."""
    with pytest.raises(UserError) as caught:
        write_import(folder.root, Results(tmp_path / "results"), CONDITIONS, [*KINDS])
    assert not (tmp_path / "results").exists()
    return str(caught.value).replace(f"{folder.root}/", "")


@pytest.mark.parametrize(
    ("scorer", "column", "value", "fault"),
    [
        ("good", "score", float("inf"), "column 'score' is infinite (image id0002)"),
        ("net_a", "max_logit", float("-inf"), "column 'max_logit' is infinite (image id0002)"),
        ("net_a", "max_prob", 1.5, "max_prob 1.5 of 'id0002' is impossible; allowed: 0 to 1"),
        ("net_a", "max_prob", -0.25, "max_prob -0.25 of 'id0002' is impossible; allowed: 0 to 1"),
        ("net_b", "true_prob", 2.0, "true_prob 2 of 'id0002' is impossible; allowed: 0 to 1"),
        ("dual", "max_prob_t", -1.0, "max_prob_t -1 of 'id0002' is impossible; allowed: 0 to 1"),
        ("net_a", "entropy", -0.5, "entropy -0.5 of 'id0002' is impossible; allowed: 0 or more"),
        ("dual", "entropy_t", -2.0, "entropy_t -2 of 'id0002' is impossible; allowed: 0 or more"),
    ],
)
def test_an_impossible_value_is_named_with_file_and_id(
    folder: Results, tmp_path: Path, scorer: str, column: str, value: float, fault: str
) -> None:
    there = pl.when(pl.col("image_id") == "id0002").then(pl.lit(value, pl.Float32))
    change(folder.scores(scorer, CONDITIONS[1]), **{column: there.otherwise(pl.col(column))})
    said = refusal(folder, tmp_path)
    assert "has 1 violation(s)" in said
    assert f"  scores/{scorer}/fog/1.parquet: {fault}" in said


def test_what_rounding_does_is_let_pass(folder: Results, tmp_path: Path) -> None:
    over, under = pl.lit(1 + 2e-7, pl.Float32), pl.lit(-1e-7, pl.Float32)
    path = folder.scores("net_a", CONDITIONS[1])
    change(path, max_prob=over, entropy=under, true_prob=under)
    write_import(folder.root, Results(tmp_path / "results"), CONDITIONS, [*KINDS])


def test_a_copied_condition_is_named_with_the_other(folder: Results, tmp_path: Path) -> None:
    shutil.copy(folder.scores("noise", CONDITIONS[1]), folder.scores("noise", CONDITIONS[4]))
    assert (
        "scores/noise/fog/1.parquet and scores/noise/snow/2.parquet hold the same scores to the "
        "last bit: one is a copy"
    ) in refusal(folder, tmp_path)


def test_scores_that_are_constant_or_coarse_are_no_copies(folder: Results, tmp_path: Path) -> None:
    for condition in CONDITIONS:
        number = pl.int_range(pl.len())
        change(folder.scores("good", condition), score=number.cast(pl.Float32))
        change(folder.scores("noise", condition), score=(number // 3).cast(pl.Float32))
    coarse = pl.lit(3.0, pl.Float32)
    change(folder.scores("noise", CONDITIONS[0]), score=coarse)
    write_import(folder.root, Results(tmp_path / "results"), CONDITIONS, [*KINDS])


def say(folder: Results, scorer: str, model: str) -> None:
    """Give a scorer's files the provenance that this project writes."""
    ids = pl.read_parquet(folder.manifest)["image_id"]
    for condition in CONDITIONS:
        path = folder.scores(scorer, condition)
        facts = {"scorer": {"model": model}, "condition": f"of {condition}"}
        frame = pl.read_parquet(path)
        write_table(frame, path, Columns(frame.schema), {**facts, "pictures": digest(ids)})


def test_files_may_say_what_they_are_of(folder: Results, tmp_path: Path) -> None:
    say(folder, "net_a", "one")
    say(folder, "net_b", "two")
    write_import(folder.root, Results(tmp_path / "results"), CONDITIONS, [*KINDS])


def test_what_files_say_must_not_contradict(folder: Results, tmp_path: Path) -> None:
    say(folder, "net_a", "one")
    say(folder, "net_b", "two")
    shutil.copy(folder.scores("net_b", CONDITIONS[1]), folder.scores("net_a", CONDITIONS[1]))
    shutil.copy(folder.scores("net_a", CONDITIONS[3]), folder.scores("net_a", CONDITIONS[2]))
    said = refusal(folder, tmp_path)
    assert "scores/net_a/fog/1.parquet holds scores of another scorer: " in said
    assert (
        "scores/net_a/snow/1.parquet holds the same condition as scores/net_a/fog/2.parquet" in said
    )


def test_a_scorer_that_is_a_copy_of_another_is_named(folder: Results, tmp_path: Path) -> None:
    say(folder, "net_a", "one")
    shutil.copytree(folder.root / "scores/net_a", folder.root / "scores/net_b", dirs_exist_ok=True)
    said = refusal(folder, tmp_path)
    assert "has 1 violation(s)" in said
    assert "scores/net_b/clean/0.parquet says of itself what scores/net_a/clean/0.parquet" in said


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "scorers.csv cannot be read: it is empty"),
        (b"scorer,kind\n", "scorers.csv lists no scorer; give a row scorer,kind for each"),
        (b"scorer;kind\na;metric\n", "column 'scorer' is missing; .* parted by semicolons"),
        (b"\x89PNG\r\n\x1a\n\0\0", "scorers.csv cannot be read: line 1 is no UTF-8 text"),
        (b"scorer,kind,lower_better\na,metric,yes\n", "line 2: lower_better is 'yes'; it needs"),
        (b"scorer,kind\na,metric,b\n", "line 2: 3 cells, where the first line has 2"),
        (b"scorer\na\n", "column 'kind' is missing"),
        (b"scorer,kind\na,metric\na,metric\n", "scorer 'a' stands more than once"),
        (b"scorer,kind\n" + b"a" * 300 + b",metric\n", "is no name of a scorer: .* 1 to 100"),
        (b"scorer,kind\n,metric\n", "'' is no name of a scorer"),
    ],
)
def test_a_faulty_scorers_csv_is_said_in_words(folder: Results, content: bytes, fault: str) -> None:
    folder.scorers.write_bytes(content)
    with pytest.raises(UserError, match=fault) as caught:
        imported_scorers(folder.root)
    assert str(folder.scorers) in str(caught.value)
    for word in ("polars", "dtype", "Error", "schema"):
        assert word not in str(caught.value).removeprefix(str(folder.root))


def keep_softmax(folder: Results, network: str) -> None:
    """A file of whole softmax beside every score file of a network."""
    row = np.full(1000, 0.001, np.float16).tobytes()
    for condition in CONDITIONS:
        ids = pl.read_parquet(folder.scores(network, condition))["image_id"]
        kept = pl.DataFrame({"image_id": ids, "softmax": [row] * len(ids)}, SOFTMAX)
        write_table(kept, folder.softmax(network, condition), SOFTMAX)


def test_the_whole_softmax_comes_along_where_it_is_there(folder: Results, tmp_path: Path) -> None:
    assert imported_softmax(folder.root, ["net_a", "net_b"]) == []
    before = import_fingerprint(folder.root)
    keep_softmax(folder, "net_b")
    assert imported_softmax(folder.root, ["net_a", "net_b"]) == ["net_b"]
    assert import_fingerprint(folder.root) != before
    ours = Results(tmp_path / "results")
    write_import(folder.root, ours, CONDITIONS, [*KINDS])
    ids = pl.read_parquet(ours.manifest)["image_id"]
    found = KeptSoftmax(ours, ["net_a", "net_b"], CONDITIONS[1], ids)
    assert list(found) == ["net_b"] and found["net_b"].shape == (8, 1000)


def test_a_softmax_that_is_not_whole_is_named(folder: Results, tmp_path: Path) -> None:
    keep_softmax(folder, "net_a")
    first, second, third, fourth, fifth = (folder.softmax("net_a", c) for c in CONDITIONS)
    frame = pl.read_parquet(first)
    first.unlink()
    short = frame.with_columns(softmax=pl.col("softmax").bin.slice(0, 1998))
    write_table(short, second, SOFTMAX)
    write_table(frame.head(7), third, SOFTMAX)
    write_table(frame, fourth, SOFTMAX, {"run": "another"})
    frame.select("image_id").write_parquet(fifth)
    with pytest.raises(UserError, match=r"has 5 violation\(s\)") as caught:
        write_import(folder.root, Results(tmp_path / "results"), CONDITIONS, [*KINDS])
    for words in (
        f"{first} is missing; give it for all conditions",
        f"{second}: the softmax of 'id0000' has 1998 bytes; float16 of the 1000 classes has 2000",
        f"{third} lacks 'id0007'",
        f"{fourth} was not written together with {folder.scores('net_a', CONDITIONS[3])}",
        f"{fifth} needs the columns image_id (string) and softmax (binary)",
    ):
        assert words in str(caught.value)


def test_only_the_scorers_that_are_named_are_taken(folder: Results, tmp_path: Path) -> None:
    folder.scores("noise", CONDITIONS[0]).unlink()
    ours = Results(tmp_path / "results")
    write_import(folder.root, ours, CONDITIONS, ["net_a", "good"])
    assert pl.read_csv(ours.scorers)["scorer"].to_list() == ["net_a", "good"]
    assert {path.name for path in (ours.root / "scores").iterdir()} == {"net_a", "good"}


def test_what_predictions_are_restricted_to_comes_along(folder: Results, tmp_path: Path) -> None:
    manifest = pl.read_parquet(folder.manifest)
    facts = {"restrict_to": [1, 2], "listing": "x"}
    write_table(manifest, folder.manifest, MANIFEST, facts)
    ours = Results(tmp_path / "results")
    write_import(folder.root, ours, CONDITIONS, [*KINDS])
    assert read_provenance(ours.manifest) == {"source": "import", "restrict_to": [1, 2]}


def test_label_out_of_range_and_missing_label_are_named(folder: Results, tmp_path: Path) -> None:
    labels = pl.Series([None, 1000, *range(6)], dtype=pl.Int32)
    pl.read_parquet(folder.manifest).with_columns(label=labels).write_parquet(folder.manifest)
    with pytest.raises(UserError, match="1 pictures have no label") as caught:
        write_import(folder.root, Results(tmp_path / "results"), CONDITIONS, [*KINDS])
    assert "label 1000 of 'id0001' is outside the classes 0 to 999" in str(caught.value)


def test_absent_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"scores.import: .*nowhere.* is not a folder"):
        imported_scorers(tmp_path / "nowhere")


def test_fingerprint_sees_a_changed_file(folder: Results) -> None:
    first = import_fingerprint(folder.root)
    assert import_fingerprint(folder.root) == first
    change(folder.scores("good", CONDITIONS[1]), score=pl.col("score") + 1)
    assert import_fingerprint(folder.root) != first


def test_scores_that_are_not_defined_are_taken_within_the_limit(
    folder: Results, tmp_path: Path
) -> None:
    """With a reason in the file's provenance or without."""
    undefine(folder, "good", {CONDITIONS[0]: ["id0002"]})
    undefine(folder, "noise", {CONDITIONS[1]: ["id0005"]})
    path = folder.scores("noise", CONDITIONS[1])
    scores = pl.read_parquet(path)
    reason = {"undefined": {"id0005": "it is flat"}}
    write_scores(scores, path, "metric", reason)
    ours = Results(tmp_path / "results")
    write_import(folder.root, ours, CONDITIONS, [*KINDS], 0.125)
    join_scores(ours, CONDITIONS, 0.125)
    assert np.isnan(Panel(ours.root, CONDITIONS).quality("good", "score")).sum() == 1
    with pytest.raises(UserError, match="2 violation") as caught:
        write_import(folder.root, Results(tmp_path / "none"), CONDITIONS, [*KINDS], 0.1)
    assert "good/clean/0.parquet: the score is not defined for 1 of 8" in str(caught.value)
    assert "id0005 (it is flat)" in str(caught.value)


def test_empty_values_of_a_network_are_named(folder: Results, tmp_path: Path) -> None:
    change(folder.scores("net_a", CONDITIONS[0]), entropy=pl.lit(None, pl.Float32))
    with pytest.raises(UserError, match="column 'entropy' has 8 empty values"):
        write_import(folder.root, Results(tmp_path / "results"), CONDITIONS, [*KINDS], 0.9)
