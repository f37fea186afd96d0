"""Markdown and LaTeX renderings hold every row, escaped, and say what cannot be estimated."""

import re
import shutil
from pathlib import Path

import polars as pl
import pytest
import report_world

from causal_iqa.core.contract import ContractError, Results
from causal_iqa.core.kinds import TABLE_KINDS
from causal_iqa.report.cells import estimate, number, p_value
from causal_iqa.report.rendering import write_renderings
from causal_iqa.report.text_tables import Rendering, latex, markdown


@pytest.fixture
def tables(world: Results, tmp_path: Path) -> Path:
    """A copy of the world's tables, rendered."""
    shutil.copytree(world.root / "tables", tmp_path / "tables")
    for csv in (tmp_path / "tables").glob("*.csv"):
        write_renderings(csv)
    return tmp_path / "tables"


def markdown_cells(path: Path) -> list[list[str]]:
    """The body of a Markdown table, cell by cell, unescaped."""
    lines = [line for line in path.read_text().splitlines() if line.startswith("| ")]
    cells = [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines[2:]]
    return [[re.sub(r"\\(.)", r"\1", cell).strip() for cell in row] for row in cells]


@pytest.mark.parametrize("family", TABLE_KINDS)
def test_every_row_stands_in_both_renderings(tables: Path, family: str) -> None:
    frame = pl.read_csv(tables / f"{family}.csv")
    cells = markdown_cells(tables / f"{family}.md")
    assert [row[0] for row in cells] == frame["task_model"].to_list()
    body = (tables / f"{family}.tex").read_text().split(r"\endfoot")[1].split(r"\midrule")[0]
    assert body.count(r" \\") == frame.height
    width = {len(row) for row in cells}
    assert len(width) == 1
    assert {line.count("&") + 1 for line in body.strip().splitlines()} == width


def test_a_cell_holds_estimate_interval_and_p(tables: Path) -> None:
    row = pl.read_csv(tables / "weak.csv").row(0, named=True)
    cells = markdown_cells(tables / "weak.md")[0]
    low, high = row["auc_cluster_lo"], row["auc_cluster_hi"]
    assert cells[3] == f"{row['auc']:.3f} [{low:.3f}, {high:.3f}]"
    assert cells[5] == "0.600 [0.410, 0.790], p < 0.001"


def test_what_cannot_be_estimated_says_so_and_why(tables: Path) -> None:
    lost = [row for row in markdown_cells(tables / "nr_iqa.md") if "not estimable" in row]
    assert {(row[0], row[1]) for row in lost} == {("squeezenet1_1", "niqe")}
    assert {row[-1] for row in lost} == {"(1)"}
    assert f"(1) not estimable: {report_world.REASON}" in (
        (tables / "nr_iqa.md").read_text().replace("\\", "")
    )
    assert "not estimable" not in (tables / "strong.md").read_text()


def test_circular_and_self_pairs_are_marked(tables: Path) -> None:
    weak = {tuple(row[:2]) for row in markdown_cells(tables / "weak.md")}
    assert ("efficientnet_lite0", "lite0_minilm\N{NO-BREAK SPACE}†") in weak
    assert ("efficientnet_lite1", "lite0_minilm") in weak
    strong = {tuple(row[:2]) for row in markdown_cells(tables / "strong.md")}
    assert ("squeezenet1_1", "squeezenet1_1\N{NO-BREAK SPACE}‡") in strong
    assert ("squeezenet1_1", "efficientnet_lite0") in strong


def test_accuracy_has_a_line_a_corruption(tables: Path) -> None:
    rows = markdown_cells(tables / "accuracy.md")
    assert len(rows) == 4 * 16
    accuracy = pl.read_csv(tables / "accuracy.csv")
    wanted = accuracy.filter(
        (pl.col("task_model") == "squeezenet1_1")
        & (pl.col("corruption") == "fog")
        & (pl.col("severity") == 3)
    )["accuracy"][0]
    (fog,) = [row for row in rows if row[:2] == ["squeezenet1_1", "fog"]]
    assert fog[2] == ""
    assert fog[5] == f"{100 * wanted:.1f}"


def test_signs_of_the_markup_are_escaped() -> None:
    table = Rendering("50 % & more", ["a_b"], [False], [["x|y_$#{~^\\[<"]], ["* note"])
    assert r"x\|y\_$\#\{\~^\\\[\<" in markdown(table)
    tex = latex(table)
    assert r"50 \% \& more" in tex
    assert r"a\_b" in tex
    assert r"x\textbar{}y\_\$\#\{\textasciitilde{}\textasciicircum{}" in tex
    assert r"\textbackslash{}{[}\textless{}" in tex


def test_minus_signs_of_numbers() -> None:
    rows = [[estimate(-0.5, -0.75, 0.25), "a-1"]]
    table = Rendering("t", ["n", "t"], [True, False], rows, [])
    assert r"| -0.500 \[-0.750, 0.250\] | a-1 |" in markdown(table)
    assert r"$-$0.500 {[}$-$0.750, 0.250{]} & a-1" in latex(table)


def test_latex_compiles(tables: Path) -> None:
    program = shutil.which("pdflatex")
    if program is None:
        pytest.skip("pdflatex is not installed")
    import subprocess

    inputs = "\n".join(rf"\input{{{path.name}}}" for path in sorted(tables.glob("*.tex")))
    paper = tables / "paper.tex"
    paper.write_text(
        r"\documentclass{article}\usepackage[paperwidth=20in,margin=1in]{geometry}"
        r"\usepackage{booktabs,longtable}\begin{document}" + f"\n{inputs}\n" + r"\end{document}"
    )
    command = [program, "-interaction=nonstopmode", "-halt-on-error", paper.name]
    done = subprocess.run(command, cwd=tables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-1500:]


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "strong.csv").write_text("task_model,auc\na,0.5\n")
    with pytest.raises(ContractError, match="quality_source"):
        write_renderings(tmp_path / "strong.csv")


def test_numbers_as_text() -> None:
    assert number(-0.0004) == "0.000"
    assert number(None) == "not estimable"
    assert number(-0.25) == "\N{MINUS SIGN}0.250"
    assert str(estimate(0.5, None, None)) == "0.500"
    interval = estimate(-0.5, -0.75, 0.25)
    assert str(interval).replace("\N{MINUS SIGN}", "-") == "-0.500 [-0.750, 0.250]"
    assert p_value(0.0009) == "p < 0.001"
    assert p_value(0.5) == "p = 0.500"
    assert p_value(None) == ""
