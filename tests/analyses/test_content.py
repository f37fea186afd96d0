"""Content control by picture and by label: folds, and the tables against scikit-learn."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import log_loss, roc_auc_score
from synthetic import join_scores, label_few, write_experiment

from causal_iqa.analyses.content.compute import Control, write_content
from causal_iqa.analyses.content.schema import CONTENT
from causal_iqa.core.conditions import CORRUPTIONS, grid
from causal_iqa.core.contract import ContractError, Results, read_table, write_table
from causal_iqa.data.folds import deal, read_folds, stratified_folds, write_splits_rows
from causal_iqa.data.schema import SPLITS, SPLITS_ROWS
from causal_iqa.data.splits import write_splits
from causal_iqa.statistics.logistic import fit_logistic, predict

CONDITIONS = grid(CORRUPTIONS[:5], range(1, 6))
PICTURES = 40
LABELS = 3


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    made = write_experiment(tmp_path_factory.mktemp("content"), CONDITIONS, PICTURES, seed=3)
    label_few(made, CONDITIONS, LABELS)
    join_scores(made, CONDITIONS)
    write_splits(made, 0.2, seed=0)
    write_splits_rows(made, CONDITIONS, seed=0)
    write_content(made, "content_image", CONDITIONS, Control(), include_clean=True)
    write_content(made, "content_label", CONDITIONS, Control(), include_clean=True)
    return made


def rows_of(results: Results, task: str, source: str, variant: str) -> pl.DataFrame:
    """Every row with q, m, its label and its folds, joined by polars alone."""
    manifest = pl.read_parquet(results.manifest).select("image_id", "label")
    frames = [
        pl.read_parquet(results.scores(source, c))
        .select("image_id", q=pl.col(variant).cast(pl.Float64))
        .join(pl.read_parquet(results.scores(task, c)).select("image_id", "prediction"), "image_id")
        .with_columns(corruption=pl.lit(c.corruption), severity=pl.lit(c.severity, pl.Int32))
        for c in CONDITIONS
    ]
    return (
        pl.concat(frames)
        .join(manifest, "image_id")
        .join(pl.read_parquet(results.splits), "image_id")
        .join(pl.read_parquet(results.splits_rows), ["image_id", "corruption", "severity"])
        .with_columns(m=pl.col("prediction") == pl.col("label"))
    )


def reference(rows: pl.DataFrame, unit: str, fold: str) -> dict:
    """Plain loops over units and folds: one fit each, AUC and CE by scikit-learn."""
    auc, ce, all_auc, skipped = [], [], [], 0
    for _, mine in rows.group_by(unit):
        found = []
        for k in range(5):
            train, test = mine.filter(pl.col(fold) != k), mine.filter(pl.col(fold) == k)
            if train["m"].n_unique() < 2 or test["m"].n_unique() < 2:
                skipped += 1
                continue
            fit = fit_logistic(train["q"].to_numpy(), train["m"].to_numpy())
            p, m = predict(fit, test["q"].to_numpy()), test["m"].to_numpy()
            found.append((roc_auc_score(m, p), log_loss(m, p)))
        if found:
            auc.append(np.mean([a for a, _ in found]))
            ce.append(np.mean([c for _, c in found]))
            all_auc += [a for a, _ in found]
    return {
        "mean_auc": np.mean(auc),
        "sd_auc": np.std(auc, ddof=1),
        "sd_auc_folds": np.std(all_auc, ddof=1),
        "mean_ce": np.mean(ce),
        "sd_ce": np.std(ce, ddof=1),
        "n_units": len(auc),
        "n_folds": len(all_auc),
        "n_skipped": skipped,
    }


def row(results: Results, table: str, task: str, source: str, variant: str) -> dict:
    return read_table(results.table(table), CONTENT).row(
        by_predicate=(pl.col("task_model") == task)
        & (pl.col("quality_source") == source)
        & (pl.col("quality_variant") == variant),
        named=True,
    )


PAIRS = [("net_a", "good", "score"), ("net_b", "noise", "score"), ("net_b", "dual", "entropy")]


@pytest.mark.parametrize("pair", PAIRS)
def test_picture_rows_equal_the_plain_loop(results: Results, pair: tuple[str, str, str]) -> None:
    wanted = reference(rows_of(results, *pair), "image_id", "image_fold")
    ours = row(results, "content_image", *pair)
    assert {name: ours[name] for name in wanted} == pytest.approx(wanted, abs=1e-8)
    assert wanted["n_skipped"] > 0
    assert "folds skipped: " in ours["reason"]


@pytest.mark.parametrize("pair", PAIRS)
def test_label_rows_equal_the_plain_loop(results: Results, pair: tuple[str, str, str]) -> None:
    wanted = reference(rows_of(results, *pair), "label", "label_fold")
    ours = row(results, "content_label", *pair)
    assert {name: ours[name] for name in wanted} == pytest.approx(wanted, abs=1e-8)


def test_label_rows_by_row_equal_the_plain_loop(results: Results) -> None:
    before = results.table("content_label").read_bytes()
    write_content(
        results, "content_label", CONDITIONS, Control(label_folds="row"), include_clean=True
    )
    ours = row(results, "content_label", *PAIRS[0])
    results.table("content_label").write_bytes(before)
    wanted = reference(rows_of(results, *PAIRS[0]), "label", "row_fold")
    assert {name: ours[name] for name in wanted} == pytest.approx(wanted, abs=1e-8)


def rewritten(results: Results, control: Control, pair: tuple[str, str, str]) -> dict:
    """The row of ``content_image`` under a control; the table stays as it was."""
    before = results.table("content_image").read_bytes()
    write_content(results, "content_image", CONDITIONS, control, include_clean=True)
    ours = row(results, "content_image", *pair)
    results.table("content_image").write_bytes(before)
    return ours


@pytest.mark.parametrize("pair", PAIRS)
def test_stratified_folds_equal_the_plain_loop(
    results: Results, pair: tuple[str, str, str]
) -> None:
    rows = rows_of(results, *pair).sort("corruption", "severity", "image_id")
    m = rows["m"].to_numpy().reshape(len(CONDITIONS), PICTURES)
    in_order = [sorted(CONDITIONS).index(condition) for condition in CONDITIONS]
    dealt = stratified_folds(m[in_order], pair[0], seed=4).reshape(m.shape)
    back = np.empty_like(dealt)
    back[in_order] = dealt
    wanted = reference(rows.with_columns(fold=pl.Series(back.ravel())), "image_id", "fold")
    ours = rewritten(results, Control(image_folds="stratified", seed=4), pair)
    assert {name: ours[name] for name in wanted} == pytest.approx(wanted, abs=1e-8)
    assert wanted["n_skipped"] < row(results, "content_image", *pair)["n_skipped"]


def test_stratified_folds_share_out_both_classes_of_every_picture() -> None:
    m = np.random.default_rng(0).random((26, 30)) < np.linspace(0, 1, 30)
    folds = stratified_folds(m, "net", seed=0).reshape(m.shape)
    for picture in range(30):
        for rows in (m[:, picture], ~m[:, picture], np.full(26, True)):
            sizes = np.bincount(folds[rows, picture], minlength=5)
            assert sizes.max() - sizes.min() <= 1
    assert (stratified_folds(m, "other", seed=0) != folds.ravel()).any()


def test_a_degenerate_fold_can_count_as_half(results: Results) -> None:
    rows, skip = rows_of(results, *PAIRS[0]), row(results, "content_image", *PAIRS[0])
    areas = []
    for _, mine in rows.sort("image_id").group_by("image_id", maintain_order=True):
        for k in range(5):
            train = mine.filter(pl.col("image_fold") != k)
            test = mine.filter(pl.col("image_fold") == k)
            if train["m"].n_unique() < 2 or test["m"].n_unique() < 2:
                areas.append(0.5)
                continue
            fit = fit_logistic(train["q"].to_numpy(), train["m"].to_numpy())
            areas.append(roc_auc_score(test["m"], predict(fit, test["q"].to_numpy())))
    half = rewritten(results, Control(degenerate_folds="half"), PAIRS[0])
    per_picture = np.reshape(areas, (PICTURES, 5)).mean(axis=1)
    assert half["mean_auc"] == pytest.approx(per_picture.mean(), abs=1e-8)
    assert half["sd_auc"] == pytest.approx(per_picture.std(ddof=1), abs=1e-8)
    assert half["sd_auc_folds"] == pytest.approx(np.std(areas, ddof=1), abs=1e-8)
    assert half["n_units"] == PICTURES > skip["n_units"]
    assert (half["mean_ce"], half["n_folds"]) == (skip["mean_ce"], skip["n_folds"])
    assert half["reason"] == skip["reason"].replace("skipped", "counted as AUC 0.5")


def test_clean_stays_out_by_the_switch(results: Results) -> None:
    before = results.table("content_image").read_bytes()
    write_content(results, "content_image", CONDITIONS, Control(), include_clean=False)
    ours = row(results, "content_image", *PAIRS[0])
    results.table("content_image").write_bytes(before)
    rows = rows_of(results, *PAIRS[0]).filter(pl.col("corruption") != "clean")
    wanted = reference(rows, "image_id", "image_fold")
    assert {name: ours[name] for name in wanted} == pytest.approx(wanted, abs=1e-8)


def test_known_structure_is_found(results: Results) -> None:
    """Within a picture severity moves ``good`` and the nets, and nothing moves ``noise``."""
    assert row(results, "content_image", "net_a", "good", "score")["mean_auc"] > 0.65
    assert abs(row(results, "content_image", "net_a", "noise", "score")["mean_auc"] - 0.5) < 0.05


def test_the_tables_depend_on_no_thread(results: Results) -> None:
    before = results.table("content_image").read_bytes()
    write_content(results, "content_image", CONDITIONS, Control(), include_clean=True, threads=3)
    assert results.table("content_image").read_bytes() == before


def test_dealt_folds_cover_each_group_evenly() -> None:
    groups = np.repeat([4, 7, 9], [50, 3, 12])
    folds = deal(groups, np.random.default_rng(0))
    sizes = [np.bincount(folds[groups == g], minlength=5).tolist() for g in (4, 7, 9)]
    assert sizes == [[10] * 5, [1, 1, 1, 0, 0], [3, 3, 2, 2, 2]]
    assert (np.sort(folds[:50]) != folds[:50]).any()


def test_image_folds_are_one_deal_of_the_conditions(results: Results) -> None:
    frame = read_table(results.splits_rows, SPLITS_ROWS)
    by_condition = frame.group_by("corruption", "severity").agg(pl.col("image_fold").unique())
    assert by_condition["image_fold"].list.len().unique().to_list() == [1]
    sizes = by_condition["image_fold"].list.first().value_counts()["count"].sort()
    assert sizes.to_list() == [5, 5, 5, 5, 6]
    assert frame.height == PICTURES * len(CONDITIONS)


def test_label_folds_keep_a_picture_together_and_row_folds_do_not(results: Results) -> None:
    rows = rows_of(results, *PAIRS[0])
    assert rows.group_by("image_id").agg(pl.col("label_fold").n_unique())["label_fold"].max() == 1
    assert rows.group_by("image_id").agg(pl.col("row_fold").n_unique())["row_fold"].min() > 1
    for fold in ("label_fold", "row_fold"):
        per_label = rows.unique("image_id") if fold == "label_fold" else rows
        counts = per_label.group_by("label", fold).len()
        spread = counts.group_by("label").agg(pl.col("len").max() - pl.col("len").min())
        assert spread["len"].max() <= 1


def test_folds_depend_on_the_seed_and_not_on_the_order(results: Results, tmp_path: Path) -> None:
    first = read_table(results.splits_rows, SPLITS_ROWS)
    keys = ["corruption", "severity", "image_id"]
    other = Results(tmp_path)
    other.manifest.write_bytes(results.manifest.read_bytes())
    write_splits_rows(other, CONDITIONS[::-1], seed=0)
    assert read_table(other.splits_rows, SPLITS_ROWS).sort(keys).equals(first.sort(keys))
    write_splits_rows(other, CONDITIONS, seed=1)
    assert not read_table(other.splits_rows, SPLITS_ROWS).equals(first)


def test_label_folds_depend_on_the_seed(results: Results, tmp_path: Path) -> None:
    other = Results(tmp_path)
    other.manifest.write_bytes(results.manifest.read_bytes())
    folds = []
    for seed in (0, 0, 1):
        write_splits(other, 0.2, seed=seed)
        folds.append(read_table(other.splits, SPLITS)["label_fold"].to_list())
    assert folds[0] == folds[1] != folds[2]


@pytest.mark.parametrize("fault", ["condition", "picture", "fold"])
def test_faulty_folds_are_refused(results: Results, tmp_path: Path, fault: str) -> None:
    frame = read_table(results.splits_rows, SPLITS_ROWS)
    ids = read_table(results.splits, SPLITS)["image_id"]
    if fault == "condition":
        frame = frame.filter(pl.col("severity") != 3)
    elif fault == "picture":
        frame = frame.filter(pl.col("image_id") != ids[7])
    else:
        frame = frame.with_columns(image_fold=pl.col("image_fold") + 1)
    broken = Results(tmp_path)
    write_table(frame, broken.splits_rows, SPLITS_ROWS)
    words = "must be 0 to 4" if fault == "fold" else "are not the manifest's 40 pictures"
    with pytest.raises(ContractError, match=words):
        read_folds(broken, "image_fold", CONDITIONS, ids)
