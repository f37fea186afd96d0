"""Accuracy of every network on an audited set, and what is said of each of its pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from causal_iqa.analyses.estimators.schema import TRUTH_TEST
from causal_iqa.audit.calibration import labelled_conditions, quality_columns, task_networks
from causal_iqa.audit.chances import with_mean
from causal_iqa.audit.estimators.outputs import Fitted, Labelled, Outputs, Unavailable, within_unit
from causal_iqa.audit.estimators.registry import estimators_for
from causal_iqa.audit.files import ESTIMATES, LISTING, AuditFiles, score_columns
from causal_iqa.audit.intervals import half_width, interval
from causal_iqa.audit.picture_table import picture_table
from causal_iqa.audit.truth_test import (
    HeldOutErrors,
    default_estimator,
    defined_for,
    resample,
    residuals,
    split,
)
from causal_iqa.audit.whole_softmax import unpacked
from causal_iqa.core.columns import CLASSES
from causal_iqa.core.conditions import CLEAN, Condition
from causal_iqa.core.contract import (
    ContractError,
    Results,
    atomic,
    read_columns,
    read_provenance,
    read_table,
    write_table,
)
from causal_iqa.core.errors import UserError
from causal_iqa.core.kinds import Kind
from causal_iqa.core.provenance.damage import AGAIN, note
from causal_iqa.data.panel import Panel
from causal_iqa.pictures.classes import Labels
from causal_iqa.statistics.inputs import Booleans, Floats

# Some lie outside by chance: a range has ends, and a set has extreme pictures.
OUTSIDE_LIMIT = 0.1
"""Share of a set's pictures outside the calibration above which there is no estimate."""

Calibration = Mapping[Condition, Labelled]
Key = tuple[str, str, str]
"""estimator, quality source, quality variant."""


def write_estimates(
    root: Path, name: str, conditions: list[Condition], seed: int, classes: Path
) -> None:
    """Write ``estimates.csv`` and ``pictures.parquet`` of an audited set.

    root: the experiment's results, whose panel and ``tables/estimators.csv`` are read.
    """
    results = Results(root)
    files = AuditFiles(results.audit(name))
    panel = Panel(root, conditions)
    calibration = labelled_conditions(results, panel)
    listing = read_table(files.listing, LISTING)
    for scorer in _sources(panel):
        _check_alike(results.scores(scorer, Condition(CLEAN, 0)), files.scores(scorer))
    scored = _scores(files, listing, panel)
    # A metric without a value costs the estimators that take it; without a network's, the picture.
    undefinable = {f"{metric}.score" for metric in panel.of_kind(Kind.METRIC)}
    usable = scored.drop_nulls([name for name in scored.columns if name not in undefinable])
    if usable.is_empty():
        raise UserError(f"{files.root}: the networks can score none of the readable pictures")
    target = _outputs(usable, panel, files)
    outside = outside_of(calibration, target)
    truth = read_table(results.table("estimators"), TRUTH_TEST)
    rows, chances = estimate_set(calibration, target, truth, task_networks(panel), outside, seed)
    estimates = _with_observed(
        pl.DataFrame(rows, schema=ESTIMATES, orient="row"),
        usable,
        listing,
        target,
        read_table(classes, CLASSES),
    )
    write_table(estimates, files.estimates, ESTIMATES)
    reference = calibration[Condition(CLEAN, 0)].outputs
    pictures = picture_table(listing, usable, target, outside, reference, chances)
    with atomic(files.pictures) as temporary:
        pictures.write_parquet(temporary, compression="zstd")


def estimate_set(
    calibration: Calibration,
    target: Outputs,
    truth: pl.DataFrame,
    networks: Sequence[str],
    outside: Booleans,
    seed: int,
) -> tuple[list[dict[str, Any]], dict[str, Floats]]:
    """Rows of ``ESTIMATES``, and P(M=1) [n] of each network's pictures.

    The probabilities are those of the estimator with the smallest mean error in the truth test of
    all that speak of single pictures, which need not be the default; moved so that their mean is
    the default's estimate (``chances``), and missing where it has none.

    An estimator is fitted on half A of the calibration's pictures under all conditions, of those
    for which its quality score is defined, as in the truth test, and its interval is made of its
    errors on half B (``intervals``), each on as many pictures as the target has
    (``truth_test.resample``). There is no estimate where more than OUTSIDE_LIMIT of the target's
    pictures lie outside the calibration.
    """
    corruptions = list(dict.fromkeys(c.corruption for c in calibration if c.corruption != CLEAN))
    every = _fitting_and_drawn(calibration, target.n, seed)
    beyond = float(outside.mean())
    rows: list[dict[str, Any]] = []
    chances: dict[str, Floats] = {}
    for network in networks:
        # Chosen where the truth is known, not by this set, on which nothing can be compared.
        chosen = _key(default_estimator(truth, network))
        speaking: list[tuple[float, Key, Callable[[Outputs], Floats]]] = []
        # Of the default; without one there is nothing that the probabilities could be moved to.
        estimate = None
        for estimator in estimators_for(target.quality):
            mine = defined_for(calibration, estimator)
            key = (estimator.name, estimator.source or "", estimator.variant or "")
            row: dict[str, Any] = {
                "task_model": network,
                "estimator": key[0],
                "quality_source": key[1],
                "quality_variant": key[2],
                "is_default": key == chosen,
                "n_pictures": target.n,
                **_measured(truth, network, key),
            }
            try:
                # The common halves where no picture is lost: drawn once for all of them.
                fitting, drawn = (
                    every if mine is calibration else _fitting_and_drawn(mine, target.n, seed)
                )
                errors = HeldOutErrors(fitting, drawn, network, estimator)
                fitted = errors.fitted()
                row |= _cells(fitted, target, errors, corruptions, beyond)
                judged = row["mae"] is not None and row["estimate"] is not None
                if judged and fitted.probabilities is not None:
                    speaking.append((row["mae"], key, fitted.probabilities))
                if key == chosen:
                    estimate = row["estimate"]
            # A finding about one estimator, written in its row; the others go on.
            except Unavailable as finding:
                row["reason"] = finding.reason
            rows.append(row)
        if speaking and estimate is not None:
            # Functions have no order: ties go by name.
            best = min(speaking, key=lambda known: known[:2])[2]
            chances[network] = with_mean(best(target), estimate)
    return rows, chances


def _fitting_and_drawn(
    calibration: Calibration, n: int, seed: int
) -> tuple[Calibration, Calibration]:
    """Half A, and n pictures of half B drawn anew for every condition.

    Raises Unavailable where there are too few pictures for halves.
    """
    left = calibration[Condition(CLEAN, 0)].outputs.n
    if left < 2:
        raise Unavailable(f"Q is defined for {left} of the calibration's pictures")
    fitting, judging = split(calibration, seed)
    return fitting, resample(judging, n, seed)


def _key(row: Mapping[str, Any]) -> Key:
    return row["estimator"], row["quality_source"], row["quality_variant"]


def _measured(truth: pl.DataFrame, network: str, key: Key) -> dict[str, Any]:
    """The mean absolute error that the truth test found."""
    for row in truth.filter(pl.col("task_model") == network).iter_rows(named=True):
        if _key(row) == key:
            return {"mae": row["mae"]}
    return {"mae": None}


def _cells(
    fitted: Fitted,
    target: Outputs,
    errors: HeldOutErrors,
    corruptions: Sequence[str],
    beyond: float,
) -> dict[str, Any]:
    """Estimate and interval, or why there is none."""
    if beyond > OUTSIDE_LIMIT:
        reason = f"{beyond:.0%} of the pictures lie outside what the calibration has seen"
        return {"estimate": None, "reason": reason}
    estimate = within_unit(fitted.accuracy(target))
    half = half_width(residuals(errors, corruptions, frozenset()))
    low, high = interval(estimate, half) if np.isfinite(half) else (None, None)
    reason = "" if low is not None else "interval: too few corruptions to calibrate on"
    return {"estimate": estimate, "lo": low, "hi": high, "reason": reason}


def outside_of(calibration: Calibration, target: Outputs) -> Booleans:
    """[n]: whether any quality score of a picture lies beyond all that the calibration has seen.

    So does one that is not defined: the calibration cannot tell what becomes of such a picture.
    """
    outside = np.zeros(target.n, dtype=bool)
    for column, values in target.quality.items():
        seen = [part.outputs.quality[column] for part in calibration.values()]
        low, high = min(map(np.nanmin, seen)), max(map(np.nanmax, seen))
        # Negated, so that a NaN, which no comparison holds of, is outside.
        outside |= ~((values >= low) & (values <= high))
    return outside


def _sources(panel: Panel) -> list[str]:
    """The scorers that have a quality score."""
    return list(dict.fromkeys(scorer for scorer, _ in quality_columns(panel)))


def _check_alike(calibration: Path, audit: Path) -> None:
    """Raise UserError where calibration and audit were scored otherwise, or by another scorer.

    Scores that do not say what they were computed from are taken as they are.
    """
    before, now = read_provenance(calibration), read_provenance(audit)
    # What a score means; code, libraries, device and precision may be other than they were.
    for fact in ("scorer", "weights", "classes", "restrict_to"):
        if fact in before and fact in now and before[fact] != now[fact]:
            note(audit.parent, [f"{audit.name} differs from the calibration in {fact}"])
            raise UserError(
                f"{audit} and the calibration's {calibration} differ in their {fact}: {now[fact]} "
                f"against {before[fact]}. Score both with the same. If the audit's file was put "
                f"there by mistake: {AGAIN.lower()}, it computes it anew."
            )


def _scores(files: AuditFiles, listing: pl.DataFrame, panel: Panel) -> pl.DataFrame:
    """The readable pictures with every scorer's columns, as ``scorer.variant``; empty cells stay.

    Each row of the listing is a row, though two may hold the same bytes.
    """
    joined = listing.filter(pl.col("reason") == "").select("name", "sha256")
    for scorer in _sources(panel):
        kind = panel.fact(scorer, "kind")
        scores = read_table(files.scores(scorer), score_columns(kind))
        lost = joined.filter(~pl.col("sha256").is_in(scores["sha256"].implode()))
        if lost.height:
            note(files.scores(scorer).parent, [f"{scorer} lacks {lost.height} pictures"])
            raise ContractError(
                f"{files.scores(scorer)} lacks picture {lost['name'][0]!r} of the set. {AGAIN}: it "
                "scores what is missing."
            )
        wanted = [*panel.variants(scorer), *(["prediction"] if kind == Kind.CLASSIFIER else [])]
        named = scores.select("sha256", *(pl.col(c).alias(f"{scorer}.{c}") for c in wanted))
        joined = joined.join(named, on="sha256", how="left", maintain_order="left")
    return joined


def _outputs(usable: pl.DataFrame, panel: Panel, files: AuditFiles) -> Outputs:
    kept = {
        network: _softmax(usable, files.scores(network))
        for network in task_networks(panel)
        if "softmax" in read_columns(files.scores(network))
    }
    return Outputs(
        {n: usable[f"{n}.prediction"].to_numpy() for n in task_networks(panel)},
        {
            (scorer, variant): usable[f"{scorer}.{variant}"]
            .cast(pl.Float64)
            .fill_null(np.nan)
            .to_numpy()
            for scorer, variant in quality_columns(panel)
        },
        kept,
    )


def _softmax(usable: pl.DataFrame, scores: Path) -> NDArray[np.float16]:
    """A network's whole softmax [n, classes] of the usable pictures."""
    kept = read_table(scores, score_columns(Kind.CLASSIFIER, softmax=True))
    joined = usable.select("sha256").join(kept, on="sha256", how="left", maintain_order="left")
    return unpacked(joined["softmax"])


def _with_observed(
    estimates: pl.DataFrame,
    usable: pl.DataFrame,
    listing: pl.DataFrame,
    target: Outputs,
    classes: pl.DataFrame,
) -> pl.DataFrame:
    """With the accuracy that the set's own labels give, where all of its pictures have them.

    Labels that are not understood are left aside, and ``reason`` says so.
    """
    given = usable.select("name").join(listing, on="name", maintain_order="left")
    # The accuracy of a labelled part would not be that of the set.
    if given["label"].null_count():
        return estimates
    known = Labels(classes, None)
    try:
        labels = [known.index(row["label"], row["name"]) for row in given.iter_rows(named=True)]
    except UserError as error:
        found = pl.concat_list("reason", pl.lit(f"labels not used: {error}"))
        return estimates.with_columns(reason=found.list.set_difference([""]).list.join("; "))
    accuracy = {
        network: float((predictions == np.array(labels)).mean())
        for network, predictions in target.predictions.items()
    }
    return estimates.with_columns(
        observed=pl.col("task_model").replace_strict(accuracy, return_dtype=pl.Float64)
    )
