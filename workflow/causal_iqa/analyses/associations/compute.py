"""Descriptive association of Q and M on an experiment's own scores: ``associations.csv``.

Somers' D of Q by M is 2 AUC - 1: of the pairs of points of which one is correct and one is not,
the share in which the correct one has the larger Q, less the share in which it has the smaller.
Within strata only pairs of the same stratum count, and all of them count alike.

M is then permuted between whole pictures, all conditions of a picture together, which keeps what
the conditions do to every picture. A permutation p-value therefore asks for an association beyond
the one that the conditions bring about, whose size is the mean over the permutations.

Whole pictures need Q under every condition: a picture without is left out of that score's rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from causal_iqa.analyses.associations.concordance import doubled_midranks, permuted_rank_sums
from causal_iqa.analyses.associations.schema import ASSOCIATIONS
from causal_iqa.analyses.per_unit_fits import left_out
from causal_iqa.analyses.registry import Job
from causal_iqa.core.columns import MANIFEST
from causal_iqa.core.conditions import Condition
from causal_iqa.core.contract import Results, read_table, write_table
from causal_iqa.core.kinds import Kind
from causal_iqa.core.seeding import generator
from causal_iqa.data.panel import Booleans, Panel, complete, groups_of

WITHIN = ("all", "picture", "label", "condition")
"""What the two points of a pair share: nothing, X0, Y, or C and S."""
FEWEST = 20
"""Orders of the pictures below which no p-value can be 0.05, so none is given."""

Integers = NDArray[np.int64]


class Stratification(NamedTuple):
    """One way to form pairs. ``codes`` [picture, condition]: the stratum of each point.

    ``permutations`` [permutation, picture]: whose M each picture gets. ``fixed``: why the
    pictures cannot change places often enough, or ''.
    """

    within: str
    codes: Integers
    permutations: NDArray[np.int32]
    fixed: str


class Association(NamedTuple):
    """Somers' D within strata and its permutations; None where ``reason`` says why."""

    n_strata: int
    n_usable: int
    n_pairs: int
    somers_d: float | None
    permuted_mean: float | None
    permutation_p: float | None
    n_permutations: int
    reason: str


NOTHING = Association(0, 0, 0, None, None, None, 0, "")
"""Of a score that no picture has under every condition."""


def write_associations(
    results: Results,
    conditions: Sequence[Condition],
    *,
    include_clean: bool,
    seed: int,
    permutations: int,
) -> None:
    """Write ``associations.csv``: every task model, every quality score, each of ``WITHIN``."""
    panel = groups_of(results, conditions, include_clean=include_clean)
    labels = read_table(results.manifest, MANIFEST)["label"].to_numpy()
    correct = panel.all_correct()

    def ways_of(kept: Booleans) -> list[Stratification]:
        return [*stratifications(labels[kept], len(panel.conditions), permutations, seed)]

    # Drawn once: most scores are defined for all pictures.
    every = ways_of(np.ones(len(labels), dtype=bool))
    rows = [
        row
        for source in _sources(panel)
        for variant in panel.variants(source)
        for kept in [complete(panel.quality(source, variant))]
        for ways in [every if kept.all() else ways_of(kept)]
        for row in _score_rows(panel, source, variant, correct, kept, ways)
    ]
    order = {name: place for place, name in enumerate(correct)}
    # By task model only now: a score is ranked once for all of them.
    rows.sort(key=lambda row: order[row["task_model"]])
    write_table(
        pl.DataFrame(rows, schema=ASSOCIATIONS), results.table("associations"), ASSOCIATIONS
    )


def _sources(panel: Panel) -> list[str]:
    kinds = (Kind.METRIC, Kind.CLASSIFIER, Kind.ZERO_SHOT, Kind.FULL_REFERENCE)
    return [source for kind in kinds for source in panel.of_kind(kind)]


def _score_rows(
    panel: Panel,
    source: str,
    variant: str,
    correct: dict[str, Booleans],
    kept: Booleans,
    ways: Sequence[Stratification],
) -> Iterator[dict[str, Any]]:
    """The rows of one quality score, which is ranked once for all task models.

    kept: [picture], those that have it under every condition; ways: of these.
    """
    quality = panel.quality(source, variant)[:, kept]
    lost = left_out(panel.quality(source, variant), whole=True)
    ranked = [doubled_midranks(quality.T, way.codes) for way in ways if quality.size]
    for task_model, m in correct.items():
        for k, way in enumerate(ways):
            found = associate(ranked[k], m[:, kept].T, way) if quality.size else NOTHING
            yield {
                "task_model": task_model,
                "quality_source": source,
                "quality_variant": variant,
                "circular": panel.circular(task_model, source),
                "within": way.within,
                **found._asdict(),
                "reason": "; ".join(filter(None, (found.reason, lost))),
            }


def stratifications(
    labels: NDArray[np.int32], n_conditions: int, permutations: int, seed: int
) -> Iterator[Stratification]:
    """The four ways of ``WITHIN`` for pictures with ``labels`` [picture] under the conditions.

    Memory: 8 bytes a permutation and picture.
    """
    shape = (len(labels), n_conditions)
    picture, condition = np.indices(shape)
    label = np.unique(labels, return_inverse=True)[1]
    anywhere = np.zeros_like(label)
    # One set of permutations for three ways: only labels bind a picture to a block.
    free = permute_pictures(anywhere, permutations, seed)
    fixed = _too_few(anywhere)
    yield Stratification("all", np.zeros(shape, dtype=np.int64), free, fixed)
    yield Stratification("picture", picture, free, fixed)
    yield Stratification(
        "label",
        np.broadcast_to(label[:, None], shape),
        permute_pictures(label, permutations, seed),
        _too_few(label),
    )
    yield Stratification("condition", condition, free, fixed)


def _too_few(block: Integers) -> str:
    """Why permutations within blocks can give no p-value, or ''."""
    # Python's integers: 21! is beyond 64 bits.
    ways = math.prod(map(math.factorial, np.bincount(block).tolist()))
    if ways >= FEWEST:
        return ""
    return f"the pictures can change places in {ways} way(s) only"


def permute_pictures(block: Integers, permutations: int, seed: int) -> NDArray[np.int32]:
    """Random permutations [permutation, picture] that move pictures within their block only."""
    rng = generator(seed, "permutations of pictures")
    home = np.argsort(block, kind="stable")
    moved = np.empty((permutations, len(block)), dtype=np.int32)
    for permutation in moved:
        # Sorting by block + U[0, 1) keeps the blocks in order and shuffles within each.
        permutation[home] = np.argsort(block + rng.random(len(block)), kind="stable")
    return moved


def associate(ranks: Integers, m: Booleans, way: Stratification) -> Association:
    """Somers' D of Q by M over the pairs within strata, against whole pictures permuted.

    ranks [picture, condition]: ``doubled_midranks`` of Q within the strata; m likewise. The pairs
    of a stratum are as many under every permutation, so the sum of ranks tells all.
    """
    codes = way.codes.ravel()
    n_strata = int(codes.max()) + 1
    right = np.bincount(codes, weights=m.ravel(), minlength=n_strata).astype(np.int64)
    wrong = np.bincount(codes, minlength=n_strata) - right
    n_pairs = int((right * wrong).sum())
    usable = int((right * wrong > 0).sum())
    if n_pairs == 0:
        reason = f"no {_STRATUM[way.within]} holds both a correct and a wrong prediction"
        return Association(n_strata, usable, 0, None, None, None, 0, reason)
    # 2 U - n1 n0 = doubled ranks - n1 (n1 + 1) - n1 n0, summed over the strata
    # Within pictures, too, permutations keep this sum: all have as many rows.
    base = int((right * (right + 1 + wrong)).sum())
    rank_sum = int(ranks[m].sum())
    observed = (rank_sum - base) / n_pairs
    if way.fixed or not len(way.permutations):
        reason = f"p: {way.fixed or 'no permutations were asked for'}"
        return Association(n_strata, usable, n_pairs, observed, None, None, 0, reason)
    sums = permuted_rank_sums(ranks, np.ascontiguousarray(m), way.permutations)
    mean = (float(sums.mean()) - base) / n_pairs
    p = permutation_p(rank_sum, sums)
    return Association(n_strata, usable, n_pairs, observed, mean, p, len(sums), "")


_STRATUM = dict(zip(WITHIN, ("point of the data", *WITHIN[1:]), strict=True))


def permutation_p(observed: int, permuted: Integers) -> float:
    """Two-sided p-value: the share of values as far as the observed one from the mean of all.

    The observed value is one of the permutations (the identity), so p is at least 1 / (R + 1)
    and valid at every R (Phipson and Smyth 2010, Stat. Appl. Genet. Mol. Biol. 9:39). In
    integers, hence exact: distances are compared times R + 1.
    """
    # Distance from the mean, not from 0: the conditions alone give the permutations another centre.
    everything = np.append(permuted, observed)
    away = np.abs(everything * len(everything) - everything.sum())
    return float((away >= away[-1]).mean())


def run(job: Job) -> None:
    """``associations.csv``."""
    write_associations(
        job.results,
        job.settings.conditions(),
        include_clean=job.settings["analysis.include_clean"],
        seed=job.settings["analysis.seed"],
        permutations=job.settings["paper.permutations"],
    )
