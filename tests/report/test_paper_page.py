"""The paper's tables counted, and the further tables in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from samples import ROOT

from causal_iqa.analyses.registry import shown_tables, words_of
from causal_iqa.analyses.solver_audit.schema import SOLVER_AUDIT
from causal_iqa.core.columns import Columns
from causal_iqa.core.contract import write_table
from causal_iqa.report.cautions import Caution
from causal_iqa.report.html_pages import filled
from causal_iqa.report.paper_findings import audited, printed
from causal_iqa.report.rendering import rendered, write_renderings

PUBLISHED = ROOT / "resources" / "published_tables.csv"


def test_what_the_page_says_of_the_papers_tables_is_so() -> None:
    """The counts of the notes, from the tables as printed."""
    found = printed(PUBLISHED)
    threshold = found.pop("threshold")
    assert found == {
        "self_rows": 18,
        "self_total": 18,
        "same_halves": 126,
        "halves_total": 126,
        "elsewhere_same": 0,
        "elsewhere_total": 42,
        "impossible_srcc": 12,
        "impossible_plcc": 10,
        "nr_rows": 24,
        "below_half": 6,
        "weak_rows": 18,
    }
    assert threshold == pytest.approx(0.2272, abs=1e-4)


def test_a_changed_table_changes_the_counts(tmp_path: Path) -> None:
    tables = pl.read_csv(PUBLISHED)
    first = pl.int_range(pl.len()) == tables["table"].to_list().index(2)
    changed = tables.with_columns(
        auc=pl.when(first).then(0.99).otherwise("auc"),
        srcc=pl.when(pl.col("table") == 1).then(0.5).otherwise("srcc"),
    )
    changed.write_csv(tmp_path / "t.csv")
    found = printed(tmp_path / "t.csv")
    assert (found["self_rows"], found["impossible_srcc"]) == (17, 0)


def row_of(schema: Columns, *, empty: bool) -> dict[str, Any]:
    """A row with a value in every column, or with none where there may be none."""
    values = {pl.String: "text", pl.Boolean: True, pl.Float64: 0.25, pl.Int64: 3, pl.Int32: 3}
    return {
        name: None if empty and name in schema.nullable else values[kind]
        for name, kind in schema.items()
    }


@pytest.mark.parametrize("name", shown_tables())
def test_a_table_of_an_analysis_has_a_cell_per_column(name: str, tmp_path: Path) -> None:
    table = words_of(name)
    rows = [row_of(table.schema, empty=empty) for empty in (False, True)]
    csv = tmp_path / f"{name}.csv"
    write_table(pl.DataFrame(rows, schema=table.schema), csv, table.schema)
    found = rendered(csv)
    assert len(found.headers) == len(found.numeric) == len(set(found.headers))
    assert all(len(cells) == len(found.headers) for cells in found.rows)
    assert not {"None", "nan"} & {cell for cells in found.rows for cell in cells}
    write_renderings(csv)
    lines = csv.with_suffix(".md").read_text().splitlines()
    assert sum(line.startswith("| ") for line in lines) == 2 + len(rows)
    assert r"\begin{longtable}" in csv.with_suffix(".tex").read_text()


@pytest.mark.parametrize("warned", [True, False])
def test_the_warnings_stand_on_the_page(warned: bool) -> None:
    counts = dict.fromkeys(("fits", "unconverged", "wrong_sign"), 0)
    found = [Caution("synthetic", "Synthetic scores", "Made up.", ["BRISQUE"])] if warned else []
    html = filled("paper.html.j2")(
        **{"experiment": "x", "pictures": 3, "answer": "So.", "tested": [("supported", 2)]},
        **{"readings": 2, "cautions": found, "index": [], "sections": []},
        **{"printed": printed(PUBLISHED), "audited": {**counts, "tables": "", "variants": ""}},
    )
    assert ("Made up." in html) == ("synthetic scores" in html) == warned
    assert html.index("2 are supported") < html.index("What is odd in the paper's own tables")


def test_the_audit_counts_only_scikit_learns_fits(tmp_path: Path) -> None:
    base = row_of(SOLVER_AUDIT, empty=False) | {"solver": "sklearn", "table": "weak"}
    rows = [
        base | {"converged": False, "artefact": True, "quality_variant": "entropy"},
        base | {"converged": True, "artefact": False},
        base | {"converged": None, "artefact": None},
        base | {"solver": "converged", "converged": False, "artefact": True},
    ]
    csv = tmp_path / "solver_audit.csv"
    write_table(pl.DataFrame(rows, schema=SOLVER_AUDIT), csv, SOLVER_AUDIT)
    assert audited(csv) == {
        "fits": 2,
        "unconverged": 1,
        "wrong_sign": 1,
        "tables": "weak",
        "variants": "entropy",
    }
