"""report.html: one page that needs nothing but itself, for someone who has not read the paper."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jinja2

from causal_iqa.core.conditions import ALL_CORRUPTIONS
from causal_iqa.core.contract import Results, atomic
from causal_iqa.core.packaged import Packaged
from causal_iqa.report.answer import answers, comparisons
from causal_iqa.report.cautions import cautions, words
from causal_iqa.report.definitions import DEFINITIONS
from causal_iqa.report.findings import Findings, read_findings, undefined
from causal_iqa.report.page_figures import data_uri, scatter_groups
from causal_iqa.report.page_tables import html_tables
from causal_iqa.report.scorer_words import (
    KIND_WORDS,
    ScorerWords,
    corruption_words,
    scorers_by_name,
)

TEMPLATES = Path(__file__).parent / "templates"


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
    results: Results, provenance: Provenance, grid_image: str | None, passed_over: str = ""
) -> None:
    """Write ``report.html`` from an experiment's tables and figures.

    Reads manifest, classes, scorers, groups and tables, every SVG under ``figures/`` and, where
    ``grid_image`` names the picture in it, ``figures/grid.jpg``. passed_over: the line of
    ``finding.said`` on the files that are no pictures of the set. Raises ContractError for a
    table, UserError for a figure that is absent.
    """
    findings = read_findings(results)
    scorers = scorers_by_name(findings.scorers)
    lost = undefined(findings)
    figures = results.root / "figures"
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        # A name that the template has wrong is an error, not an empty place.
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    html = environment.get_template("report.html.j2").render(
        experiment=results.root.name,
        run=_run(findings, scorers),
        passed_over=passed_over,
        answers=answers(findings.pairs, scorers),
        comparisons=comparisons(findings.pairs),
        cautions=cautions(findings, scorers),
        scorers=[_scorer(scorer, provenance, lost) for scorer in scorers.values()],
        undefined=bool(lost),
        tables=html_tables(findings.pairs, scorers),
        overview=data_uri(figures / "overview.svg"),
        accuracy=data_uri(figures / "accuracy.svg"),
        by_corruption=data_uri(figures / "accuracy_by_corruption.svg"),
        scatters=scatter_groups(findings, scorers, figures / "scatter"),
        grid_image=grid_image,
        grid=data_uri(figures / "grid.jpg") if grid_image else "",
        definitions=DEFINITIONS,
        config=json.dumps(provenance.config, indent=2, ensure_ascii=False),
        versions=provenance.versions,
        weights=provenance.weights,
    )
    with atomic(results.root / "report.html") as temporary:
        temporary.write_text(html, encoding="utf-8")


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


def _scorer(
    scorer: ScorerWords, provenance: Provenance, lost: Mapping[str, tuple[int, int]]
) -> dict[str, str]:
    """A scorer's row in the table of what was run; 'not known' where no file says.

    lost: ``reading.undefined``.
    """
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
        "undefined": words(*lost[scorer.name]) if scorer.name in lost else "0",
        "weights": scorer.weights_group or "none recorded",
        "licence": "not recorded" if files is None else _licences(files, provenance.weights),
    }


def _licences(files: Sequence[str], weights: Mapping[str, Packaged]) -> str:
    return ", ".join(f"{name}: {weights[name].licence}" for name in files) or "no weights file"
