"""paper.html: every table and figure of the paper under its number, for the scorers at hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import polars as pl

from causal_iqa.analyses.dags.schema import DAG_CLAIMS
from causal_iqa.analyses.paper_scatters.schema import PAPER_FIGURES
from causal_iqa.core.columns import SCORERS
from causal_iqa.core.contract import Results, atomic, read_table
from causal_iqa.report.page import TEMPLATES
from causal_iqa.report.page_figures import data_uri
from causal_iqa.report.page_tables import cell_lines
from causal_iqa.report.paper_findings import audited, printed
from causal_iqa.report.reading import Findings, read_findings, read_pair_table
from causal_iqa.report.tables import PAIR_NOTES, pairs_rendering, render_words
from causal_iqa.report.text_tables import Rendering

LONG = 60
"""Rows above which a table is folded."""


class Figure(NamedTuple):
    """A figure on the page: ``anchor`` to link to, the paper's ``number`` or ''."""

    anchor: str
    number: str
    uri: str
    caption: str


def write_paper_page(results: Results, reference: Path) -> None:
    """Write ``paper.html`` from the tables and figures of the target ``paper``.

    reference: ``resources/published_tables.csv``. Raises ContractError for a table, UserError for
    a figure that is absent.
    """
    findings = read_findings(results)
    facts = read_table(results.scorers, SCORERS)
    scatters, lacking = _scatters(results)
    graphs = _graphs(results)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    html = environment.get_template("paper.html.j2").render(
        experiment=results.root.name,
        pictures=findings.pictures,
        synthetic=bool(facts["synthetic"].any()),
        index=_index(scatters, lacking, graphs),
        pooled=_pooled(results, findings),
        pair_notes=PAIR_NOTES,
        further=_further(results),
        scatters=scatters,
        graphs=graphs,
        figures=_figures(results),
        printed=printed(reference),
        audited=audited(results.table("solver_audit")),
    )
    with atomic(results.root / "paper.html") as temporary:
        temporary.write_text(html, encoding="utf-8")


def _pooled(results: Results, findings: Findings) -> dict[str, dict[str, Any]]:
    """Tables 1 to 6 and the full-reference metrics, by their place on the page."""
    strong = _converged(results, "strong")
    itself = pl.col("task_model") == pl.col("quality_source")
    titles = {
        "table1": ("Table 1: no-reference metrics", _converged(results, "nr_iqa")),
        "table2": ("Table 2: each network's own confidence", strong.filter(itself)),
        "table3": (
            "Table 3: zero-shot dual encoder (weak guidance)",
            _converged(results, "weak"),
        ),
        "table4": ("Tables 4, 5, 6: every network's confidence (strong guidance)", strong),
    }
    if results.table("fr_iqa").is_file() and "fr_metric" in findings.scorers["kind"]:
        titles["fr_iqa"] = ("Appendix A: full-reference metrics", _converged(results, "fr_iqa"))
    found = {}
    for anchor, (title, frame) in titles.items():
        table = pairs_rendering(frame, title)
        found[anchor] = _html(anchor, table._replace(notes=table.notes[len(PAIR_NOTES) :]), "")
    return found


def _converged(results: Results, table: str) -> pl.DataFrame:
    """A pooled table's converged fits; what scikit-learn's defaults give stands in the audit."""
    return read_pair_table(results.table(table)).filter(solver="converged")


def _further(results: Results) -> dict[str, dict[str, Any]]:
    names = (
        *("label", "content_image", "content_label", "mixtures_mean", "dag_claims"),
        *("associations", "desiderata", "desiderata_sensitivity", "published", "solver_audit"),
        *("claims", "accuracy_beyond"),
    )
    return {name: _html(name, render_words(results.table(name)), name) for name in names}


def _html(anchor: str, table: Rendering, csv: str) -> dict[str, Any]:
    """A table for the template; csv: the file's name where it is one of its own."""
    rows = [
        [
            (cell_lines(cell) if numeric else [cell], numeric)
            for cell, numeric in zip(row, table.numeric, strict=True)
        ]
        for row in table.rows
    ]
    return {
        "id": anchor,
        "title": table.title,
        "headers": list(zip(table.headers, table.numeric, strict=True)),
        "rows": rows,
        "notes": table.notes,
        "folded": len(rows) > LONG,
        "csv": csv,
    }


def _scatters(results: Results) -> tuple[list[Figure], dict[str, str]]:
    """The scatter figures, and for each number that is missing the reason."""
    drawn, lacking = [], {}
    for row in read_table(results.table("paper_figures"), PAPER_FIGURES).iter_rows(named=True):
        number = str(row["number"])
        if not row["file"]:
            lacking[number] = row["reason"]
            continue
        stands = f" Stands in: {row['stands_in']}." if row["stands_in"] else ""
        caption = f"{row['caption']}{stands}"
        drawn.append(Figure(f"fig{number}", number, data_uri(results.root / row["file"]), caption))
    return drawn, lacking


def _graphs(results: Results) -> list[Figure]:
    """The drawings of the causal graphs that have claims, in the order of the figures."""
    claims = read_table(results.table("dag_claims"), DAG_CLAIMS)
    graphs = []
    for (dag, number, reading), rows in claims.group_by(
        "dag", "figure", "reading", maintain_order=True
    ):
        agree = int(rows["agree"].sum())
        read = f" Reading: {reading}." if reading else ""
        caption = f"{agree} of the {rows.height} claims agree with the graph.{read}"
        uri = data_uri(results.figures / "dags" / f"{dag}.svg")
        graphs.append(Figure(str(dag), str(number), uri, caption))
    return graphs


def _figures(results: Results) -> dict[str, str]:
    names = (
        *("matrix", "content_image", "content_label", "mixture_auc"),
        *("mixture_density", "mixture_density_strong", "desiderata", "accuracy_beyond"),
    )
    return {name: data_uri(results.figures / f"{name}.svg") for name in names}


def _index(
    scatters: list[Figure], lacking: dict[str, str], graphs: list[Figure]
) -> list[dict[str, Any]]:
    """Tables 1 to 6 and Figures 1 to 22: what they are, a link or the reason why there is none."""
    places: dict[str, tuple[str, str]] = {
        **{figure.number: ("accuracy against mean quality", figure.anchor) for figure in scatters},
        **{number: (f"not drawn: {reason}", "") for number, reason in lacking.items()},
        "20": ("content held fixed", "content"),
        "21": ("quality by share of corrupted pictures", "fig21"),
        "22": ("AUC by share of corrupted pictures", "fig22"),
    }
    for graph in reversed(graphs):
        places[graph.number] = ("causal graph", graph.anchor)
    tables = {
        "1": ("no-reference metrics", "table1"),
        "2": ("each network's own confidence", "table2"),
        "3": ("zero-shot dual encoder", "table3"),
        **{f"{n}": ("every network's confidence", "table4") for n in (4, 5, 6)},
    }
    entries = [(f"Table {n}", *tables[n]) for n in tables]
    absent = ("no such graph is configured", "")
    entries += [(f"Figure {n}", *places.get(f"{n}", absent)) for n in range(1, 23)]
    return [{"name": name, "what": what, "anchor": anchor} for name, what, anchor in entries]
