"""The figure of accuracy beyond quality shows the table's numbers, and is the same bytes twice."""

from pathlib import Path

import polars as pl
import pytest
from matplotlib.figure import Figure

from causal_iqa.analyses.accuracy_beyond.figure import (
    MARKS,
    accuracy_beyond_figure,
    on_page,
    write_accuracy_beyond_figure,
)
from causal_iqa.analyses.accuracy_beyond.schema import ACCURACY_BEYOND
from causal_iqa.analyses.accuracy_beyond.table import TABLES
from causal_iqa.analyses.registry import Job, Settings
from causal_iqa.core.columns import SCORERS
from causal_iqa.core.contract import Results, write_table
from causal_iqa.report.drawing.figures import drawing
from causal_iqa.report.drawing.score_rows import FEW

NETS = ("net_a", "net_b")
BEYOND = {"low": -0.21, "middle": 0.0, "high": 0.12, "all": 0.05}


@pytest.fixture(scope="module")
def scorers() -> pl.DataFrame:
    kinds = {"net_a": "classifier", "net_b": "classifier", "brisque": "metric"}
    rows = [(n, kind, False, True, None, True, n.upper(), None) for n, kind in kinds.items()]
    return pl.DataFrame(rows, schema=SCORERS, orient="row")


PICTURES = {"low": 20, "middle": 40, "high": 40, "all": 60}


def row(source: str, variant: str, band: str, net: str, beyond: float | None) -> dict:
    known = {} if beyond is None else {"beyond": beyond, "beyond_lo": -0.3, "beyond_hi": 0.34}
    return {
        **{"quality_source": source, "quality_variant": variant, "band": band, "task_model": net},
        **{
            "circular": source == net,
            "n_pictures": PICTURES[band],
            "n_rows": 300,
            "n_task_models": 2,
        },
        **({"accuracy": 0.6, "raw_rank": 2, "adjusted_rank": 2} if known else {}),
        **known,
        "reason": "" if known else "why",
    }


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    rows = [
        row(source, variant, band, net, beyond)
        for source, variant in (("brisque", "score"), ("net_a", "entropy"), ("average", "score"))
        for net in NETS
        for band, beyond in BEYOND.items()
        if source != net
    ]
    rows.append(row("net_a", "entropy", "all", "net_a", None))
    return pl.DataFrame(rows, schema=ACCURACY_BEYOND)


def words(figure: Figure) -> list[str]:
    every = [
        text.get_text()
        for axes in figure.axes
        for text in [*axes.texts, *axes.get_yticklabels(), *axes.get_yticklabels(minor=True)]
    ]
    return [*every, *(axes.get_title(loc="left") for axes in figure.axes)]


def test_marks_stand_at_percentage_points(table: pl.DataFrame, scorers: pl.DataFrame) -> None:
    with drawing("whitegrid"):
        figure = accuracy_beyond_figure(table, scorers)
    assert len(figure.axes) == len(NETS)
    marks = [
        (line.get_marker(), round(float(line.get_xdata()[0]), 6))
        for line in figure.axes[1].lines
        if line.get_marker() in ("^", "o", "v")
    ]
    expected = [("v", -21.0), ("^", 12.0), ("o", 5.0)]
    assert sorted(marks) == sorted(3 * expected)
    assert figure.axes[0].get_xlim() == (-40, 40)


def test_names_ranks_and_own_weights_are_written(
    table: pl.DataFrame, scorers: pl.DataFrame
) -> None:
    with drawing("whitegrid"):
        written = words(accuracy_beyond_figure(table, scorers))
    assert {"NET_A", "NET_B", "own weights", "BRISQUE", "No-reference metrics"} <= set(written)
    assert "accuracy 60.0 % of 60 pictures,\nrank 2 of 2" in written
    assert "Average of sources without shared weights" in written


def test_few_pictures_rank_no_network(table: pl.DataFrame, scorers: pl.DataFrame) -> None:
    few = table.with_columns(n_pictures=pl.lit(4))
    with drawing("whitegrid"):
        figure = accuracy_beyond_figure(few, scorers)
    assert "accuracy 60.0 %,\n4 pictures: too few to tell" in words(figure)
    assert not any("rank" in written for written in words(figure))
    marks = [line for axes in figure.axes for line in axes.lines if line.get_marker() in "^ov"]
    assert {line.get_color() for line in marks} == {FEW}
    assert "Grey: fewer than 30 held-out pictures" in figure.legends[0].get_title().get_text()


def test_bands_of_few_pictures_are_grey(table: pl.DataFrame, scorers: pl.DataFrame) -> None:
    with drawing("whitegrid"):
        figure = accuracy_beyond_figure(table, scorers)
    grey = {
        line.get_marker()
        for line in figure.axes[0].lines
        if line.get_marker() in "^ov" and line.get_color() == FEW
    }
    assert grey == {MARKS["low"].marker}


@pytest.mark.parametrize(
    ("pictures", "cells"), [(4, ["4 pictures: too few to tell"] * 2), (30, ["2", "1 [1, 2]"])]
)
def test_the_table_ranks_where_there_are_enough_pictures(pictures: int, cells: list) -> None:
    known = row("brisque", "score", "all", "net_a", 0.05) | {
        **{"n_pictures": pictures, "raw_rank": 2, "adjusted_rank": 1},
        **{"adjusted_rank_lo": 1.0, "adjusted_rank_hi": 2.0},
    }
    columns = {column.header: column for column in TABLES["accuracy_beyond"].columns}
    ranks = [columns["Rank by accuracy"], columns["Rank beyond Q"]]
    assert [str(column.cell(known)) for column in ranks] == cells
    assert columns["Held-out pictures"].cell(known) == f"{pictures}"
    assert [column.value(known) for column in ranks] == ([None] * 2 if pictures < 30 else [2, 1])


def test_the_caption_says_of_how_many(table: pl.DataFrame, tmp_path: Path) -> None:
    results = Results(tmp_path)
    for pictures, said in (
        (4, "4 held-out pictures: too few to tell"),
        (80, "80 held-out pictures"),
    ):
        frame = table.with_columns(n_pictures=pl.lit(pictures, pl.Int64))
        write_table(frame, results.table("accuracy_beyond"), ACCURACY_BEYOND)
        (shown,) = on_page(Job("accuracy_beyond", results, Settings()))
        assert shown.caption.endswith(f"Of {said}.")


def test_the_same_table_gives_the_same_bytes(
    table: pl.DataFrame, scorers: pl.DataFrame, tmp_path: Path
) -> None:
    first = write_accuracy_beyond_figure(table, scorers, tmp_path / "a", "whitegrid", 60)
    second = write_accuracy_beyond_figure(table, scorers, tmp_path / "b", "whitegrid", 60)
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()
