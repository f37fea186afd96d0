"""What the paper's own tables say about themselves, counted, for the page's section of findings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy import stats

from causal_iqa.analyses.published.schema import PUBLISHED_TABLES
from causal_iqa.analyses.solver_audit.schema import SOLVER_AUDIT
from causal_iqa.core.contract import read_table

# Without clean: "75 total" (2.2).
CONDITIONS_OF_PAPER = 75
"""Points of the paper's correlations: 15 corruptions at 5 severities."""
# Of the caption of Table 1.
LEVEL = 0.05
PAIR = ["task_model", "quality_source", "quality_variant"]
QUANTITIES = ["auc", "ce", "krcc", "plcc", "srcc"]


def printed(reference: Path) -> dict[str, Any]:
    """Counts over the paper's Tables 1 to 6 (``resources/published_tables.csv``).

    self_rows of self_total rows of Table 2 stand in Tables 4 to 6 with the same numbers, as rows
    whose task and quality model are one; same_halves of halves_total rows of Tables 2, 4, 5, 6
    give KRCC and PLCC one interval, elsewhere_same of elsewhere_total rows of Tables 1 and 3 do;
    impossible_srcc and impossible_plcc of nr_rows rows of Table 1 cannot have p < 0.05 at 75
    points, for which |r| has to exceed ``threshold``; below_half rows of Table 3 have AUC < 0.5.
    """
    tables = read_table(reference, PUBLISHED_TABLES)
    second, rest = tables.filter(table=2), tables.filter(pl.col("table").is_in([4, 5, 6]))
    # By their numbers as well: these are as printed, so that equal ones are equal floats.
    matched = second.join(rest, on=[*PAIR, *QUANTITIES], how="semi")
    same = matched.filter(pl.col("task_model") == pl.col("quality_source"))
    misprinted = pl.col("krcc_ci95") == pl.col("plcc_ci95")
    strong, others = (
        tables.filter(pl.col("table").is_in(numbers)) for numbers in ([2, 4, 5, 6], [1, 3])
    )
    first = tables.filter(table=1)
    return {
        "self_rows": same.height,
        "self_total": second.height,
        "same_halves": strong.filter(misprinted).height,
        "halves_total": strong.height,
        "elsewhere_same": others.filter(misprinted).height,
        "elsewhere_total": others.height,
        "impossible_srcc": _impossible(first["srcc"]),
        "impossible_plcc": _impossible(first["plcc"]),
        "nr_rows": first.height,
        "threshold": _threshold(),
        "below_half": tables.filter(pl.col("table") == 3, pl.col("auc") < 0.5).height,
        "weak_rows": tables.filter(table=3).height,
    }


def _threshold() -> float:
    """The least |r| with two-sided p < 0.05 at 75 points, by the t distribution."""
    # Solved for r: t = r sqrt((n - 2) / (1 - r^2)), Pearson's test and Spearman's approximation.
    t = stats.t.isf(LEVEL / 2, CONDITIONS_OF_PAPER - 2)
    return float(t / np.sqrt(CONDITIONS_OF_PAPER - 2 + t**2))


def _impossible(r: pl.Series) -> int:
    return int((r.abs() < _threshold()).sum())


def audited(solver_audit: Path) -> dict[str, Any]:
    """Counts of this experiment's own fits by scikit-learn's defaults, and where they failed."""
    fits = read_table(solver_audit, SOLVER_AUDIT).filter(solver="sklearn")
    wrong = fits.filter("artefact")
    return {
        "fits": fits.filter(pl.col("converged").is_not_null()).height,
        "unconverged": fits.filter(~pl.col("converged")).height,
        "wrong_sign": wrong.height,
        "tables": ", ".join(wrong["table"].unique(maintain_order=True)),
        "variants": ", ".join(wrong["quality_variant"].unique(maintain_order=True)),
    }
