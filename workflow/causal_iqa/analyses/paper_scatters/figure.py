"""The paper's scatter figures (3, 5, 6, 11 to 19), drawn with the scorers at hand."""

from __future__ import annotations

from matplotlib.figure import Figure

from causal_iqa.analyses.paper_scatters.plans import PLANS, figures_at_hand, stand_ins
from causal_iqa.analyses.paper_scatters.schema import PAPER_FIGURES
from causal_iqa.analyses.registry import Job, Look
from causal_iqa.core.columns import SCORERS
from causal_iqa.core.contract import read_table
from causal_iqa.data.schema import CONDITION_MEANS
from causal_iqa.report.counts import span
from causal_iqa.report.drawing.figures import drawing, save
from causal_iqa.report.drawing.scatter import Shown, read_pair, sheet
from causal_iqa.report.figure_words import FigureWords
from causal_iqa.report.findings import read_pairs
from causal_iqa.report.scorer_words import score_words


def draw(job: Job, look: Look) -> None:
    """The figures at hand as ``figures/paper/figNN``."""
    results = job.results
    facts = read_table(results.scorers, SCORERS)
    groups, pairs = read_table(results.groups, CONDITION_MEANS), read_pairs(results)
    here = stand_ins(dict(facts.select("scorer", "kind").iter_rows()))
    for number in figures_at_hand(dict(facts.select("scorer", "kind").iter_rows())):
        plan = PLANS[number]
        shown = [
            Shown(pair, variant, score_words(pair.source, variant))
            for source in plan.sources
            if source in here
            for pair in [read_pair(here[plan.task_model], here[source], groups, facts, pairs)]
            for variant in plan.variants
        ]
        with drawing(look.style):
            save(_figure(number, shown), results.figures / "paper" / f"fig{number:02}", look.dpi)


def _figure(number: int, shown: list[Shown]) -> Figure:
    circular = dict.fromkeys(panel.pair.source.title for panel in shown if panel.pair.circular)
    note = f"circular, shares weights with the task model: {', '.join(circular)}"
    title = f"Figure {number}: {shown[0].pair.task.title}"
    # Four panels stand two by two, as in the paper's Figures 11 to 13 ("clockwise").
    return sheet(shown, title, note if circular else "", columns=2 if len(shown) == 4 else 3)


def on_page(job: Job) -> list[FigureWords]:
    """The figures at hand, with who stands in for whom."""
    shown = []
    means = read_table(job.results.groups, CONDITION_MEANS).filter(variant="accuracy")
    counts = means["n"].unique().to_list()
    of = f" A point is a mean over {span(counts, 'pictures')}." if counts else ""
    for row in read_table(job.results.table("paper_figures"), PAPER_FIGURES).iter_rows(named=True):
        if not row["file"]:
            continue
        number = str(row["number"])
        stands = f" Stands in: {row['stands_in']}." if row["stands_in"] else ""
        caption = f"Figure {number}. {row['caption']}{of}{stands}"
        stem = f"paper/fig{row['number']:02}"
        alt = f"Figure {number}: accuracy against mean quality, {row['caption']}"
        shown.append(
            FigureWords(stem, f"fig{number}", alt, caption, number, "accuracy against mean quality")
        )
    return shown
