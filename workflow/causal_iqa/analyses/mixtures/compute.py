"""Data sets of which a small share is mildly corrupted (paper 2.5, Appendix H).

A mixture takes each of the n pictures once: exactly ``round(p_c * n)`` of them, chosen at random,
under a mild condition each, the rest clean (``draws``). Nothing is scored anew; every Q and M is
looked up in the score files. A picture for which Q is not defined
under every one of the conditions that mixtures draw from is in no mixture of that score's pairs.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from causal_iqa.analyses.mixtures.draws import Mixtures, draw_mixtures, look_up
from causal_iqa.analyses.mixtures.schema import MIXTURE_AUC
from causal_iqa.analyses.mixtures.score_density import write_mixture_density
from causal_iqa.analyses.per_unit_fits import (
    REASONS,
    Judged,
    Part,
    Rows,
    judge_folds,
    judge_pairs,
    left_out,
    of_complete_pictures,
    part,
    with_totals,
)
from causal_iqa.analyses.per_unit_schema import UNITS
from causal_iqa.analyses.registry import Job
from causal_iqa.core.conditions import Condition
from causal_iqa.core.contract import Results, write_table
from causal_iqa.data.panel import Booleans, Floats, complete
from causal_iqa.data.splits import read_splits


def write_mixtures(results: Results, conditions: Sequence[Condition], *, threads: int = 1) -> None:
    """Write ``mixtures.csv`` (Fig. 22) and ``mixtures_mean.csv``, its means over p_c and seeds.

    The logistic regression of a mixture is fitted on its training pictures and judged on its
    held-out ones (``splits.is_test``). Rows ``all`` of the means: ``per_unit_fits.with_totals``.
    """
    panel, mixtures = look_up(results, conditions)
    # The pooled split: a picture is held out in all mixtures or in none.
    is_test = read_splits(results, "is_test", panel.image_ids)
    split = _part(mixtures, is_test)

    def judge_mixtures(_: str, q: Floats, m: Booleans) -> Judged:
        return judge_folds(of_complete_pictures(q).ravel(), m.ravel(), [split])

    judged = judge_pairs(panel, judge_mixtures, threads)
    lost = {pair: left_out(panel.quality(*pair[1:]), whole=True) for pair in judged}
    table = pl.concat(
        pl.DataFrame(
            {
                "p_c": [p_c for p_c, _ in mixtures.names],
                "seed": [seed for _, seed in mixtures.names],
                **pair._asdict(),
                # In every mixture the same ones, since each holds every picture once.
                "n_pictures": int((is_test & complete(panel.quality(*pair[1:]))).sum()),
                "auc": found.auc[:, 0],
                "ce": found.ce[:, 0],
                "reason": [
                    "; ".join(filter(None, (REASONS[place], lost[pair])))
                    for place in found.why[:, 0]
                ],
            },
            schema_overrides=MIXTURE_AUC,
        ).with_columns(pl.col("auc", "ce").fill_nan(None))
        for pair, found in judged.items()
    )
    # Stable, so that the pairs stay in the panel's order within a mixture.
    table = table.sort("p_c", "seed", maintain_order=True)
    write_table(table, results.table("mixtures"), MIXTURE_AUC)
    means = pl.DataFrame(with_totals(panel, judged, "mixtures", whole=True), schema=UNITS)
    write_table(means, results.table("mixtures_mean"), UNITS)


def _part(mixtures: Mixtures, is_test: Booleans) -> Part:
    """Training and held-out rows of every mixture, as rows of the panel's flattened arrays."""
    count = len(mixtures.names)
    unit = np.repeat(np.arange(count), is_test.size)
    train, test = part(unit, np.tile(is_test, count))
    place = mixtures.place.ravel()
    return Part(Rows(place[train.rows], train.offsets), Rows(place[test.rows], test.offsets))


def run(job: Job) -> None:
    """The draws, or the tables and densities of what was drawn."""
    conditions = job.settings.conditions()
    if job.name == "mixture_draws":
        draw_mixtures(job.results, conditions, seeds=range(job.settings["paper.mixture_seeds"]))
        return
    write_mixtures(job.results, conditions, threads=job.threads)
    write_mixture_density(job.results, conditions)
