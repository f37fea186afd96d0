"""The list of the paper's scatter figures: what each shows here, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from causal_iqa.analyses.paper_scatters.plans import PLANS, Plan, stand_ins
from causal_iqa.analyses.paper_scatters.schema import PAPER_FIGURES
from causal_iqa.analyses.published.compute import is_named
from causal_iqa.analyses.registry import Job
from causal_iqa.core.columns import SCORERS
from causal_iqa.core.contract import read_table, write_table
from causal_iqa.report.scorer_words import ScorerWords, scorers_by_name


def run(job: Job) -> None:
    """``paper_figures.csv``."""
    facts = read_table(job.results.scorers, SCORERS)
    scorers = scorers_by_name(facts)
    here = stand_ins(dict(facts.select("scorer", "kind").iter_rows()))
    rows = []
    for number, plan in PLANS.items():
        if plan.task_model not in here or not any(source in here for source in plan.sources):
            rows.append((number, "", "", "", _lacking(plan, here)))
            continue
        said = _said(plan, here, scorers)
        file = f"figures/paper/fig{number:02}.svg"
        rows.append((number, _caption(plan, here, scorers), said, file, ""))
    frame = pl.DataFrame(rows, schema=PAPER_FIGURES, orient="row")
    write_table(frame, job.results.table("paper_figures"), PAPER_FIGURES)


def _caption(plan: Plan, here: Mapping[str, str], scorers: Mapping[str, ScorerWords]) -> str:
    sources = [here[source] for source in plan.sources if source in here]
    titles = dict.fromkeys(scorers[source].title for source in sources)
    panels = ", a panel per score" if len(sources) * len(plan.variants) > 1 else ""
    return (
        f"Accuracy of {scorers[here[plan.task_model]].title} against the mean quality by "
        f"{', '.join(titles)}, a point per condition{panels}. "
        "KRCC: Kendall's tau-b over the corrupted conditions, with the 95 % interval of a "
        "bootstrap over corruptions; clean (star) is drawn and not counted."
    )


def _lacking(plan: Plan, here: Mapping[str, str]) -> str:
    wanted = [plan.task_model] if plan.task_model not in here else plan.sources
    return f"no scorer here to stand in for {', '.join(wanted)}"


def _said(plan: Plan, here: Mapping[str, str], scorers: Mapping[str, ScorerWords]) -> str:
    """Who stands in for whom, and who is missing."""
    named = []
    for role in (plan.task_model, *plan.sources):
        if role not in here:
            named.append(f"nothing for {role}")
        elif not is_named(role, here[role], None):
            named.append(f"{scorers[here[role]].title} for {role}")
    return "; ".join(named)
