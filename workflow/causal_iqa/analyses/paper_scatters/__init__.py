"""The paper's scatter figures (3, 5, 6, 11 to 19) with the scorers at hand."""

from __future__ import annotations

from causal_iqa.analyses.paper_scatters.plans import figures_at_hand
from causal_iqa.analyses.registry import Analysis, Scope


def _drawn(scope: Scope) -> list[str]:
    numbers = figures_at_hand(scope.kinds)
    return [f"paper/fig{number:02}" for number in numbers]


ANALYSES = (
    Analysis(
        name="paper_scatters",
        says="which of the paper's scatter figures the scorers at hand can show",
        reads=lambda scope: ["scorers.csv"],
        makes=("tables/paper_figures.csv",),
        draws=_drawn,
        draws_from=lambda scope: ["groups.parquet", *scope.pooled_tables()],
        section="scatters",
        order=0,
    ),
)
