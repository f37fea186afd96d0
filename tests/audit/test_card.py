"""The card says what the tables say, of whatever pictures, and nothing where nothing is known."""

from __future__ import annotations

import json
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import card_world
import numpy as np
import polars as pl
import pytest
from card_world import CONDITIONS, HOSTILE, NETWORKS
from scipy.stats import ttest_ind

from causal_iqa.audit.card.advice import labels_needed
from causal_iqa.audit.card.card import write_card
from causal_iqa.audit.card.exports import write_exports
from causal_iqa.audit.estimates import write_estimates
from causal_iqa.audit.files import ESTIMATES, AuditFiles
from causal_iqa.core.columns import Columns
from causal_iqa.core.conditions import CLEAN
from causal_iqa.core.contract import Results, read_table, write_table
from causal_iqa.data.panel import Panel
from causal_iqa.report.enough import PICTURES

VOID = {"meta", "img", "br"}
N = 40


class Page(HTMLParser):
    """Tags with their attributes; fails on a tag that closes no open one."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> at {self.getpos()}"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return card_world.write_experiment(tmp_path_factory.mktemp("root"))


@pytest.fixture(scope="module")
def sets(results: Results, tmp_path_factory: pytest.TempPathFactory) -> dict[str, AuditFiles]:
    """near: as the calibration; harder: less clear; beyond: outside the calibration."""
    folder = tmp_path_factory.mktemp("pictures")
    found = {}
    for seed, (name, clarity) in enumerate({"near": 1.0, "harder": -0.5, "beyond": 30.0}.items()):
        pictures = card_world.make_pictures(folder / name, N, 1000 * seed)
        found[name] = card_world.audit(results, pictures, name, clarity)
    return found


def write(results: Results, name: str, against: str | None = None, names=None) -> tuple[dict, str]:
    files = AuditFiles(results.audit(name))
    write_card(results.root, name, CONDITIONS, Path("photos/<i>"), names, against)
    return json.loads(files.card.read_text("utf-8")), files.page.read_text("utf-8")


@pytest.fixture(scope="module")
def near(results: Results, sets: dict[str, AuditFiles]) -> tuple[dict, str]:
    return write(results, "near")


def text_of(page: str) -> str:
    """The page's words, in one line."""
    body = re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def test_counts_are_those_of_the_files(near) -> None:
    facts = near[0]["set"]
    assert facts["n_listed"] == N + 4
    assert facts["n_readable"] == facts["n_scored"] == N + 3
    assert facts["n_unreadable"] == 1 and facts["n_near_duplicates"] == 1
    assert near[0]["near_duplicates"]["groups"] == [{"n": 2, "names": ["a/p000.png", "b/twin.png"]}]
    assert [file["name"] for file in near[0]["unreadable"]["files"]] == ["b/broken.jpg"]
    assert facts["passed_over"] == "1 file passed over: 1 not a picture (b/notes.txt)"
    assert facts["passed_over"] in " ".join(near[1].split())
    assert "broken.jpg" in near[1] and "twin.png" in near[1]


def test_estimates_are_the_tables_with_the_default_first(near, sets) -> None:
    table = read_table(sets["near"].estimates, ESTIMATES)
    rows = near[0]["estimates"]
    assert len(rows) == table.height
    cells = {
        (r["task_model"], r["estimator"], r["quality_source"], r["quality_variant"]): r
        for r in table.iter_rows(named=True)
    }
    for row in rows:
        key = row["task_model"], row["estimator"], row["quality_source"], row["quality_variant"]
        assert (row["estimate"], row["lo"], row["hi"], row["mae"]) == tuple(
            cells[key][name] for name in ("estimate", "lo", "hi", "mae")
        )
    firsts = [row for k, row in enumerate(rows) if k % (len(rows) // 3) == 0]
    assert [row["is_default"] for row in firsts] == [True] * 3
    assert [row["estimator"] for row in firsts] == ["logistic", "ac", "gde"]
    assert firsts[0]["quality"] == "Sharpness"


def test_the_default_stands_first_whatever_its_error(results: Results, sets) -> None:
    path = sets["harder"].estimates
    kept = path.read_bytes()
    table = read_table(path, ESTIMATES)
    worse = table.with_columns(mae=pl.when("is_default").then(0.9).otherwise("mae"))
    write_table(worse, path, ESTIMATES)
    try:
        rows = write(results, "harder")[0]["estimates"]
    finally:
        path.write_bytes(kept)
    assert [rows[k]["is_default"] for k in range(0, len(rows), len(rows) // 3)] == [True] * 3
    others = [row["mae"] for row in rows[1 : len(rows) // 3] if row["mae"] is not None]
    assert others == sorted(others)


def test_the_page_shows_the_estimates_of_the_json(near) -> None:
    words = text_of(near[1])
    for row in near[0]["estimates"]:
        if row["is_default"]:
            interval = f"{100 * row['lo']:.0f} to {100 * row['hi']:.0f} %"
            assert f"{row['title']} {100 * row['estimate']:.0f} % {interval} " in words
    best = max((r for r in near[0]["estimates"] if r["is_default"]), key=lambda r: r["estimate"])
    assert f"{best['title']} {100 * best['estimate']:.0f} % (90 % interval" in words
    assert "the intervals overlap, so which gets most right cannot be told" in words
    assert "Without labels nobody can tell whether these pictures show one of the classes" in words


def test_hostile_names_are_text_and_whole(near) -> None:
    card, page = near
    hostile = HOSTILE.replace("/", "")
    assert any(group["name"] == hostile for group in card["groups"])
    # One script, which is the page's own.
    assert page.count("<script") == 1 and "<b>fox" not in page and "<i>" not in page
    assert hostile in unescape(page) and "&lt;script&gt;" in page
    assert NETWORKS["net0"] in unescape(page)
    tags = {tag for tag, _ in Page(page).tags}
    assert not tags & {"link", "iframe", "object", "base", "b", "i"}


def test_the_page_is_whole_and_loads_nothing(near) -> None:
    page = Page(near[1])
    assert page.open == []
    ids = [found["id"] for _, found in page.tags if "id" in found]
    assert len(ids) == len(set(ids))
    for _, found in page.tags:
        for value in (found.get("src"), found.get("href")):
            assert (
                value is None
                or value.startswith("data:image/")
                or value[1:] in ids
                or value in ("card.json", "pictures.csv", "skipped.csv", "../../report.html")
            )
        assert not any(name.startswith("on") for name in found)
    assert not re.search(r"https?://|url\(|@import|//cdn", near[1])


def test_histograms_hold_every_picture_of_each_part(near, results: Results) -> None:
    panel = Panel(results.root, CONDITIONS)
    quality = next(q for q in near[0]["quality"] if q["scorer"] == "sharp")
    assert sum(quality["set"]) == N + 3
    assert sum(quality["reference"]) == 80
    assert {s: sum(c) for s, c in quality["severities"].items()} == {"1": 800, "3": 800}
    clean = panel.quality("sharp", "score")[panel.conditions.index((CLEAN, 0))]
    inner = quality["edges"][1:-1]
    assert quality["reference"][0] == (clean < inner[0]).sum()
    assert quality["reference"][-1] == (clean >= inner[-1]).sum()
    assert quality["axis"] == "Sharpness, by its own scale higher is better"
    shown = {(q["scorer"], q["variant"]) for q in near[0]["quality"] if q["shown"]}
    assert shown == {("sharp", "score"), ("net1", "max_prob"), ("net2", "max_prob")}


def test_the_histograms_of_the_groups_hold_their_pictures(near, sets) -> None:
    card, page = near
    sharp = next(q for q in card["quality"] if q["scorer"] == "sharp")
    found = {(group["kind"], group["name"]): group for group in sharp["groups"]}
    assert list(found) == [(group["kind"], group["name"]) for group in card["groups"]]
    assert all(sum(group["counts"]) == group["n"] for group in found.values())
    pictures = pl.read_parquet(sets["near"].pictures).filter(status="scored", group="a")
    inner = sharp["edges"][1:-1]
    assert found["folder", "a"]["counts"][0] == (pictures["sharp.score"] < inner[0]).sum()
    folders = [group for group in sharp["groups"] if group["kind"] == "folder"]
    totals = np.sum([group["counts"] for group in folders], axis=0)
    assert totals.tolist() == sharp["set"]
    # 20 pictures in a folder, and fewer of a class: nothing is drawn of so few.
    assert page.count("a row per group") == 0
    assert "By sub-folder or group: 21 pictures in the largest: too few to tell" in text_of(page)


def test_groups_are_means_of_their_pictures(near, sets) -> None:
    pictures = pl.read_parquet(sets["near"].pictures).filter(status="scored")
    folders = {g["name"]: g for g in near[0]["groups"] if g["kind"] == "folder"}
    mine = pictures.filter(group="a")
    assert folders["a"]["n"] == mine.height == N // 2
    assert folders["a"]["p_correct"] == {
        n: pytest.approx(mine[f"{n}.p_correct"].mean()) for n in NETWORKS
    }
    assert folders["a"]["quantile"]["sharp.score"] == mine["sharp.score.quantile"].median()
    predicted = [g for g in near[0]["groups"] if g["kind"] == "predicted"]
    counts = pictures["net0.prediction"].value_counts()["count"].sort(descending=True)
    assert [group["n"] for group in predicted] == counts.to_list()
    assert sum(group["n"] for group in predicted) == N + 3
    assert {group["name"] for group in predicted} <= set(card_world.CLASS_NAMES)


def test_the_ends_are_ranked_by_the_mean_probability(near, sets) -> None:
    pictures = pl.read_parquet(sets["near"].pictures).filter(status="scored")
    rank = pictures.with_columns(
        rank=pl.mean_horizontal(f"{network}.p_correct" for network in NETWORKS)
    ).sort("rank", "name")
    assert near[0]["ranked_by"] == "p_correct"
    assert [p["name"] for p in near[0]["worst"]] == rank["name"].to_list()[:12]
    assert [p["name"] for p in near[0]["best"]] == rank["name"].to_list()[::-1][:12]
    assert all(p["thumbnail"].startswith("data:image/jpeg") for p in near[0]["worst"])
    shown = [found for tag, found in Page(near[1]).tags if tag == "img"]
    assert len(shown) == 24
    worst = near[0]["worst"][0]
    assert set(worst["p_correct"]) == set(worst["prediction"]) == set(NETWORKS)


def test_a_picture_that_is_gone_or_changed_is_named(results: Results, sets) -> None:
    card, _ = write(results, "harder")
    paths = dict(pl.read_parquet(sets["harder"].listing).select("name", "path").iter_rows())
    gone, changed, other = (Path(paths[picture["name"]]) for picture in card["worst"][:3])
    kept = {path: path.read_bytes() for path in (gone, changed)}
    try:
        gone.unlink()
        changed.write_bytes(other.read_bytes())
        card, page = write(results, "harder")
    finally:
        for path, data in kept.items():
            path.write_bytes(data)
    thumbnails = [picture["thumbnail"] for picture in card["worst"]]
    assert thumbnails[:2] == [None, None] and None not in thumbnails[2:]
    assert page.count("no longer there, or changed") == 2
    assert gone.name in unescape(page) and changed.name in unescape(page)


def test_nothing_is_estimated_of_a_set_beyond_the_calibration(results: Results, sets) -> None:
    card, page = write(results, "beyond")
    words = text_of(page)
    assert all(row["estimate"] is None for row in card["estimates"])
    assert "There is no estimate of the accuracy on these pictures: 100% of the pictures" in words
    assert "is expected to get" not in words and not re.search(r"P\(M=1\) \d", words)
    assert all(group["p_correct"] == {} for group in card["groups"])
    assert card["ranked_by"] == "max_prob" and "confidence" in words
    needed = f"label {labels_needed(N + 3)} pictures"
    assert any("no estimate" in text and needed in text for text in card["advice"])


def test_a_picture_without_a_metric_counts_and_is_outside(results: Results, tmp_path: Path) -> None:
    pictures = card_world.make_pictures(tmp_path / "flat", N, 5000)
    files = card_world.audit(results, pictures, "flat", 1.0)
    path = files.scores("sharp")
    scores = pl.read_parquet(path)
    first = scores["sha256"][0]
    lost = scores.with_columns(score=pl.when(pl.col("sha256") != first).then("score"))
    write_table(lost, path, Columns(lost.schema, nullable={"score"}))
    write_estimates(results.root, "flat", CONDITIONS, 0, results.classes)
    row = pl.read_parquet(files.pictures).filter(sha256=first).row(0, named=True)
    assert (row["status"], row["outside"]) == ("scored", True)
    assert row["sharp.score"] is row["sharp.score.quantile"] is None
    assert row["net2.prediction"] is not None
    card, page = write(results, "flat", against="flat")
    assert card["set"]["n_scored"] == N + 3 and card["set"]["n_undefined"] == {"sharp": 1}
    sharp = next(q for q in card["quality"] if q["scorer"] == "sharp")
    assert sum(sharp["set"]) == N + 2
    assert "a metric is not defined: Sharpness 1. They count as outside" in text_of(page)
    rows = {r["task_model"]: r for r in card["estimates"] if r["is_default"]}
    assert rows["net0"]["reason"] == "sharp is not defined for 1 of 43 pictures"
    assert rows["net2"]["estimate"] is not None


def test_a_set_without_any_value_of_a_metric_has_a_card(
    results: Results, sets, tmp_path: Path
) -> None:
    pictures = card_world.make_pictures(tmp_path / "blank", N, 6000)
    files = card_world.audit(results, pictures, "blank", 1.0)
    path = files.scores("sharp")
    lost = pl.read_parquet(path).with_columns(score=pl.lit(None, pl.Float32))
    write_table(lost, path, Columns(lost.schema, nullable={"score"}))
    write_estimates(results.root, "blank", CONDITIONS, 0, results.classes)
    card, page = write(results, "blank", against="near")
    assert all(row["estimate"] is None for row in card["estimates"])
    assert "There is no estimate" in text_of(page)
    assert next(q for q in card["quality"] if q["scorer"] == "sharp")["set"] == [0] * 16
    assert card["comparison"]["quality"][-1]["difference"] is None
    write_exports(results.root, "blank")
    sample = json.loads((files.root / "fiftyone.json").read_text("utf-8"))["samples"][0]
    assert sample["sharp_score"] is None


def test_labels_needed_are_385_of_many_and_never_more_than_there_are() -> None:
    assert labels_needed(10**9) == 385
    assert labels_needed(400) == 197
    assert labels_needed(1) == 1 and labels_needed(50) < 50


def test_advice_comes_from_the_numbers(near) -> None:
    advice = " ".join(near[0]["advice"])
    assert "1 of 44 files cannot be read" in advice
    assert "Near duplicates beyond the first of their kind: 1." in advice
    # Folders of 20 pictures say nothing.
    assert max(g["n"] for g in near[0]["groups"] if g["kind"] == "folder") < PICTURES
    assert "sub-folder" not in advice
    assert near[0]["advice"] != ["Nothing stands out in the files or the estimates."]


def test_the_comparison_has_the_sign_of_the_difference(results: Results, sets) -> None:
    card, page = write(results, "near", against="harder")
    found = card["comparison"]
    sharp = next(q for q in found["quality"] if q["scorer"] == "sharp")
    one, two = (
        pl.read_parquet(sets[name].pictures)
        .filter(pl.col("status") == "scored", pl.col("duplicate_of").is_null())["sharp.score"]
        .cast(pl.Float64)
        for name in ("near", "harder")
    )
    assert found["n"] == len(one) == N + 2 and found["left_out"] == 1
    assert sharp["difference"] == pytest.approx(one.mean() - two.mean()) and sharp["lo"] > 0
    bounds = ttest_ind(one, two, equal_var=False).confidence_interval(0.95)
    assert (sharp["lo"], sharp["hi"]) == pytest.approx((bounds.low, bounds.high))
    net0 = found["networks"][0]
    assert net0["difference"] == net0["estimate"] - net0["against"] > 0
    assert net0["p_correct"]["lo"] > 0
    mine, theirs = (
        read_table(sets[name].estimates, ESTIMATES).filter("is_default", task_model="net0")
        for name in ("near", "harder")
    )
    assert (net0["lo"], net0["hi"], net0["level"]) == pytest.approx(
        (mine["lo"].item() - theirs["hi"].item(), mine["hi"].item() - theirs["lo"].item(), 0.8)
    )
    cells = f"{100 * net0['lo']:.1f} to {100 * net0['hi']:.1f}".replace("-", "−")
    assert "near, expected right" in text_of(page) and cells in text_of(page)
    title = NETWORKS["net0"]
    assert f"“harder” is harder than “near” for {title}" in found["sentence"]
    assert found["sentence"] in text_of(page)
    wide = [n["title"] for n in found["networks"] if n["lo"] <= 0 <= n["hi"]]
    assert wide and found["sentence"].endswith(f"it may be neither for {', '.join(wide)}.")
    turned = write(results, "harder", against="near")[0]["comparison"]
    assert f"“harder” is harder than “near” for {title}" in turned["sentence"]
    assert turned["quality"][-1]["difference"] == pytest.approx(-found["quality"][-1]["difference"])


def test_a_set_cannot_be_told_apart_from_itself(results: Results, sets) -> None:
    found = write(results, "near", against="near")[0]["comparison"]
    assert "the two cannot be told apart for" in found["sentence"]
    assert "is harder" not in found["sentence"]
    assert found["n_shared"] == N + 2


def test_a_network_without_its_own_probabilities_is_not_compared_by_them(
    results: Results, sets
) -> None:
    found = write(results, "near", against="beyond")[0]["comparison"]
    assert all(
        (row["difference"], row["lo"], row["hi"]) == (None,) * 3 for row in found["networks"]
    )
    sentence = found["sentence"]
    assert sentence == (
        "By the mean probability of being right: without a probability of each picture in both "
        f"sets nothing can be said for {', '.join(NETWORKS.values())}."
    )


def test_names_of_classes_can_be_given(results: Results, sets) -> None:
    card, page = write(results, "near", names=["wolf & cub", "lynx", "owl"])
    names = {name for picture in card["worst"] for name in picture["prediction"].values()}
    assert names <= {"wolf & cub", "lynx", "owl"}
    assert "fox" not in page


def test_the_same_files_give_the_same_bytes(results: Results, sets) -> None:
    first = write(results, "near", against="harder")
    assert write(results, "near", against="harder") == first
