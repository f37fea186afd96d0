"""The paper's scatter figures: who stands in for whom, and what is drawn; the full matrix."""

from __future__ import annotations

import polars as pl
import pytest

from causal_iqa.analyses.matrix.figure import matrix_figure
from causal_iqa.analyses.paper_scatters.compute import run
from causal_iqa.analyses.paper_scatters.figure import draw, on_page
from causal_iqa.analyses.paper_scatters.plans import (
    PLANS,
    figures_at_hand,
    paper_figure_paths,
    stand_ins,
)
from causal_iqa.analyses.paper_scatters.schema import PAPER_FIGURES
from causal_iqa.analyses.registry import Job, Look, Settings
from causal_iqa.core.columns import SCORERS
from causal_iqa.core.contract import Results, read_table
from causal_iqa.report.scorer_words import scorers_by_name

NETS = {"a": "classifier", "b": "classifier", "c": "classifier"}


def test_scorers_stand_in_by_their_order() -> None:
    kinds = {"m": "metric", **NETS, "d": "classifier", "z": "zero_shot"}
    assert stand_ins(kinds) == {
        "ConvNext-B": "a",
        "Swin-B": "b",
        "ResNet34": "c",
        "CLIP-IQA": "m",
        "ZSCLIP": "z",
    }
    assert figures_at_hand(kinds) == list(PLANS)


def test_a_scorer_of_the_papers_name_is_itself() -> None:
    kinds = {"mine": "classifier", "resnet34": "classifier", "convnext_base": "classifier"}
    assert stand_ins(kinds) == {
        "ConvNext-B": "convnext_base",
        "Swin-B": "mine",
        "ResNet34": "resnet34",
    }
    metrics = {"niqe": "metric", "tv": "metric", "brisque": "metric"}
    assert stand_ins(metrics) == {"CLIP-IQA": "niqe", "BRISQUE": "brisque", "TV": "tv"}


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ({"a": "classifier"}, []),
        ({"a": "classifier", "m": "metric"}, [3, 11]),
        ({"a": "classifier", "b": "classifier"}, [5, 14, 15]),
        (NETS, [5, 14, 15, 16]),
        ({"a": "classifier", "z": "zero_shot", "f": "fr_metric"}, [6, 17]),
    ],
)
def test_only_figures_with_something_to_show_are_drawn(kinds: dict, expected: list) -> None:
    assert figures_at_hand(kinds) == expected
    assert len(paper_figure_paths(kinds)) == 2 * len(expected)


def test_cells_hold_the_numbers_of_the_tables() -> None:
    facts = pl.DataFrame(
        {
            "scorer": ["net", "sharp"],
            "kind": ["classifier", "metric"],
            "lower_better": [False, None],
            "trained_on_labels": [True, False],
            "weights_group": ["w", None],
            "synthetic": [False, False],
            "title": ["Net", "Sharp"],
            "value_range": [None, "0 to 1"],
        }
    )
    pairs = pl.DataFrame(
        {
            "family": ["nr_iqa", "nr_iqa", "strong"],
            "task_model": ["net"] * 3,
            "quality_source": ["sharp", "sharp", "net"],
            "quality_variant": ["score", "score", "entropy"],
            "solver": ["converged", "sklearn", "converged"],
            "circular": [False, False, True],
            "auc": [0.61, 0.3, None],
            "srcc": [-0.42, -0.42, -0.97],
            "srcc_corr_lo": [-0.6, -0.6, -0.99],
            "srcc_corr_hi": [-0.2, -0.2, -0.9],
            **{"n_test": [300] * 3, "n_groups": [75] * 3},
        }
    )
    figure = matrix_figure(pairs, scorers_by_name(facts), 15)
    auc, srcc = ([text.get_text() for text in axes.texts] for axes in figure.axes)
    assert [text for text in auc if text[0] in "0–"] == ["0.61", "–"]
    # A sign against the score's own scale is marked; entropy is better the lower it is.
    assert [text for text in srcc if text[0] in "+−–"] == ["−0.42", "−0.97‡"]
    names = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert names == ["Sharp", "Net, entropy ↓"]
    (key,) = figure.legends
    assert "(4 pictures: too few to tell)" in key.get_title().get_text().replace("\n", " ")


@pytest.mark.parametrize(
    ("lower", "interval", "reversed_here"),
    [
        (True, (0.2, 0.6), True),
        (True, (-0.6, -0.2), False),
        (True, (-0.1, 0.9), False),
        (False, (-0.6, -0.2), True),
        (False, (0.2, 0.6), False),
        (None, (-0.6, -0.2), False),
    ],
)
def test_the_matrix_shows_a_reversed_metric_as_reversed(
    lower: bool | None, interval: tuple[float, float], reversed_here: bool
) -> None:
    value = sum(interval) / 2
    facts = [
        ("net", "classifier", False, True, "w", False, "Net", None),
        ("sharp", "metric", lower, False, None, False, "Sharp", None),
    ]
    pairs = pl.DataFrame(
        {
            **{"family": ["nr_iqa"], "task_model": ["net"], "quality_source": ["sharp"]},
            **{"quality_variant": ["score"], "solver": ["converged"], "circular": [False]},
            **{"auc": [0.61], "srcc": [value], "n_test": [300], "n_groups": [75]},
            **{"srcc_corr_lo": [interval[0]], "srcc_corr_hi": [interval[1]]},
        }
    )
    frame = pl.DataFrame(facts, schema=SCORERS, orient="row")
    _, srcc = matrix_figure(pairs, scorers_by_name(frame), 15).axes
    assert srcc.texts[0].get_text().endswith("⇄") == reversed_here
    few = matrix_figure(pairs, scorers_by_name(frame), 3)
    assert not few.axes[1].texts[0].get_text().endswith("⇄")
    note = few.legends[0].get_title().get_text().replace("\n", " ")
    assert "75 conditions of 3 corruptions: too few to tell" in note
    red, _, blue, _ = srcc.patches[0].get_facecolor()
    assert (blue > red) == (value > 0)


def test_every_figure_at_hand_is_drawn_and_captioned(world: Results) -> None:
    job = Job("paper_scatters", world, Settings())
    run(job)
    draw(job, Look("white", 40))
    figures = read_table(world.table("paper_figures"), PAPER_FIGURES)
    kinds = dict(read_table(world.scorers, SCORERS).select("scorer", "kind").iter_rows())
    assert figures["number"].to_list() == list(PLANS)
    drawn = figures.filter(pl.col("file") != "")
    assert drawn["number"].to_list() == figures_at_hand(kinds)
    assert all((world.root / file).is_file() for file in paper_figure_paths(kinds))
    assert set(figures.filter(pl.col("file") == "")["reason"]) <= {""}
    assert all("A point is a mean over 20 pictures." in words.caption for words in on_page(job))
    third = figures.row(by_predicate=pl.col("number") == 3, named=True)
    assert "BRISQUE" in third["caption"] or "for CLIP-IQA" in third["stands_in"]
