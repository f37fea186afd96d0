"""paper.html: every table and figure of the paper under its number, for the scorers at hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from causal_iqa.analyses.claims.schema import CLAIMS
from causal_iqa.analyses.paper_scatters.schema import PAPER_FIGURES
from causal_iqa.analyses.registry import Analysis, Job, Settings, analyses
from causal_iqa.core.contract import Results, atomic, read_table
from causal_iqa.core.kinds import Kind
from causal_iqa.report.answer import in_a_sentence
from causal_iqa.report.cautions import cautions
from causal_iqa.report.figure_words import FigureWords
from causal_iqa.report.findings import Findings, read_findings, read_pair_table
from causal_iqa.report.html_pages import filled
from causal_iqa.report.page_figures import PageFigure, page_figure
from causal_iqa.report.page_tables import PageTable, pair_table, words_table
from causal_iqa.report.paper_findings import audited, printed
from causal_iqa.report.paper_sections import SECTIONS, Section
from causal_iqa.report.rendering import PAIR_NOTES
from causal_iqa.report.scorer_words import ScorerWords, scorers_by_name


class Block(NamedTuple):
    """A figure with its words, a table, or a link (its words, and the file) in a table's place."""

    words: FigureWords | None = None
    figure: PageFigure | None = None
    table: PageTable | None = None
    link: str = ""
    csv: str = ""


class Blocks(NamedTuple):
    """What stands in a section: notes, then figures, tables and links in their order."""

    notes: Sequence[str]
    shown: list[Block]


def write_paper_page(results: Results, reference: Path) -> None:
    """Write ``paper.html`` from the tables and figures of the target ``paper``.

    reference: ``resources/published_tables.csv``. Raises ContractError for a table, UserError for
    a figure that is absent.
    """
    findings = read_findings(results)
    scorers = scorers_by_name(findings.scorers)
    sections = _sections(results, _pooled(results, findings, scorers), scorers)
    html = filled("paper.html.j2")(
        experiment=results.root.name,
        pictures=findings.pictures,
        answer=in_a_sentence(findings.pairs, findings.pictures),
        tested=(tested := _tested(results)),
        readings=sum(count for _, count in tested),
        cautions=cautions(findings, scorers),
        index=_index(results, sections),
        sections=sections,
        printed=printed(reference),
        audited=audited(results.table("solver_audit")),
    )
    with atomic(results.root / "paper.html") as temporary:
        temporary.write_text(html, encoding="utf-8")


def _sections(
    results: Results, pooled: list[PageTable], scorers: Mapping[str, ScorerWords]
) -> list[tuple[Section, Blocks]]:
    """The sections with what stands in them: what analyses name them for.

    An analysis whose section is not among ``SECTIONS`` has one of its own at the end.
    """
    # Stable: of equal order, the folders stay in their alphabetical one.
    placed = sorted((one for one in analyses().values() if one.section), key=lambda one: one.order)
    known = [section.id for section in SECTIONS]
    own = [
        Section(one.section, one.says, one.says[0].upper() + one.says[1:])
        for one in placed
        if one.section not in known
    ]
    found = []
    for section in (*SECTIONS, *{section.id: section for section in own}.values()):
        lead = section.id == "prediction"
        shown = [
            block
            for one in placed
            if one.section == section.id
            for block in _blocks(one, results, scorers)
        ]
        notes = PAIR_NOTES if lead else ()
        tables = [Block(table=table) for table in pooled] if lead else []
        found.append((section, Blocks(notes, [*tables, *shown])))
    return found


def _blocks(
    analysis: Analysis, results: Results, scorers: Mapping[str, ScorerWords]
) -> Iterator[Block]:
    """The figures of an analysis, then its tables."""
    if analysis.has("figure"):
        for words in analysis.load("figure").on_page(Job(analysis.name, results, Settings())):
            figure = page_figure(results.figures / f"{words.stem}.svg", words.alt, words.caption)
            yield Block(words=words, figure=figure)
    if not analysis.has("table"):
        return
    for name, words in analysis.load("table").TABLES.items():
        if name not in analysis.tables:
            continue
        if words.in_place is None:
            yield Block(table=words_table(results.table(name), scorers))
        elif words.in_place:
            yield Block(link=words.in_place, csv=f"tables/{name}.csv")


def _pooled(
    results: Results, findings: Findings, scorers: Mapping[str, ScorerWords]
) -> list[PageTable]:
    """Tables 1 to 6 and the full-reference metrics."""
    # Table 2 is cut out of it: its rows in the paper are the self pairs of Tables 4 to 6.
    strong = _converged(results, "strong")
    itself = pl.col("task_model") == pl.col("quality_source")
    tables = {
        "table1": ("Table 1: no-reference metrics", "nr_iqa", _converged(results, "nr_iqa")),
        "table2": ("Table 2: each network's own confidence", "strong", strong.filter(itself)),
        "table3": (
            "Table 3: zero-shot dual encoder (weak guidance)",
            "weak",
            _converged(results, "weak"),
        ),
        "table4": (
            "Tables 4, 5, 6: every network's confidence (strong guidance)",
            "strong",
            strong,
        ),
    }
    if results.table("fr_iqa").is_file() and Kind.FULL_REFERENCE in findings.scorers["kind"]:
        full = _converged(results, "fr_iqa")
        tables["fr_iqa"] = ("Appendix A: full-reference metrics", "fr_iqa", full)
    return [
        pair_table(frame, anchor, title, scorers, f"tables/{csv}.csv")
        for anchor, (title, csv, frame) in tables.items()
    ]


def _tested(results: Results) -> list[tuple[str, int]]:
    """Verdict -> how many of the paper's comparative sentences have it, the clearest first."""
    verdicts = read_table(results.table("claims"), CLAIMS)["verdict"].value_counts(sort=True)
    return [(str(verdict), int(count)) for verdict, count in verdicts.iter_rows()]


def _converged(results: Results, table: str) -> pl.DataFrame:
    """A pooled table's converged fits; what scikit-learn's defaults give stands in the audit."""
    return read_pair_table(results.table(table)).filter(solver="converged")


def _index(results: Results, sections: list[tuple[Section, Blocks]]) -> list[dict[str, Any]]:
    """Tables 1 to 6 and Figures 1 to 22: what they are, a link or the reason why there is none."""
    listed = read_table(results.table("paper_figures"), PAPER_FIGURES)
    lacking = listed.filter(pl.col("file") == "").select("number", "reason").iter_rows()
    places = {str(number): (f"not drawn: {reason}", "") for number, reason in lacking}
    for _, blocks in sections:
        for words in (block.words for block in blocks.shown):
            if words is not None and words.number:
                # The first keeps its number: of Figures 4, 7 and 8 there are two graphs each.
                places.setdefault(words.number, (words.said, words.anchor))
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
