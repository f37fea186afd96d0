"""The geometry of the card's histograms."""

from __future__ import annotations

import re

import polars as pl
import pytest

from causal_iqa.audit.card.histograms import (
    LEFT,
    LETTERS,
    NAMED,
    RIGHT,
    TALLEST,
    WIDTH,
    by_group,
    by_severity,
)
from causal_iqa.audit.card.parts_of_set import Group
from causal_iqa.audit.card.quality import drawn

TWO_BINS = {"title": "Q", "axis": "Q", "median_quantile": 0.5, "edges": [0.0, 1.0, 2.0]}
"""What a figure needs of a score beside its counts."""


def test_a_figure_draws_each_bin_at_its_height_and_place() -> None:
    quality = {
        **TWO_BINS,
        "set": [1, 1],
        "reference": [3, 1],
        "severities": {"3": [1, 3]},
    }
    figure = by_severity(quality)
    first, second = figure["rows"]
    assert [first["label"], second["label"]] == ["clean", "severity 3"]
    middle, right = (LEFT + WIDTH - RIGHT) / 2, WIDTH - RIGHT
    for row, path, shares in (
        (first, "fill", (1, 1 / 3)),
        (first, "line", (2 / 3, 2 / 3)),
        (second, "fill", (1 / 3, 1)),
        (second, "line", (2 / 3, 2 / 3)),
    ):
        numbers = [float(part) for part in re.findall(r"[\d.]+", row[path])]
        tops = [row["y"] - TALLEST * share for share in shares]
        wanted = [LEFT, row["y"], tops[0], middle, tops[1], right, row["y"]]
        assert numbers == pytest.approx(wanted, abs=0.06)
    assert {tick["text"]: tick["x"] for tick in figure["ticks"]}["1"] == f"{middle:.1f}"


def test_a_row_of_a_groups_figure_is_the_group_over_the_clean_pictures() -> None:
    long = "holiday pictures of the year 2019/beach"
    quality = {
        **TWO_BINS,
        "set": [9, 9],
        "reference": [3, 1],
        "severities": {"3": [1, 3]},
        "groups": [
            {"kind": "folder", "name": "", "n": 40, "counts": [0, 40]},
            {"kind": "predicted", "name": "dog", "n": 1, "counts": [1, 0]},
            {"kind": "folder", "name": long, "n": 30, "counts": [15, 15]},
        ],
    }
    top, other = by_group(quality, "folder")["rows"]
    assert (top["label"], top["name"], top["below"]) == ("(top)", "(top)", "n = 40")
    assert (other["name"], other["below"]) == (long, "n = 30")
    assert other["label"] == "holiday…9/beach" and len(other["label"]) <= LETTERS
    middle, right = (NAMED + WIDTH - RIGHT) / 2, WIDTH - RIGHT
    for row, path, shares in (
        (top, "fill", (3 / 4, 1 / 4)),
        (top, "line", (0, 1)),
        (other, "fill", (3 / 4, 1 / 4)),
        (other, "line", (1 / 2, 1 / 2)),
    ):
        numbers = [float(part) for part in re.findall(r"[\d.]+", row[path])]
        tops = [row["y"] - TALLEST * share for share in shares]
        wanted = [NAMED, row["y"], tops[0], middle, tops[1], right, row["y"]]
        assert numbers == pytest.approx(wanted, abs=0.06)


def test_a_group_of_few_pictures_is_not_drawn() -> None:
    quality = {
        **TWO_BINS,
        "reference": [1, 1],
        "groups": [
            {"kind": "folder", "name": "few", "n": 29, "counts": [29, 0]},
            {"kind": "folder", "name": "many", "n": 30, "counts": [15, 15]},
        ],
    }
    (many,) = by_group(quality, "folder")["rows"]
    assert many["name"] == "many"
    assert many["line"].startswith(f"M{NAMED} {many['y']}V{many['y'] - TALLEST:.1f}H")


def test_of_many_groups_the_largest_are_drawn_in_their_order() -> None:
    sizes = [5, 1, 7, 7, 2, 9, 9, 9, 9, 9, 9, 9]
    groups = [Group("folder", f"{k:02}", pl.DataFrame({"x": [0] * n})) for k, n in enumerate(sizes)]
    groups.append(Group("predicted", "rare", pl.DataFrame({"x": [0]})))
    assert [group.name for group in drawn(groups)] == [
        *("00", "02", "03", "05", "06", "07", "08", "09", "10", "11"),
        "rare",
    ]
