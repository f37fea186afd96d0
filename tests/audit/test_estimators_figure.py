"""The figure of the truth test: a line a method, the best of each family, the table's numbers."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from causal_iqa.analyses.estimators.figure import (
    NR,
    OWN,
    STRONG,
    WEAK,
    estimators_figure,
    lines_of,
    write_estimators_figure,
)
from causal_iqa.analyses.estimators.schema import TRUTH_TEST
from causal_iqa.audit.estimators.registry import FAMILIES
from causal_iqa.core.columns import SCORERS
from causal_iqa.report.drawing.figures import drawing
from causal_iqa.report.scorer_words import scorers_by_name

KINDS = {"one": "classifier", "two": "classifier", "dual": "zero_shot", "sharp": "metric"}
BASELINES = (
    "ac",
    "atc_mc",
    "atc_ne",
    "doc",
    "doc_regression",
    "cot",
    "gde",
    "aline_s",
    "aline_d",
    "agreement_confidence",
)


@pytest.fixture(scope="module")
def scorers() -> pl.DataFrame:
    rows = [(n, kind, False, True, n, False, n.upper(), None) for n, kind in KINDS.items()]
    return pl.DataFrame(rows, schema=SCORERS, orient="row")


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    rows = []
    for model in ("one", "two"):
        keys = [(name, "", "") for name in BASELINES]
        keys += [("logistic", source, v) for source in KINDS for v in ("max_prob", "entropy")]
        for place, (estimator, source, variant) in enumerate(keys):
            had = estimator != "cot"
            rows.append(
                {
                    "task_model": model,
                    "estimator": estimator,
                    "quality_source": source,
                    "quality_variant": variant,
                    **{"n_conditions": 75, "n_corruptions": 15, "n_pictures": 40},
                    "mae": 0.01 * (1 + place) if had else None,
                    "mae_group": 0.02 * (1 + place) if had else None,
                    "coverage": 0.93 if had else None,
                    "mean_width": 0.4 if had else None,
                }
            )
    return pl.DataFrame(rows, schema=TRUTH_TEST)


def test_a_line_is_the_best_of_its_family(table: pl.DataFrame, scorers: pl.DataFrame) -> None:
    lines = lines_of(table.filter(task_model="one"), "one", scorers_by_name(scorers))
    by_name = {line.name: line for line in lines}
    assert len(lines) == len(BASELINES) + 4
    assert by_name["confidence optimal transport"].mae is None
    found = {name: round(100 * (by_name[name].mae or 0)) for name in (OWN, STRONG, WEAK, NR)}
    assert found == {OWN: 11, STRONG: 13, WEAK: 15, NR: 17}


def test_a_further_family_is_drawn(
    table: pl.DataFrame, scorers: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    isotonic = FAMILIES["logistic"]._replace(title="isotonic regression P(M=1|Q)")
    monkeypatch.setitem(FAMILIES, "isotonic", isotonic)
    again = table.filter(estimator="logistic").with_columns(
        estimator=pl.lit("isotonic"), mae=pl.col("mae") / 100
    )
    with drawing("white"):
        figure = estimators_figure(pl.concat([table, again]), scorers)
    axes = figure.axes[0]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert [names.count(name) for name in (OWN, STRONG, WEAK, NR)] == [2] * 4
    titles = [label.get_text() for label in axes.get_yticklabels(minor=True)]
    assert any(title.startswith("Isotonic regression P(M=1|Q)") for title in titles)
    marks = [round(float(line.get_xdata()[0]), 6) for line in axes.lines]
    assert {0.11, 0.13, 0.15, 0.17, 11, 13, 15, 17} <= set(marks)


def test_numbers_stand_beside_their_lines(table: pl.DataFrame, scorers: pl.DataFrame) -> None:
    with drawing("white"):
        figure = estimators_figure(table, scorers)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["ONE", "TWO"]
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts.count("93 %") == texts.count("40") == len(BASELINES) + 3
    assert texts.count("cannot be computed") == 1
    marks = [line.get_xdata()[0] for line in figure.axes[0].lines]
    assert max(marks) < figure.axes[0].get_xlim()[1]


@pytest.mark.parametrize(
    ("corruptions", "pictures", "said"),
    [
        (15, 40, "over 75 conditions; 15 corruptions; 40 pictures."),
        (15, 10, "15 corruptions; 10 pictures: too few to tell."),
        (1, 40, "1 corruption: too few to tell; 40 pictures."),
    ],
)
def test_the_note_says_over_how_many(
    table: pl.DataFrame, scorers: pl.DataFrame, corruptions: int, pictures: int, said: str
) -> None:
    counts = {"n_corruptions": corruptions, "n_pictures": pictures}
    frame = table.with_columns(pl.lit(n, pl.Int32).alias(name) for name, n in counts.items())
    with drawing("white"):
        (key,) = estimators_figure(frame, scorers).legends
    assert said in key.get_title().get_text().replace("\n", " ")


def test_without_intervals_nothing_is_headed_by_them(
    table: pl.DataFrame, scorers: pl.DataFrame
) -> None:
    none = pl.lit(None, pl.Float64)
    with drawing("white"):
        figure = estimators_figure(table.with_columns(coverage=none, mean_width=none), scorers)
    assert "covered" not in [text.get_text() for text in figure.axes[0].texts]


def test_the_same_table_gives_the_same_bytes(
    table: pl.DataFrame, scorers: pl.DataFrame, tmp_path: Path
) -> None:
    first = write_estimators_figure(table, scorers, tmp_path / "a", "white", 80)
    second = write_estimators_figure(table, scorers, tmp_path / "b", "white", 80)
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
