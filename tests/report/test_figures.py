"""Figures show every point of the files, in the right place, and are the same bytes each time."""

import itertools
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import report_world

from causal_iqa.core.columns import INDEX, SCORERS
from causal_iqa.core.conditions import CORRUPTIONS, SEVERITIES
from causal_iqa.core.conditions import GROUPS as CORRUPTION_GROUPS
from causal_iqa.core.contract import ContractError, Results, read_table, write_table
from causal_iqa.core.errors import UserError
from causal_iqa.data.schema import ACCURACY, CONDITION_MEANS
from causal_iqa.report.drawing import palette
from causal_iqa.report.drawing.accuracy import corruption_figure, severity_figure
from causal_iqa.report.drawing.figures import drawing, wrapped
from causal_iqa.report.drawing.grid import picture_grid
from causal_iqa.report.drawing.overview import overview_figure
from causal_iqa.report.drawing.scatter import (
    marker_area,
    read_pair,
    scatter_figure,
    scatter_figures,
)
from causal_iqa.report.drawing.score_rows import place_rows
from causal_iqa.report.findings import read_pairs
from causal_iqa.report.scorer_words import scorers_by_name
from causal_iqa.statistics.shares import wilson_interval


def tables(world: Results) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Groups, scorers and pairs of a world."""
    groups, scorers = read_table(world.groups, CONDITION_MEANS), read_table(world.scorers, SCORERS)
    return groups, scorers, read_pairs(world)


@pytest.mark.parametrize(
    ("source", "panels"), [("brisque", 1), ("efficientnet_lite1", 3), ("lite0_minilm", 5)]
)
def test_a_panel_a_variant_and_a_point_a_condition(
    world: Results, source: str, panels: int
) -> None:
    groups, scorers, pairs = tables(world)
    with drawing("white"):
        figure = scatter_figure(read_pair("squeezenet1_1", source, groups, scorers, pairs))
    assert len(figure.axes) == panels
    for axes in figure.axes:
        drawn = np.vstack([np.asarray(dots.get_offsets()) for dots in axes.collections])
        assert drawn.shape == (76, 2)
        assert "by its own scale" in axes.get_xlabel()
        assert "KRCC" in axes.get_title(loc="left")


def test_points_stand_at_the_files_values(world: Results) -> None:
    groups, scorers, pairs = tables(world)
    with drawing("white"):
        axes = scatter_figure(read_pair("squeezenet1_1", "piqe", groups, scorers, pairs)).axes[0]
    fog = groups.filter(pl.col("corruption") == "fog").sort("severity")
    quality = fog.filter(pl.col("scorer") == "piqe")["mean"]
    accuracy = fog.filter(
        (pl.col("scorer") == "squeezenet1_1") & (pl.col("variant") == "accuracy")
    )["mean"]
    wanted = np.column_stack([quality, accuracy * 100])
    sizes = [marker_area(severity) for severity in SEVERITIES]
    found = [
        dots
        for dots in axes.collections
        if np.asarray(dots.get_offsets()).shape == wanted.shape
        and np.allclose(dots.get_offsets(), wanted)
    ]
    assert len(found) == 1
    assert np.allclose(found[0].get_sizes(), sizes)
    assert np.allclose(found[0].get_facecolor()[0, :3], palette.colour("fog"))


@pytest.mark.parametrize(
    ("source", "variant", "interval", "said"),
    [
        ("brisque", "score", (0.2, 0.6), "here accuracy rises with it"),
        ("brisque", "score", (-0.1, 0.6), ""),
        ("brisque", "score", (-0.6, -0.2), ""),
        ("tv", "score", (0.2, 0.6), ""),
        ("efficientnet_lite1", "max_prob", (-0.6, -0.2), "here accuracy falls with it"),
        ("efficientnet_lite1", "entropy", (0.2, 0.6), "here accuracy rises with it"),
    ],
)
def test_an_axis_says_where_accuracy_goes_against_its_own_scale(
    world: Results, source: str, variant: str, interval: tuple[float, float], said: str
) -> None:
    groups, scorers, pairs = tables(world)
    pairs = pairs.with_columns(krcc_corr_lo=interval[0], krcc_corr_hi=interval[1])
    pair = read_pair("squeezenet1_1", source, groups, scorers, pairs)
    with drawing("white"):
        axes = scatter_figure(pair).axes[list(pair.krcc).index(variant)]
    own = "no better direction" if source == "tv" else "by its own scale"
    assert own in axes.get_xlabel()
    assert axes.get_xlabel().endswith(f",\n{said}" if said else ("better", "defined"))


def test_few_corruptions_give_no_interval_and_no_direction(world: Results) -> None:
    groups, scorers, pairs = tables(world)
    groups = groups.filter(pl.col("corruption").is_in(["clean", "fog", "snow"]))
    pairs = pairs.with_columns(krcc_corr_lo=0.2, krcc_corr_hi=0.6)
    with drawing("white"):
        figure = scatter_figure(read_pair("squeezenet1_1", "piqe", groups, scorers, pairs))
    title = figure.axes[0].get_title(loc="left").replace("\n", " ")
    assert "2 corruptions: too few to tell" in title and "[" not in title
    assert "here" not in figure.axes[0].get_xlabel()


def test_a_scatter_says_over_how_many_pictures_its_means_are(world: Results) -> None:
    groups, scorers, pairs = tables(world)
    with drawing("white"):
        figure = scatter_figure(read_pair("squeezenet1_1", "piqe", groups, scorers, pairs))
    assert figure.axes[0].get_ylabel() == "Accuracy, % of 20 pictures"


def test_ticks_are_whole_numbers_even_where_quality_hardly_varies(world: Results) -> None:
    groups, scorers, pairs = tables(world)
    groups = groups.with_columns(
        mean=pl.when(pl.col("variant") == "entropy")
        .then(6.9077 + 1e-5 * pl.col("mean"))
        .otherwise(pl.col("mean"))
    )
    with drawing("white"):
        figure = scatter_figure(read_pair("squeezenet1_1", "lite0_minilm", groups, scorers, pairs))
        figure.canvas.draw()
    assert [axes.xaxis.get_offset_text().get_text() for axes in figure.axes] == [""] * 5


def test_a_figure_is_the_same_bytes_each_time(world: Results, tmp_path: Path) -> None:
    _, scorers, pairs = tables(world)
    groups = read_table(world.groups, CONDITION_MEANS)
    few = pairs.filter(pl.col("quality_source") == "efficientnet_lite0")
    runs = [
        scatter_figures("squeezenet1_1", groups, scorers, few, tmp_path / name, "ticks", 60)
        for name in ("a", "b")
    ]
    assert [path.suffix for path in runs[0]] == [".svg", ".png"]
    for first, second in zip(*runs, strict=True):
        assert first.read_bytes() == second.read_bytes()
        assert first.stat().st_size < 150_000
    assert (tmp_path / "a" / "squeezenet1_1" / "efficientnet_lite0.svg") in runs[0]


def test_no_two_corruptions_look_alike() -> None:
    looks = {(palette.marker(name), palette.colour(name)) for name in CORRUPTIONS}
    assert len(looks) == len(CORRUPTIONS)
    for members in CORRUPTION_GROUPS.values():
        assert len({palette.marker(name) for name in members}) == len(members)


def test_overview_has_an_interval_a_fit(world: Results) -> None:
    _, scorers, pairs = tables(world)
    with drawing("white"):
        figure = overview_figure(pairs, scorers)
    fits = pairs.filter(pl.col("solver") == "converged")
    assert len(figure.axes) == 4
    for axes, model in zip(figure.axes, report_world.CLASSIFIERS, strict=True):
        mine = fits.filter((pl.col("task_model") == model) & pl.col("auc").is_not_null())
        dots = [line for line in axes.lines if line.get_marker() == "o"]
        assert sorted(float(dot.get_xdata()[0]) for dot in dots) == pytest.approx(
            mine["auc"].sort().to_list()
        )
        hollow = [dot for dot in dots if dot.get_markerfacecolor() == "white"]
        assert len(hollow) == mine["circular"].sum()
    assert any(text.get_text() == "not estimable" for text in figure.axes[3].texts)


def some_networks(world: Results, networks: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Pairs and scorers of so many networks of long names, metrics alone."""
    _, scorers, pairs = tables(world)
    one = pairs.filter(family="nr_iqa", task_model="squeezenet1_1")
    row = scorers.filter(scorer="squeezenet1_1")
    names = [f"net{k}" for k in range(networks)]
    title = "convnext_base.fb_in22k_ft_in1k (timm, ImageNet-22k, then 1k)"
    return (
        pl.concat(one.with_columns(task_model=pl.lit(name)) for name in names),
        pl.concat(
            [
                scorers.filter(kind="metric"),
                *(row.with_columns(scorer=pl.lit(n), title=pl.lit(title)) for n in names),
            ]
        ),
    )


@pytest.mark.parametrize("networks", [1, 2, 12])
def test_overview_cuts_no_name_and_lays_none_on_another(world: Results, networks: int) -> None:
    with drawing("white"):
        figure = overview_figure(*some_networks(world, networks))
        figure.canvas.draw()
    titles = [axes._left_title.get_window_extent() for axes in figure.axes]
    width, height = figure.get_size_inches() * figure.dpi
    assert all(box.x0 >= 0 and box.x1 <= width and box.y1 <= height for box in titles)
    assert not any(a.overlaps(b) for a, b in itertools.pairwise(titles))
    assert width <= 18 * figure.dpi
    (key,) = figure.legends
    for text in (key.get_title(), *key.get_texts()):
        assert text.get_window_extent().x1 <= width


def test_lines_are_broken_by_their_measured_width() -> None:
    with drawing("white"):
        narrow = wrapped("wwww wwww iiii iiii half-way\nnext", 0.62, size=8)
        assert wrapped("all of it", 9) == "all of it"
        assert wrapped("net_1.1 net_1.1", 0.62, size=8) == "net_1.1\nnet_1.1"
        assert wrapped("wwww_wwww.wwww", 0.62, size=8) == "wwww_\nwwww.\nwwww"
    assert narrow.split("\n") == ["wwww", "wwww iiii", "iiii half-", "way", "next"]


@pytest.mark.parametrize(
    ("pictures", "words"), [(20, "4 pictures: too few to tell"), (1000, "200 held-out")]
)
def test_overview_says_of_how_many_pictures(tmp_path: Path, pictures: int, words: str) -> None:
    made = Results(report_world.write_world(tmp_path, pictures=pictures))
    _, scorers, pairs = tables(made)
    with drawing("white"):
        (key,) = overview_figure(pairs, scorers).legends
    assert words in key.get_title().get_text()


def test_overview_rows_stand_apart(world: Results) -> None:
    _, scorers, pairs = tables(world)
    rows = place_rows(pairs, scorers_by_name(scorers))
    assert rows.height == 4 + 4 * 3 + 5
    assert (rows["y"].diff().drop_nulls() >= 1).all()


def test_accuracy_lines_and_cells(world: Results) -> None:
    accuracy = read_table(world.table("accuracy"), ACCURACY)
    scorers = read_table(world.scorers, SCORERS)
    with drawing("white"):
        figure = severity_figure(accuracy, scorers)
        maps = corruption_figure(accuracy, scorers)
    lines, bars = figure.axes[0].lines, figure.axes[0].collections
    assert len(lines) == len(bars) == 4
    mine = accuracy.filter(pl.col("task_model") == "efficientnet_lite0")
    at_five = mine.filter(pl.col("severity") == 5)["accuracy"].mean()
    assert lines[0].get_ydata()[5] == pytest.approx(100 * at_five)  # type: ignore[operator]
    interval = bars[0].get_segments()[5][:, 1]  # type: ignore[attr-defined]
    assert interval == pytest.approx(100 * np.array(wilson_interval(at_five, 20)))  # type: ignore[arg-type]
    width = 100 * np.diff(wilson_interval(0.5, 20))[0]
    assert f"up to {width:.0f} points wide" in maps.legends[-1].get_title().get_text().replace(
        "\n", " "
    )
    for drawn in (figure, maps):
        assert "20 pictures: too few to tell" in drawn.legends[-1].get_title().get_text()
    assert [len(axes.texts) for axes in maps.axes] == [75] * 4
    cells = {text.get_position(): text.get_text() for text in maps.axes[0].texts}
    fog = mine.filter(corruption="fog", severity=3)["accuracy"][0]
    at = 2, [label.get_text() for label in maps.axes[0].get_yticklabels()].index("fog")
    assert cells[at] == f"{100 * fog:.0f}"


def test_grid_shows_the_conditions_pictures(tmp_path: Path) -> None:
    conditions = report_world.write_conditions(tmp_path / "conditions", ["a", "b"])
    target = tmp_path / "grid.jpg"
    picture_grid(conditions, "b", ("fog", "snow"), (1, 5), target)
    width, height = report_world.jpeg_size(target.read_bytes())
    assert (width, height) == (150 + 3 * 132, 26 + 2 * 132)
    levels = report_world.grey_levels(target, x=[160, 292, 424], y=36)
    assert levels == pytest.approx([235, 195, 35], abs=4)


def test_grid_shows_no_other_condition(tmp_path: Path) -> None:
    conditions = report_world.write_conditions(tmp_path / "conditions", ["a"])
    index = conditions / "snow" / "1.index.parquet"
    write_table(read_table(index, INDEX), index, INDEX, {"condition": "fog/1"})
    with pytest.raises(UserError, match=r"snow/1\.tar holds another condition, fog/1"):
        picture_grid(conditions, "a", ("fog", "snow"), (1, 5), tmp_path / "grid.jpg")


def test_grid_names_what_is_absent(tmp_path: Path) -> None:
    conditions = report_world.write_conditions(tmp_path / "conditions", ["cat1"])
    with pytest.raises(UserError, match=r"holds no picture 'cat2'; did you mean 'cat1'"):
        picture_grid(conditions, "cat2", ("fog",), (1,), tmp_path / "grid.jpg")
    with pytest.raises(ContractError):
        picture_grid(tmp_path, "cat1", ("fog",), (1,), tmp_path / "grid.jpg")
