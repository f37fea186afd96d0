"""A new analysis is one folder: rules, command, table, figure and page take it up by themselves."""

from __future__ import annotations

import textwrap

import polars as pl
import pytest
from small_project import Project

pytestmark = pytest.mark.slow

FILES = {
    "__init__.py": '''
        """How far each network's accuracy spreads over the conditions."""

        from causal_iqa.analyses.registry import GRID, Analysis

        ANALYSES = (
            Analysis(
                name="spread",
                says="spread of accuracy over the conditions",
                reads=lambda scope: scope.panels(),
                makes=("tables/spread.csv",),
                settings=GRID,
                draws=lambda scope: ["spread"],
                section="spread",
            ),
        )
        ''',
    "schema.py": '''
        """The columns of the spread."""

        import polars as pl

        from causal_iqa.core.columns import Columns

        SPREAD = Columns({"task_model": pl.String, "least": pl.Float64, "most": pl.Float64})
        ''',
    "compute.py": '''
        """The spread."""

        import polars as pl

        from causal_iqa.analyses.registry import Job
        from causal_iqa.analyses.spread.schema import SPREAD
        from causal_iqa.core.contract import write_table
        from causal_iqa.data.panel import Panel


        def run(job: Job) -> None:
            """Least and most accuracy of each network under a condition."""
            panel = Panel(job.results.root, job.settings.conditions())
            rows = []
            for name in panel.of_kind("classifier"):
                means = panel.correct(name).mean(axis=1)
                rows.append((name, float(means.min()), float(means.max())))
            frame = pl.DataFrame(rows, schema=SPREAD, orient="row")
            write_table(frame, job.results.table("spread"), SPREAD)
        ''',
    "table.py": '''
        """The spread in words."""

        from causal_iqa.analyses.spread.schema import SPREAD
        from causal_iqa.report.table_words import TableWords, number_column, text_column

        TABLES = {
            "spread": TableWords(
                "Spread of accuracy",
                SPREAD,
                (
                    text_column("Task model", "task_model"),
                    number_column("Least", "least"),
                    number_column("Most", "most"),
                ),
                ("Over all conditions.",),
            )
        }
        ''',
    "figure.py": '''
        """The spread as a figure."""

        from causal_iqa.analyses.registry import Job, Look
        from causal_iqa.analyses.spread.schema import SPREAD
        from causal_iqa.core.contract import read_table
        from causal_iqa.report.figure_words import FigureWords
        from causal_iqa.report.figures import drawing, new_figure, save


        def draw(job: Job, look: Look) -> None:
            """A bar per network."""
            table = read_table(job.results.table("spread"), SPREAD)
            with drawing(look.style):
                figure = new_figure(3, 2)
                axes = figure.add_subplot()
                axes.barh(table["task_model"], table["most"] - table["least"], left=table["least"])
                save(figure, job.results.figures / "spread", look.dpi)


        def on_page(job: Job) -> list[FigureWords]:
            """The bars."""
            return [FigureWords("spread", "fig-spread", "Bars", "From the least to the most.")]
        ''',
}


@pytest.fixture(scope="module")
def project(module_project: Project) -> Project:
    """The finished experiment, and then the folder."""
    folder = module_project.root / "workflow" / "causal_iqa" / "analyses" / "spread"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(textwrap.dedent(text).lstrip())
    return module_project


def test_its_name_is_a_target_with_table_texts_and_figure(project: Project) -> None:
    project.run("spread")
    table = pl.read_csv(project.results / "tables" / "spread.csv")
    assert table["task_model"].to_list() == ["squeezenet"]
    assert "Spread of accuracy" in (project.results / "tables" / "spread.md").read_text()
    assert (project.results / "figures" / "spread.svg").is_file()
    assert project.would_run("spread") == {}


def test_it_stands_on_the_page(project: Project) -> None:
    project.run("paper")
    page = (project.results / "paper.html").read_text()
    assert '<section id="spread">' in page and '<figure id="fig-spread">' in page
    assert "Spread of accuracy over the conditions</h2>" in page
    assert project.would_run("paper") == {}


def test_its_words_make_its_text_and_the_page_stale_and_no_more(project: Project) -> None:
    table = project.root / "workflow" / "causal_iqa" / "analyses" / "spread" / "table.py"
    table.write_text(table.read_text().replace("Spread of accuracy", "Width of accuracy"))
    assert project.would_run("paper").keys() == {"render", "paper_page", "paper"}
    assert project.would_run("paper")["render"] == 1
