"""Figs. 20, 21 and 22 show what the tables say, and are the same bytes each time."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from causal_iqa.analyses.content.figure import content_figure, on_page, write_content_figures
from causal_iqa.analyses.content.schema import CONTENT
from causal_iqa.analyses.labels.table import TABLES
from causal_iqa.analyses.mixtures.figure import auc_figure, density_figure, write_mixture_figures
from causal_iqa.analyses.mixtures.figure import on_page as mixture_captions
from causal_iqa.analyses.mixtures.schema import MIXTURE_AUC, MIXTURE_DENSITY
from causal_iqa.analyses.registry import Job, Settings
from causal_iqa.core.columns import SCORERS
from causal_iqa.core.contract import Results, write_table
from causal_iqa.report.drawing.figures import drawing, save
from causal_iqa.report.drawing.score_rows import FEW

NAMES = {"net_a": "classifier", "net_b": "classifier", "brisque": "metric", "dual": "zero_shot"}
VARIANTS = {
    "classifier": ("max_prob", "entropy", "max_logit"),
    "zero_shot": ("max_prob", "entropy"),
    "metric": ("score",),
}
SHARES = (0.05, 0.1, 0.2)


@pytest.fixture(scope="module")
def scorers() -> pl.DataFrame:
    """``dual`` shares net_a's weights; of net_b and the metric no group is known."""
    groups = {"net_a": "a", "net_b": None, "dual": "a", "brisque": None}
    rows = [(n, kind, False, True, groups[n], True, n.upper(), None) for n, kind in NAMES.items()]
    return pl.DataFrame(rows, schema=SCORERS, orient="row")


def pairs() -> list[tuple[str, str, str]]:
    return [
        (task, source, variant)
        for task in ("net_a", "net_b")
        for kind in ("metric", "classifier", "zero_shot")
        for source, its in NAMES.items()
        if its == kind
        for variant in VARIANTS[kind]
    ]


@pytest.fixture(scope="module")
def content() -> pl.DataFrame:
    """The first row has no AUC, the second no standard deviation."""
    rows = []
    for place, pair in enumerate(pairs()):
        mean = None if place == 0 else 0.4 + 0.02 * place
        sd = None if place < 2 else 0.1 + 0.001 * place
        rows.append((*pair, mean, sd, sd, mean, sd, 40, 80, 10, ""))
    return pl.DataFrame(rows, schema=CONTENT, orient="row")


@pytest.fixture(scope="module")
def mixtures() -> pl.DataFrame:
    """AUC 0.6 + p_c, 0.02 apart by seed; net_b has none at the second p_c."""
    rows = [
        (
            p_c,
            seed,
            *pair,
            40,
            None if pair[0] == "net_b" and p_c == 0.1 else 0.6 + p_c + 0.02 * seed,
        )
        for p_c in SHARES
        for seed in (0, 1)
        for pair in pairs()
    ]
    return pl.DataFrame([(*row, 0.5, "") for row in rows], schema=MIXTURE_AUC, orient="row")


@pytest.fixture(scope="module")
def density() -> pl.DataFrame:
    """Normal densities around 100 p_c; brisque's is constant at the first p_c."""
    rows: list[tuple] = []
    for _, source, variant in pairs()[: len(pairs()) // 2]:
        for p_c in SHARES:
            if source == "brisque" and p_c == SHARES[0]:
                rows.append((source, variant, p_c, 0, 400, 3.0, None))
                continue
            grid = np.linspace(-5, 30, 50)
            heights = np.exp(-0.5 * (grid - 100 * p_c) ** 2)
            rows += [
                (source, variant, p_c, 0, 400, *point) for point in zip(grid, heights, strict=True)
            ]
    return pl.DataFrame(rows, schema=MIXTURE_DENSITY, orient="row")


def dots(axes: Axes) -> list[Line2D]:
    return [line for line in axes.lines if line.get_marker() == "o"]


def test_content_has_a_dot_and_a_bar_a_row(content: pl.DataFrame, scorers: pl.DataFrame) -> None:
    with drawing("white"):
        figure = content_figure(content, scorers, "pictures")
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["NET_A", "NET_B"]
    for axes, model in zip(figure.axes, ("net_a", "net_b"), strict=True):
        mine = content.filter(task_model=model).drop_nulls("mean_auc")
        assert [dot.get_xdata()[0] for dot in dots(axes)] == mine["mean_auc"].to_list()
        bars = [line.get_xdata() for line in axes.lines[1:] if line.get_marker() == "None"]
        with_sd = mine.drop_nulls("sd_auc")
        ends = with_sd.select(
            lo=pl.col("mean_auc") - pl.col("sd_auc"), hi=pl.col("mean_auc") + pl.col("sd_auc")
        )
        assert np.array(bars) == pytest.approx(ends.to_numpy())
        assert "80 folds of 40 pictures" in [text.get_text() for text in axes.texts]
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts.count("not estimable") == 1


@pytest.mark.parametrize(
    ("n_units", "units", "least", "heading"),
    [
        (20, "pictures", 30, "80 folds of 20 pictures: too few to tell"),
        (1, "labels", 10, "80 folds of 1 label: too few to tell"),
    ],
)
def test_a_mean_over_few_units_is_grey_and_has_no_bar(
    content: pl.DataFrame, scorers: pl.DataFrame, n_units: int, units: str, least: int, heading: str
) -> None:
    few = content.with_columns(n_units=pl.lit(n_units, pl.Int64))
    with drawing("white"):
        figure = content_figure(few, scorers, units)
    for axes in figure.axes:
        assert {dot.get_color() for dot in dots(axes)} == {FEW}
        assert [line for line in axes.lines[1:] if line.get_marker() == "None"] == []
        assert heading in [text.get_text().replace("\n", " ") for text in axes.texts]
    note = figure.legends[0].get_title().get_text().replace("\n", " ")
    assert "deviation" not in note
    assert f"grey, without a bar: fewer than {least} {units}" in note


@pytest.mark.parametrize(
    ("name", "counts", "said"),
    [
        ("content_label", (1, 1), "mean over 1 label; grey"),
        ("content_label", (9, 12), "mean over 9 to 12 labels; bar: one standard"),
        ("content_image", (40, 40), "mean over 40 pictures; bar: one standard"),
    ],
)
def test_the_caption_of_figure_20_says_of_how_many(
    content: pl.DataFrame, tmp_path: Path, name: str, counts: tuple[int, int], said: str
) -> None:
    results = Results(tmp_path)
    first = pl.int_range(pl.len()) == 0
    n_units = pl.when(first).then(counts[0]).otherwise(counts[1]).cast(pl.Int64)
    write_table(content.with_columns(n_units=n_units), results.table(name), CONTENT)
    (shown,) = on_page(Job(name, results, Settings()))
    assert said in shown.caption
    assert ("deviation" in shown.caption) == (max(counts) >= 10)


@pytest.mark.parametrize(
    ("n_units", "cells"),
    [(1, ["0.700", "1 label: too few to tell"]), (12, ["0.700 (0.100)", "12"])],
)
def test_the_label_table_has_no_spread_over_few_labels(n_units: int, cells: list[str]) -> None:
    row = {"mean_auc": 0.7, "sd_auc": 0.1, "mean_ce": 0.5, "sd_ce": 0.1, "n_units": n_units}
    columns = {column.header: column for column in TABLES["label"].columns}
    assert [str(columns[name].cell(row)) for name in ("AUC (sd)", "Labels")] == cells


def test_pairs_that_share_weights_are_hollow(content: pl.DataFrame, scorers: pl.DataFrame) -> None:
    with drawing("white"):
        figure = content_figure(content, scorers, "labels")
    hollow = [
        sum(dot.get_markerfacecolor() == "white" for dot in dots(axes)) for axes in figure.axes
    ]
    assert hollow == [3 + 2, 3]


def test_no_text_is_cut_or_lies_on_another(content: pl.DataFrame, scorers: pl.DataFrame) -> None:
    with drawing("white"):
        figure = content_figure(content, scorers, "pictures")
        figure.canvas.draw()
        texts = [t for axes in figure.axes for t in [*axes.texts, axes.title, axes._left_title]]
        names = [t for minor in (False, True) for t in figure.axes[0].get_yticklabels(minor=minor)]
        assert {"BRISQUE", "No-reference metrics"} <= {name.get_text() for name in names}
        (key,) = figure.legends
        texts += [*names, *figure.axes[0].get_xticklabels(), key.get_title(), *key.get_texts()]
        boxes = [t.get_window_extent() for t in [*texts, *figure.texts] if t.get_text()]
        width, height = figure.get_size_inches() * figure.dpi
        for place, box in enumerate(boxes):
            assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height
            assert not any(box.overlaps(other) for other in boxes[:place])


def test_auc_lines_are_means_and_bands_all_draws(
    mixtures: pl.DataFrame, scorers: pl.DataFrame
) -> None:
    with drawing("white"):
        figure = auc_figure(mixtures, scorers)
    assert len(figure.axes) == 2 * 3
    metric_a, dual_a, strong_a, metric_b, dual_b, strong_b = figure.axes
    assert [len(axes.lines) - 1 for axes in figure.axes] == [1, 2, 2, 1, 2, 2]
    line = metric_a.lines[1]
    assert line.get_xdata() == pytest.approx([5, 10, 20])
    assert line.get_ydata() == pytest.approx([0.66, 0.71, 0.81])
    band = metric_a.collections[0].get_paths()[0].get_extents()
    assert (band.y0, band.y1) == pytest.approx((0.65, 0.82))
    assert np.isnan(np.asarray(metric_b.lines[1].get_ydata(), dtype=float)).tolist() == [
        False,
        True,
        False,
    ]
    styles = [[line.get_linestyle() for line in axes.lines[1:]] for axes in figure.axes]
    assert styles == [["-"], ["--", "--"], ["--", "-"], ["-"], ["-", "-"], ["-", "--"]]
    assert dual_a.get_ylim() == pytest.approx((0.48, 0.84))
    assert dual_a.get_ylim() == strong_b.get_ylim() == dual_b.get_ylim() == strong_a.get_ylim()


def test_a_density_line_a_share_darker_with_it(
    density: pl.DataFrame, scorers: pl.DataFrame
) -> None:
    with drawing("white"):
        figure = density_figure(density, scorers, ("metric", "zero_shot"))
    brisque, first, second, bar = figure.axes
    assert [axes.get_title(loc="left") for axes in figure.axes[:3]] == ["BRISQUE", "DUAL", "DUAL"]
    assert [len(axes.lines) for axes in (brisque, first, second)] == [2, 3, 3]
    assert "1 of 3 constant: no density" in [text.get_text() for text in brisque.texts]
    peaks = [line.get_xdata()[np.argmax(line.get_ydata())] for line in first.lines]
    assert peaks == pytest.approx([5, 10, 20], abs=0.5)
    shades = [sum(line.get_color()[:3]) for line in first.lines]
    assert shades == sorted(shades, reverse=True)
    assert bar.get_ylabel() == "Corrupted pictures p_c, %"


def test_curves_of_few_pictures_are_grey_and_say_so(
    mixtures: pl.DataFrame, density: pl.DataFrame, scorers: pl.DataFrame
) -> None:
    few = pl.lit(4, pl.Int64)
    with drawing("white"):
        areas = auc_figure(mixtures.with_columns(n_pictures=few), scorers)
        curves = density_figure(density.with_columns(n_pictures=few), scorers, ("metric",))
    for axes in (*areas.axes, *curves.axes):
        drawn = [*axes.lines]
        assert {line.get_color() for line in drawn if len(line.get_xdata()) > 2} == {FEW}
    heads = [text.get_text() for axes in areas.axes[:3] for text in axes.texts]
    assert heads == ["4 held-out pictures: too few to tell"] * 3
    assert "4 pictures: too few to tell" in [text.get_text() for text in curves.axes[0].texts]
    assert len(curves.axes) == 1  # no colour bar


def test_the_captions_of_figures_21_and_22_say_of_how_many(
    mixtures: pl.DataFrame, density: pl.DataFrame, tmp_path: Path
) -> None:
    results = Results(tmp_path)
    for n, said in ((4, "(4 {}: too few to tell)"), (60, "of 60 {}")):
        count = pl.lit(n, pl.Int64)
        table = mixtures.with_columns(n_pictures=count)
        write_table(table, results.table("mixtures"), MIXTURE_AUC)
        frame = density.with_columns(n_pictures=count)
        write_table(frame, results.mixture_density, MIXTURE_DENSITY)
        first, strong, areas = mixture_captions(Job("mixtures", results, Settings()))
        assert all(said.format("pictures") in words.caption for words in (first, strong))
        assert said.format("held-out pictures") in areas.caption
        # net_b has no AUC at one share
        assert "mean of those of 2 draws that have an AUC; band: the lowest" in areas.caption


def test_strong_sources_have_their_own_density_figure(
    density: pl.DataFrame, scorers: pl.DataFrame
) -> None:
    with drawing("white"):
        figure = density_figure(density, scorers, ("classifier",))
    assert len(figure.axes) == 2 * 3 + 1


def test_nothing_to_draw_is_no_error(
    content: pl.DataFrame, density: pl.DataFrame, scorers: pl.DataFrame, tmp_path: Path
) -> None:
    with drawing("white"):
        figures = [
            content_figure(content.clear(), scorers, "pictures"),
            density_figure(density.filter(quality_source="brisque"), scorers, ("classifier",)),
        ]
        for place, figure in enumerate(figures):
            assert not figure.axes[0].lines
            assert all(path.is_file() for path in save(figure, tmp_path / f"{place}", 50))


def test_figures_are_the_same_bytes_each_time(
    content: pl.DataFrame,
    mixtures: pl.DataFrame,
    density: pl.DataFrame,
    scorers: pl.DataFrame,
    tmp_path: Path,
) -> None:
    runs = []
    for name in ("a", "b"):
        tables = {"content_image": content, "content_label": content}
        written = write_content_figures(tables, scorers, tmp_path / name, "white", 50)
        written += write_mixture_figures(mixtures, density, scorers, tmp_path / name, "white", 50)
        runs.append(written)
    assert {path.name for path in runs[0]} == {
        f"{name}.{suffix}"
        for name in (
            *("content_image", "content_label"),
            *("mixture_auc", "mixture_density", "mixture_density_strong"),
        )
        for suffix in ("svg", "png")
    }
    for first, second in zip(*runs, strict=True):
        assert first.read_bytes() == second.read_bytes()
