"""The audit of a folder through Snakemake: what it makes, what it does again, what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from browser import opened
from playwright.sync_api import Browser
from samples import make_photograph
from small_project import SMALL, Project

from causal_iqa.core.errors import UserError
from causal_iqa.preflight import preflight

pytestmark = pytest.mark.slow


@pytest.fixture
def audited(project: Project) -> Project:
    """The small experiment with a folder of four pictures, one of them unreadable."""
    for number in range(3):
        make_photograph(project.root / "mine" / "a" / f"x{number}.png", 40 + number)
    (project.root / "mine" / "broken.jpg").write_text("no picture")
    project.configure(audit={"pictures": "mine"})
    return project


def pictures(project: Project) -> pl.DataFrame:
    return pl.read_parquet(project.results / "audit" / "mine" / "pictures.parquet")


def test_an_audit_and_a_second_one_with_one_picture_more(
    audited: Project, browser: Browser
) -> None:
    scores = audited.files("scores/*/*/*.parquet")
    audited.run("audit")
    first = pictures(audited)
    assert first["status"].to_list() == ["scored"] * 3 + ["unreadable"]
    assert first["group"].to_list() == ["a"] * 3 + [""]
    estimates = pl.read_csv(audited.results / "audit" / "mine" / "estimates.csv")
    assert set(estimates["task_model"]) == {"squeezenet"}
    page = (audited.results / "audit" / "mine" / "card.html").read_text()
    assert "broken.jpg" in page and "SqueezeNet" in page
    with opened(browser, audited.results / "audit" / "mine" / "card.html") as found:
        assert found.faults == [] and found.violations() == []
        assert found.page.locator("p.answer").inner_text().startswith("Cannot tell whether")
    assert {"card.json", "pictures.csv", "fiftyone.json", "croissant.json"} <= {
        path.name for path in (audited.results / "audit" / "mine").iterdir()
    }
    assert audited.would_run("audit") == {}
    make_photograph(audited.root / "mine" / "a" / "x3.png", 43)
    assert set(audited.would_run("audit")) >= {"audit_listing", "audit_score"}
    audited.run("audit")
    log = audited.results / "logs" / "audit" / "mine" / "scores" / "squeezenet.log"
    assert "picture 1/1" in log.read_text()
    second = pictures(audited).filter(pl.col("name") != "a/x3.png")
    assert second["squeezenet.max_prob"].equals(first["squeezenet.max_prob"])
    assert audited.files("scores/*/*/*.parquet") == scores
    assert audited.would_run() == {}


def test_with_the_whole_softmax_transport_can_be_had(audited: Project) -> None:
    scores = audited.files("scores/tv/*/*.parquet")
    audited.configure(audit={"pictures": "mine"}, scoring={"softmax": True})
    jobs = audited.would_run("audit")
    assert jobs["score_all_networks"] == 1 and "score_all" not in jobs
    audited.run("audit")
    assert audited.files("scores/tv/*/*.parquet") == scores
    assert audited.would_run("audit") == {}
    for table in ("tables/estimators.csv", "audit/mine/estimates.csv"):
        rows = pl.read_csv(audited.results / table).filter(pl.col("estimator") == "cot")
        assert rows["mae"].null_count() == 0
    audited.configure(audit={"pictures": "mine"})
    before = audited.files("scores/*/*/*.parquet")
    audited.run("audit")
    assert audited.files("scores/*/*/*.parquet") == before


def test_two_sets_are_compared(audited: Project) -> None:
    audited.configure(audit={"pictures": "mine", "against": "pictures", "name": "first"})
    audited.run("audit", "estimators")
    first, second = (audited.results / "audit" / name for name in ("first", "pictures"))
    assert json.loads((first / "card.json").read_text())["comparison"]["against"] == "pictures"
    assert json.loads((second / "card.json").read_text())["comparison"] is None
    assert (audited.results / "figures" / "estimators.svg").is_file()
    assert (audited.results / "tables" / "estimators.md").is_file()


@pytest.mark.parametrize(
    ("audit", "message"),
    [
        ({"pictures": "nowhere"}, "nowhere is not there"),
        ({"pictures": "empty"}, "empty holds no picture: it is empty"),
        ({"pictures": "junk"}, "junk holds 2 pictures and none can be read; the first: one.jpg"),
        ({"pictures": "pictures", "classes": "two.txt"}, "two.txt holds 2 names"),
        ({"pictures": "pictures", "klasses": "two.txt"}, "did you mean classes"),
    ],
)
def test_what_cannot_be_audited_is_said(
    audit: dict[str, str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    Path("junk").mkdir()
    for name in ("one.jpg", "two.png"):
        (Path("junk") / name).write_text("no picture")
        make_photograph(Path("pictures") / "n01440764" / name, 1)
    Path("two.txt").write_text("cat\ndog\n")
    with pytest.raises(UserError) as caught:
        preflight({**SMALL, "audit": audit})
    assert message in str(caught.value)


def test_it_is_said_before_any_job(project: Project) -> None:
    project.configure(audit={"pictures": "nowhere"})
    status, output = project.snakemake("audit")
    assert status != 0 and "nowhere is not there" in " ".join(output.split()), output
    assert not (project.results / "audit").exists()
    assert not (project.results / "logs" / "audit").exists()


def test_calibrated_on_imported_scores_an_audit_says_the_same(audited: Project) -> None:
    audited.configure(audit={"pictures": "mine"}, scoring={"softmax": True})
    audited.run("audit")
    folder = audited.results / "audit" / "mine"
    first = {name: (folder / name).read_bytes() for name in ("estimates.csv", "pictures.csv")}
    audited.results.rename(audited.root / "elsewhere")
    imported = {"scores": {"import": "elsewhere"}, "audit": {"pictures": "mine"}}
    audited.write({**{k: SMALL[k] for k in ("experiment", "conditions", "scorers")}, **imported})
    jobs = audited.would_run("audit")
    assert jobs["import_scores"] == 1 and jobs["audit_score"] == 2
    assert not any(rule.startswith(("manifest", "corrupt", "score_")) for rule in jobs)
    audited.run("audit")
    assert {name: (folder / name).read_bytes() for name in first} == first
    assert b"unavailable" not in first["estimates.csv"]
    assert audited.would_run("audit") == {}
