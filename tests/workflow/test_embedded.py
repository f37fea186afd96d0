"""The embedded experiment, reduced to five conditions, from nothing to its report."""

from __future__ import annotations

import re
import time
from pathlib import Path

import polars as pl
import pytest
from browser import A4_LANDSCAPE, opened
from playwright.sync_api import Browser
from small_project import Project, make_project

from causal_iqa.analyses.pooled.schema import POOLED
from causal_iqa.core.contract import read_provenance, read_table
from causal_iqa.core.kinds import SCORES
from causal_iqa.data.schema import ACCURACY

pytestmark = pytest.mark.slow

REDUCED = {
    "experiment": "small",
    "conditions": {"corruptions": ["gaussian_noise", "frost"], "severities": [1, 5]},
    "analysis": {"resamples": 200},
    "figures": {"dpi": 50},
}


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """All nine scorers on foolbox's photographs, clean and under frost and noise."""
    project = make_project(tmp_path_factory.mktemp("embedded"))
    project.write(REDUCED)
    project.run()
    return project


def table(project: Project, name: str) -> pl.DataFrame:
    return read_table(project.results / "tables" / f"{name}.csv", POOLED)


def test_every_table_has_every_pair(embedded: Project) -> None:
    assert table(embedded, "nr_iqa").height == 4 * 4 * 2
    assert table(embedded, "strong").height == 4 * 4 * 3 * 2
    assert table(embedded, "weak").height == 4 * 5 * 2
    assert table(embedded, "weak").filter("circular")["task_model"].unique().to_list() == [
        "efficientnet_lite0"
    ]


def test_networks_see_clean_photographs_and_fail_on_heavy_noise(embedded: Project) -> None:
    accuracy = read_table(embedded.results / "tables" / "accuracy.csv", ACCURACY)
    by_condition = {
        (row["task_model"], row["corruption"], row["severity"]): row["accuracy"]
        for row in accuracy.iter_rows(named=True)
    }
    for task_model, least in (
        ("efficientnet_lite0", 0.8),
        ("efficientnet_lite1", 0.8),
        ("efficientnet_lite2", 0.8),
        ("squeezenet1_1", 0.5),
    ):
        assert by_condition[task_model, "clean", 0] >= least
        assert by_condition[task_model, "gaussian_noise", 5] < by_condition[task_model, "clean", 0]


def test_scores_say_what_they_were_computed_from(embedded: Project) -> None:
    path = embedded.results / "scores" / "brisque" / "frost" / "5.parquet"
    assert read_table(path, SCORES["metric"]).height == 20
    provenance = read_provenance(path)
    assert provenance["scorer"] == {"kind": "metric", "metric": "brisque"}
    assert {"weights", "code", "libraries", "device", "condition"} <= provenance.keys()


def test_report_stands_alone(embedded: Project) -> None:
    page = (embedded.results / "report.html").read_text()
    assert 'src="http' not in page
    assert "circular" in page
    assert "Few pictures" in page


def test_second_call_does_nothing_in_little_time(embedded: Project) -> None:
    started = time.monotonic()
    assert "Nothing to be done" in embedded.run() or embedded.would_run() == {}
    assert time.monotonic() - started < 15


def test_paper_makes_every_table_and_figure(embedded: Project) -> None:
    embedded.run("paper")
    for name in (
        *("label", "content_image", "content_label", "mixtures", "associations", "dag_claims"),
        *("desiderata", "published", "solver_audit"),
    ):
        frame = pl.read_csv(embedded.results / "tables" / f"{name}.csv")
        assert frame.height > 0
    published = pl.read_csv(embedded.results / "tables" / "published.csv")
    assert "imagenet-c" in published["reason"][0]
    figures = [path.stem for path in (embedded.results / "figures").rglob("*.svg")]
    assert {"content_image", "mixture_auc", "desiderata", "fig10_common_corruptions"} <= set(
        figures
    )
    assert embedded.would_run("paper") == {}


def test_the_paper_s_page_has_every_table_and_figure(embedded: Project) -> None:
    """After the test above."""
    html = (embedded.results / "paper.html").read_text()
    start = html.index('id="index"')
    index = html[start : html.index("</section>", start)]
    for name in (*(f"Table {n}" for n in range(1, 7)), *(f"Figure {n}" for n in range(1, 23))):
        assert re.search(rf'<a href="#[\w-]+">{name}</a>', index), name
    anchors = set(re.findall(r'href="#([\w-]+)"', html))
    assert anchors <= set(re.findall(r'id="([\w-]+)"', html))
    assert 'id="warning-synthetic"' not in html and 'id="warning-small-n"' in html
    assert not re.search(r">(None|nan|NaN)<", html)
    for file in re.findall(r'href="(tables/[^"#]+|report.html)"', html):
        assert (embedded.results / file).is_file()
    assert all(src.startswith("data:") for src in re.findall(r'src="([^"]{9})', html))


@pytest.mark.parametrize(
    ("width", "scheme"), [(1440, "light"), (1024, "light"), (390, "light"), (1440, "dark")]
)
@pytest.mark.parametrize("name", ["report.html", "paper.html"])
def test_the_pages_are_quiet_accessible_and_fit_the_screen(
    name: str, width: int, scheme: str, embedded: Project, browser: Browser
) -> None:
    """After the tests above."""
    with opened(browser, embedded.results / name, width, scheme) as found:
        assert found.faults == []
        assert found.page.evaluate("document.documentElement.scrollWidth") <= width
        assert found.violations() == []


@pytest.mark.parametrize("name", ["report.html", "paper.html"])
def test_nothing_of_the_pages_is_cut_on_paper(
    name: str, embedded: Project, browser: Browser
) -> None:
    """After the tests above."""
    with opened(browser, embedded.results / name, A4_LANDSCAPE) as found:
        assert found.cut_on_paper() == []


def test_a_link_on_the_paper_s_page_moves_nothing(embedded: Project, browser: Browser) -> None:
    """After the tests above."""
    with opened(browser, embedded.results / "paper.html") as found:
        height = found.page.evaluate("document.documentElement.scrollHeight")
        found.page.locator('#index a[href="#matrix"], #index a[href="#fig22"]').first.click()
        assert found.page.evaluate("document.documentElement.scrollHeight") == height


def test_snakemake_makes_its_own_report(embedded: Project, tmp_path: Path) -> None:
    embedded.run("--report", str(tmp_path / "report.html"))
    assert (tmp_path / "report.html").stat().st_size > 1_000_000
