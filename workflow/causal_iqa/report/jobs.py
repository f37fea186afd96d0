"""What the rules of the report run: tables and facts read, then drawn or written."""

from __future__ import annotations

from causal_iqa.core.bounds import Corruptions, Dpi, Severities, Style
from causal_iqa.core.columns import MANIFEST, SCORERS
from causal_iqa.core.conditions import CLEAN, Condition
from causal_iqa.core.config import Config
from causal_iqa.core.contract import Results, read_table
from causal_iqa.data.schema import ACCURACY, CONDITION_MEANS
from causal_iqa.report.findings import read_pairs


def scatter(results: Results, task_model: str, style: Style, dpi: Dpi) -> None:
    """Accuracy against mean quality, a figure per pair of one task model."""
    # Imported where it is used: matplotlib is for those jobs alone that draw.
    from causal_iqa.report.drawing.scatter import scatter_figures

    scatter_figures(
        task_model,
        read_table(results.groups, CONDITION_MEANS),
        read_table(results.scorers, SCORERS),
        read_pairs(results),
        results.figures / "scatter",
        style,
        dpi,
    )


def overview(results: Results, style: Style, dpi: Dpi) -> None:
    """AUC of every quality source at a glance; accuracy by severity and corruption."""
    from causal_iqa.report.drawing.accuracy import write_accuracy
    from causal_iqa.report.drawing.overview import write_overview

    facts = read_table(results.scorers, SCORERS)
    write_overview(read_pairs(results), facts, results.figures / "overview", style, dpi)
    accuracy = read_table(results.table("accuracy"), ACCURACY)
    write_accuracy(accuracy, facts, results.figures, style, dpi)


def grid(results: Results, corruptions: Corruptions, severities: Severities) -> None:
    """One photograph under all conditions."""
    from causal_iqa.report.drawing.grid import picture_grid

    folder = results.condition(Condition(CLEAN, 0)).parents[1]
    target = results.figures / "grid.jpg"
    picture_grid(folder, _first_picture(results), corruptions, severities, target)


def thumbnails(results: Results, conditions: list[Condition]) -> None:
    """A few pictures under all conditions, small, for the page."""
    from causal_iqa.report.sample_pictures import write_thumbnails

    write_thumbnails(results, conditions)


def page(results: Results, config: Config, pictures: bool) -> None:
    """The report as one self-contained page; pictures: whether there are any."""
    from causal_iqa.pictures.finding import read_skipped, said
    from causal_iqa.report.provenance import provenance
    from causal_iqa.report.report_page import write_page

    imported = config.scores.import_ is not None
    write_page(
        results,
        provenance(config),
        pictures,
        "" if imported else said(read_skipped(results.skipped)),
    )


def _first_picture(results: Results) -> str:
    """The id of the picture in the grid."""
    first: str = read_table(results.manifest, MANIFEST)["image_id"][0]
    return first
