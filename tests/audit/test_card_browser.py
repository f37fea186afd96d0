"""The card in a browser: whole, quiet and legible at every width, and on paper."""

from __future__ import annotations

from pathlib import Path

import card_world
import pytest
from browser import A4_LANDSCAPE, WIDTHS, opened
from playwright.sync_api import Browser

from causal_iqa.audit.card.card import write_card

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set of three folders beside another set."""
    results = card_world.write_experiment(tmp_path_factory.mktemp("root"))
    folder = tmp_path_factory.mktemp("pictures")
    for seed, (name, n, clarity) in enumerate((("near", 80, 1.0), ("harder", 40, -0.5))):
        pictures = card_world.make_pictures(folder / name, n, 1000 * seed)
        files = card_world.audit(results, pictures, name, clarity)
        if name == "near":
            page = files.page
    write_card(results.root, "near", card_world.CONDITIONS, folder, None, "harder")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_card_is_quiet_accessible_and_fits_the_screen(
    width: int, scheme: str, card: Path, browser: Browser
) -> None:
    with opened(browser, card, width, scheme) as found:
        assert found.faults == []
        assert found.page.evaluate("document.documentElement.scrollWidth") <= width
        assert found.violations() == []


def test_the_first_screen_says_how_hard_the_set_is(card: Path, browser: Browser) -> None:
    with opened(browser, card) as found:
        words = found.page.locator("p.answer").inner_text()
        assert words.startswith("Cannot tell whether this set is harder")
        figure = found.page.locator(".multiples figure").first.bounding_box()
        assert figure is not None and figure["y"] + figure["height"] < 900


def test_nothing_of_the_card_is_cut_on_paper(card: Path, browser: Browser) -> None:
    with opened(browser, card, A4_LANDSCAPE) as found:
        assert found.cut_on_paper() == []
