"""One world with every exception, one without; figures drawn once."""

import pytest
import report_world

from causal_iqa.core.contract import Results
from causal_iqa.report.report_page import write_page


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """20 pictures, every exception of ``report_world``; tables only."""
    return Results(report_world.write_world(tmp_path_factory.mktemp("world")))


@pytest.fixture(scope="session")
def plain_world(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """1,000 pictures and nothing to warn of but circular pairs."""
    folder = tmp_path_factory.mktemp("plain")
    return Results(report_world.write_world(folder, pictures=1000, plain=True))


@pytest.fixture(scope="session")
def drawn_world(world: Results) -> Results:
    """``world`` with its figures and page, without pictures."""
    report_world.draw(world)
    write_page(world, report_world.provenance(), pictures=False)
    return world
