"""The report in a browser: whole, quiet, legible at every width, and answering to its reader."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
import report_world
from browser import A4_LANDSCAPE, WIDTHS, Opened, opened
from playwright.sync_api import Browser

from causal_iqa.core.conditions import CORRUPTIONS, SEVERITIES, grid
from causal_iqa.core.contract import Results
from causal_iqa.report.report_page import write_page
from causal_iqa.report.sample_pictures import write_thumbnails

pytestmark = pytest.mark.slow

MEGABYTE = 1_000_000
MANY_NETWORKS = {f"net{k}": f"Network {k}" for k in range(12)}
MANY_METRICS = {f"metric{k}": f"Metric {k}" for k in range(20)}


def written(folder: Path, facts: pl.DataFrame | None = None) -> Results:
    """A world's report with its pictures."""
    results = Results(report_world.write_world(folder, facts=facts))
    report_world.draw_page(results)
    conditions = grid(CORRUPTIONS, SEVERITIES)
    ids = pl.read_parquet(results.manifest)["image_id"].to_list()
    report_world.write_conditions(folder / "conditions", ids)
    write_thumbnails(results, conditions)
    write_page(results, report_world.provenance(), pictures=True)
    return results


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return written(tmp_path_factory.mktemp("usual"))


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Results:
    facts = report_world.scorers(dict(list(report_world.CLASSIFIERS.items())[:1]))
    return written(tmp_path_factory.mktemp("single"), facts)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Results:
    facts = report_world.scorers(MANY_NETWORKS, MANY_METRICS)
    return written(tmp_path_factory.mktemp("many"), facts)


@pytest.fixture
def report(browser: Browser, usual: Results) -> Iterator[Opened]:
    with opened(browser, usual.root / "report.html") as found:
        yield found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("world", ["usual", "single", "many"])
def test_the_page_is_quiet_accessible_and_no_wider_than_the_screen(
    world: str, width: int, scheme: str, browser: Browser, request: pytest.FixtureRequest
) -> None:
    results: Results = request.getfixturevalue(world)
    with opened(browser, results.root / "report.html", width, scheme) as found:
        assert found.faults == []
        assert found.page.evaluate("document.documentElement.scrollWidth") <= width
        assert found.violations() == []


def test_sizes(usual: Results, many: Results) -> None:
    assert (usual.root / "report.html").stat().st_size <= 2.5 * MEGABYTE
    assert (many.root / "report.html").stat().st_size <= 8 * MEGABYTE


def test_the_answer_stands_on_the_first_screen(report: Opened) -> None:
    bottom = report.page.locator("p.answer").bounding_box()
    assert bottom is not None and bottom["y"] + bottom["height"] < 450
    assert "35 of 36 fits" in report.page.locator("p.answer").inner_text()


def test_choosing_hovering_and_clicking(report: Opened, usual: Results) -> None:
    page = report.page
    page.select_option("#chart-network", "squeezenet1_1")
    page.select_option("#chart-score", "brisque.score")
    page.wait_for_selector("#chart[data-ready]")
    assert "SqueezeNet 1.1 against BRISQUE" in page.locator("#chart").inner_text()
    groups = pl.read_parquet(usual.groups)
    fog = {"corruption": "fog", "severity": 4}
    accuracy = groups.filter(scorer="squeezenet1_1", variant="accuracy", **fog)["mean"].item()
    page.select_option("#chart-condition", "fog/4")
    summary = page.locator("#chart-summary").inner_text()
    assert f"{round(20 * accuracy)} of 20 pictures right" in summary
    marks = page.locator("#chart .mark-symbol.role-mark path")
    marks.nth(30).hover(force=True)
    tip = page.locator("#chart-tip")
    assert tip.is_visible() and tip.locator("img").count() == 4
    hovered = tip.locator("strong").inner_text()
    marks.nth(30).click(force=True)
    assert page.locator("#chart-condition-title").inner_text() == hovered
    assert hovered != "fog, severity 4"
    rows = page.locator("#chart-pictures tbody tr")
    assert rows.count() == 1 + 4 + 4 * 3 + 5
    assert report.faults == []


def test_the_pictures_scores_are_those_of_the_files(report: Opened, usual: Results) -> None:
    page = report.page
    page.select_option("#chart-condition", "snow/2")
    ids = page.locator("#chart-pictures thead .id").all_inner_texts()
    row = page.locator("#chart-pictures tbody tr", has_text="NIQE").locator("td")
    panel = pl.read_parquet(usual.panel("niqe")).filter(corruption="snow", severity=2)
    scores = dict(panel.select("image_id", "score").iter_rows())
    for image_id, text in zip(ids, row.all_inner_texts(), strict=True):
        assert float(text) == pytest.approx(scores[image_id], rel=6e-3)


def test_a_table_is_put_in_order_searched_and_taken_along(
    report: Opened, usual: Results, tmp_path: Path
) -> None:
    page = report.page
    table = page.locator("#table-nr_iqa")
    header = table.get_by_role("button", name="AUC")
    header.focus()
    header.press("Enter")
    values = table.locator("tbody tr:not(.detail) td:nth-child(4)").evaluate_all(
        "cells => cells.map((cell) => cell.dataset.sort)"
    )
    known = [float(value) for value in values if value is not None]
    assert known == sorted(known) and values[-1] is None
    search = table.locator("input[type=search]")
    search.fill("-0.080")
    assert table.locator("tbody tr:visible").count() == 16
    search.fill("squeezenet brisque")
    assert table.locator("tbody tr:visible").count() == 1
    with page.expect_download() as got:
        table.get_by_role("button", name="Download as CSV").click()
    got.value.save_as(tmp_path / "table.csv")
    with (tmp_path / "table.csv").open() as file:
        (row,) = csv.DictReader(file)
    wanted = pl.read_csv(usual.table("nr_iqa")).row(
        by_predicate=(pl.col("task_model") == "squeezenet1_1")
        & (pl.col("quality_source") == "brisque")
        & (pl.col("solver") == "converged"),
        named=True,
    )
    assert row["Task model"] == "SqueezeNet 1.1"
    for end, column in (("", "auc"), (" lo", "auc_cluster_lo"), (" hi", "auc_cluster_hi")):
        assert float(row[f"AUC{end}"]) == pytest.approx(wanted[column], abs=6e-4)
    assert float(row["SRCC"]) == pytest.approx(wanted["srcc"], rel=1e-5)


def test_details_are_behind_a_switch(report: Opened) -> None:
    table = report.page.locator("#table-nr_iqa")
    shown = table.locator("tbody tr:visible").count()
    assert "p <" not in table.inner_text() and "Solver" not in table.inner_text()
    table.locator("input[type=checkbox]").check()
    assert table.locator("tbody tr:visible").count() == 2 * shown
    assert "p = " in table.inner_text() and "Solver" in table.inner_text()


def test_nothing_is_cut_on_paper(browser: Browser, usual: Results) -> None:
    with opened(browser, usual.root / "report.html", A4_LANDSCAPE) as found:
        assert found.cut_on_paper() == []


def test_images_keep_their_place(report: Opened) -> None:
    images = report.page.locator("main figure img")
    for side in ("width", "height"):
        sizes = images.evaluate_all("(all, side) => all.map((one) => one.getAttribute(side))", side)
        assert sizes and all(sizes)
    words = report.page.locator("main img").evaluate_all("all => all.map((image) => image.alt)")
    assert len(set(words)) == len(words) and all(words)


def test_a_narrow_page_says_that_a_table_goes_on(browser: Browser, usual: Results) -> None:
    with opened(browser, usual.root / "report.html", 390) as found:
        box = found.page.locator("#table-nr_iqa")
        assert "more" in (box.get_attribute("class") or "")
        box.locator(".scroll").evaluate("part => { part.scrollLeft = part.scrollWidth; }")
        found.page.wait_for_function(
            "!document.getElementById('table-nr_iqa').classList.contains('more')"
        )
