"""The pages of one network and of twelve with twenty metrics, from imported scores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import synthetic
from browser import A4_LANDSCAPE, opened
from playwright.sync_api import Browser
from small_project import Project, make_project

from causal_iqa.core.conditions import grid

pytestmark = pytest.mark.slow

CORRUPTIONS, SEVERITIES = ["fog", "contrast", "pixelate"], [1, 3]
SIZES = {"one": (1, 1), "twelve": (12, 20)}
MEGABYTE = 1_000_000


def kinds(networks: int, metrics: int) -> dict[str, tuple[str, str | None]]:
    """Names of scorers, as ``synthetic.KINDS`` has them."""
    return {
        **{f"net_{k}": ("classifier", f"{k}") for k in range(networks)},
        **{f"metric_{k}": ("metric", None) for k in range(metrics)},
        "dual": ("zero_shot", "0"),
    }


@pytest.fixture(scope="module", params=SIZES)
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The two pages."""
    made = make_project(tmp_path_factory.mktemp(request.param))
    conditions = grid(CORRUPTIONS, SEVERITIES)
    scorers = kinds(*SIZES[request.param])
    synthetic.write_experiment(made.root / "elsewhere", conditions, 40, 0, scorers)
    made.write(
        {
            "experiment": "small",
            "scores": {"import": "elsewhere"},
            "conditions": {"corruptions": CORRUPTIONS, "severities": SEVERITIES},
            "analysis": {"resamples": 100},
            "figures": {"dpi": 50},
        }
    )
    # By their names: the report's own figures, 12 times 33 of them, are not what is looked at.
    made.run("results/small/report.html", "results/small/paper.html")
    return made


@pytest.fixture(params=["report.html", "paper.html"])
def page(request: pytest.FixtureRequest, project: Project) -> Iterator[Path]:
    yield project.results / request.param


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_a_page_of_any_size_is_quiet_accessible_and_fits_the_screen(
    page: Path, width: int, scheme: str, browser: Browser
) -> None:
    with opened(browser, page, width, scheme) as found:
        assert found.faults == []
        assert found.page.evaluate("document.documentElement.scrollWidth") <= width
        assert found.violations() == []


def test_a_page_of_any_size_is_printed_whole(page: Path, browser: Browser) -> None:
    with opened(browser, page, A4_LANDSCAPE) as found:
        assert found.cut_on_paper() == []


def test_the_report_is_no_larger_than_it_may_be(project: Project) -> None:
    assert (project.results / "report.html").stat().st_size <= 8 * MEGABYTE
