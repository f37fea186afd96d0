"""report.html: one page that needs nothing but itself, for someone who has not read the paper."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl

from causal_iqa.core.conditions import ALL_CORRUPTIONS
from causal_iqa.core.contract import Results, atomic
from causal_iqa.core.packaged import Packaged
from causal_iqa.report.answer import answers, best_fits, comparisons, in_a_sentence
from causal_iqa.report.cautions import cautions, words
from causal_iqa.report.chart_data import chart_data
from causal_iqa.report.chart_spec import chart_spec, runtime
from causal_iqa.report.definitions import DEFINITIONS
from causal_iqa.report.findings import Findings, read_findings, undefined
from causal_iqa.report.html_pages import filled
from causal_iqa.report.page_figures import page_figure
from causal_iqa.report.page_tables import PageTable, family_tables, page_table
from causal_iqa.report.rendering import MARK_NOTES, PAIR_NOTES
from causal_iqa.report.scorer_words import (
    KIND_WORDS,
    ScorerWords,
    corruption_words,
    scorers_by_name,
)
from causal_iqa.report.table_words import text_column


class Provenance(NamedTuple):
    """What the page says about where its numbers come from.

    config: the configuration as plain YAML types. versions: library -> version. weights: file ->
    package, licence and hash. files_of: scorer -> names of the weights that it reads.
    """

    config: Mapping[str, Any]
    versions: Mapping[str, str]
    weights: Mapping[str, Packaged]
    files_of: Mapping[str, Sequence[str]]


def write_page(
    results: Results, provenance: Provenance, pictures: bool, passed_over: str = ""
) -> None:
    """Write ``report.html`` from an experiment's tables, scores and figures.

    Reads manifest, classes, scorers, groups, tables, panels and figures; where ``pictures`` says
    that there are some, ``figures/thumbnails.parquet``. passed_over: the line of ``finding.said``
    on the files that are no pictures of the set. Raises ContractError for a table, UserError for a
    figure that is absent.
    """
    findings = read_findings(results)
    scorers = scorers_by_name(findings.scorers)
    chart = chart_data(results, findings, scorers, pictures)
    run = _run(findings, scorers)
    html = filled("report.html.j2")(
        experiment=results.root.name,
        run=run,
        passed_over=passed_over,
        answer=in_a_sentence(findings.pairs, findings.pictures),
        answers=answers(findings.pairs, scorers),
        comparisons=comparisons(findings.pairs),
        cautions=cautions(findings, scorers),
        scorer_table=_scorer_table(scorers, provenance, undefined(findings)),
        tables=family_tables(findings.pairs, scorers),
        pair_notes=PAIR_NOTES,
        overview=page_figure(results.figures / "overview.svg", *_OVERVIEW),
        accuracy=page_figure(results.figures / "accuracy.svg", *_ACCURACY),
        chart=chart,
        spec=chart_spec(chart["corruptions"], run["severities"]),
        runtime=runtime(),
        first_score=_first_score(findings.pairs),
        first_condition=chart["conditions"][len(chart["conditions"]) // 2]["id"],
        pictures=pictures,
        shown=len(chart["pictures"]["ids"]),
        definitions=DEFINITIONS,
        config=json.dumps(provenance.config, indent=2, ensure_ascii=False),
        versions=provenance.versions,
        weight_table=_weight_table(provenance.weights),
    )
    with atomic(results.root / "report.html") as temporary:
        temporary.write_text(html, encoding="utf-8")


_OVERVIEW = (
    "AUC with interval of every quality score for every task network; the tables hold the numbers",
    "AUC of every quality score (rows) for every task network (columns). Hollow: the two share "
    "weights.",
)
_ACCURACY = (
    "Accuracy of each task network by severity",
    "Accuracy by severity: the plain mean over the corruptions.",
)


def _first_score(pairs: pl.DataFrame) -> str:
    """The score that the chart begins with: the largest AUC of the first network's."""
    best = best_fits(pairs).filter(task_model=pairs["task_model"][0])
    row = (best if best.height else pairs).row(0, named=True)
    return f"{row['quality_source']}.{row['quality_variant']}"


def _run(findings: Findings, scorers: Mapping[str, ScorerWords]) -> dict[str, Any]:
    """Counts of what was run, read off the tables."""
    drawn = findings.groups.select("corruption", "severity").unique()
    names = drawn["corruption"].unique().to_list()
    severities = sorted(set(drawn["severity"].to_list()) - {0})
    return {
        "pictures": findings.pictures,
        "classes": findings.classes,
        "conditions": drawn.height,
        "corruptions": [corruption_words(name) for name in ALL_CORRUPTIONS if name in names],
        "severities": severities,
        "task_models": [
            {"name": name, "title": scorers[name].title}
            for name in findings.pairs["task_model"].unique(maintain_order=True)
        ],
        "sources": findings.pairs["quality_source"].n_unique(),
    }


def _scorer_table(
    scorers: Mapping[str, ScorerWords],
    provenance: Provenance,
    lost: Mapping[str, tuple[int, int]],
) -> PageTable:
    """What was run; 'not known' where no file says. lost: ``findings.undefined``."""
    headers = {
        "title": "Scorer",
        "name": "Name in the files",
        "kind": "What it is",
        "better": "Better",
        "range": "Range",
        "undefined": "Scores not defined",
        "trained": "Trained on the task's labels",
        "weights": "Weights",
        "licence": "Weights' licence",
    }
    columns = [text_column(header, name) for name, header in headers.items()]
    rows = [_scorer(scorer, provenance, lost) for scorer in scorers.values()]
    note = (
        "Two scorers with the same weights make a circular pair: what moves the one moves the "
        f"other, whatever the picture's quality. {MARK_NOTES}"
    )
    return page_table("scorers", "Scorers", columns, rows, notes=[note], csv="scorers.csv")


def _scorer(
    scorer: ScorerWords, provenance: Provenance, lost: Mapping[str, tuple[int, int]]
) -> dict[str, str]:
    known = {True: "yes", False: "no", None: "not known"}
    better = {True: "lower", False: "higher", None: "not defined"}
    files = provenance.files_of.get(scorer.name)
    return {
        "name": scorer.name,
        "title": scorer.title,
        "kind": KIND_WORDS[scorer.kind],
        "better": better[scorer.lower_better],
        "range": scorer.value_range or "",
        "trained": known[scorer.trained_on_labels],
        "undefined": words(*lost[scorer.name]) if scorer.name in lost else "",
        "weights": scorer.weights_group or "none recorded",
        "licence": "not recorded" if files is None else _licences(files, provenance.weights),
    }


def _licences(files: Sequence[str], weights: Mapping[str, Packaged]) -> str:
    return ", ".join(f"{name}: {weights[name].licence}" for name in files) or "no weights file"


def _weight_table(weights: Mapping[str, Packaged]) -> PageTable | None:
    """Files out of packages; None where there are none."""
    if not weights:
        return None
    headers = {"name": "File", "package": "Package", "licence": "Licence", "sha256": "SHA-256"}
    rows = [
        {"name": n, "package": f.requirement, "licence": f.licence, "sha256": f.sha256}
        for n, f in weights.items()
    ]
    columns = [text_column(header, name) for name, header in headers.items()]
    return page_table("weights", "Weights and pictures taken from packages", columns, rows)
