"""The pages of one network and one metric, from imported scores."""

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
SCORERS = {name: synthetic.KINDS[name] for name in ("net_a", "good")}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The two pages."""
    made = make_project(tmp_path_factory.mktemp("one"))
    conditions = grid(CORRUPTIONS, SEVERITIES)
    synthetic.write_experiment(made.root / "elsewhere", conditions, 40, 0, SCORERS)
    made.write(
        {
            "experiment": "small",
            "scores": {"import": "elsewhere"},
            "conditions": {"corruptions": CORRUPTIONS, "severities": SEVERITIES},
            "analysis": {"resamples": 100},
            "figures": {"dpi": 50},
        }
    )
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
