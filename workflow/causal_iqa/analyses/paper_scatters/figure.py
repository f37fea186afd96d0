"""The paper's scatter figures (3, 5, 6, 11 to 19), drawn with the scorers at hand."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from matplotlib.figure import Figure

from causal_iqa.analyses.paper_scatters.plans import PLANS, Plan, stand_ins
from causal_iqa.analyses.pooled.scatter import Shown, read_pair, sheet
from causal_iqa.analyses.published.compute import is_named
from causal_iqa.core.contract import Results, read_table, write_table
from causal_iqa.core.schemas import GROUPS, PAPER_FIGURES, SCORERS
from causal_iqa.report.figures import drawing, save
from causal_iqa.report.labels import Scorer, scorers_by_name, variant_words
from causal_iqa.report.reading import read_pairs


def write_paper_scatters(results: Results, style: str, dpi: int) -> None:
    """Draw ``figures/paper/figNN`` for the figures at hand; write ``tables/paper_figures.csv``."""
    facts = read_table(results.scorers, SCORERS)
    groups, pairs = read_table(results.groups, GROUPS), read_pairs(results)
    scorers = scorers_by_name(facts)
    here = stand_ins(dict(facts.select("scorer", "kind").iter_rows()))
    rows = []
    for number, plan in PLANS.items():
        sources = [here[source] for source in plan.sources if source in here]
        if plan.task_model not in here or not sources:
            rows.append((number, "", "", "", _lacking(plan, here)))
            continue
        shown = [
            Shown(pair, variant, _heading(pair.source, variant))
            for source in sources
            for pair in [read_pair(here[plan.task_model], source, groups, facts, pairs)]
            for variant in plan.variants
        ]
        file = f"figures/paper/fig{number:02}"
        with drawing(style):
            save(_figure(number, shown), results.root / file, dpi)
        rows.append((number, _caption(shown), _said(plan, here, scorers), f"{file}.svg", ""))
    frame = pl.DataFrame(rows, schema=PAPER_FIGURES, orient="row")
    write_table(frame, results.table("paper_figures"), PAPER_FIGURES)


def _figure(number: int, shown: list[Shown]) -> Figure:
    circular = dict.fromkeys(panel.pair.source.title for panel in shown if panel.pair.circular)
    note = f"circular, shares weights with the task model: {', '.join(circular)}"
    title = f"Figure {number}: {shown[0].pair.task.title}"
    return sheet(shown, title, note if circular else "", columns=2 if len(shown) == 4 else 3)


def _heading(source: Scorer, variant: str) -> str:
    return (
        source.title
        if variant == "score"
        else (f"{source.title}, {variant_words(source.kind, variant)}")
    )


def _lacking(plan: Plan, here: Mapping[str, str]) -> str:
    wanted = [plan.task_model] if plan.task_model not in here else plan.sources
    return f"no scorer here to stand in for {', '.join(wanted)}"


def _caption(shown: list[Shown]) -> str:
    sources = dict.fromkeys(panel.pair.source.title for panel in shown)
    panels = ", a panel a score" if len(shown) > 1 else ""
    return (
        f"Accuracy of {shown[0].pair.task.title} against the mean quality by "
        f"{', '.join(sources)}, a point a condition{panels}. "
        "KRCC: Kendall's tau-b over the corrupted conditions, with the 95 % interval of a "
        "bootstrap over corruptions; clean (star) is drawn and not counted."
    )


def _said(plan: Plan, here: Mapping[str, str], scorers: Mapping[str, Scorer]) -> str:
    """Who stands in for whom, and who is missing."""
    named = []
    for role in (plan.task_model, *plan.sources):
        if role not in here:
            named.append(f"nothing for {role}")
        elif not is_named(role, here[role], None):
            named.append(f"{scorers[here[role]].title} for {role}")
    return "; ".join(named)
