"""``card.json`` and ``card.html``: what an audit found out about a set, for its owner to read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from causal_iqa.analyses.estimators.schema import TRUTH_TEST
from causal_iqa.audit.calibration import quality_columns, task_networks
from causal_iqa.audit.card.advice import advise
from causal_iqa.audit.card.audited import Audited, read_audited
from causal_iqa.audit.card.card_page import card_html
from causal_iqa.audit.card.comparison import compare
from causal_iqa.audit.card.naming import Naming
from causal_iqa.audit.card.parts_of_set import group_facts, groups_of
from causal_iqa.audit.card.quality import histograms_of
from causal_iqa.audit.card.ranked_pictures import pictures_at_ends
from causal_iqa.audit.card.verdict import overall, verdict
from causal_iqa.audit.estimates import OUTSIDE_LIMIT
from causal_iqa.audit.estimators.registry import ESTIMATORS, FAMILIES
from causal_iqa.audit.files import AuditFiles
from causal_iqa.audit.intervals import ALPHA
from causal_iqa.core.columns import CLASSES, MANIFEST, SCORERS
from causal_iqa.core.conditions import CLEAN, Condition
from causal_iqa.core.contract import Results, atomic, read_table
from causal_iqa.core.kinds import Kind
from causal_iqa.data.panel import Panel
from causal_iqa.report.scorer_words import scorers_by_name

LISTED = 50
"""Near duplicates (groups, and names in one) and unreadable files that are listed by name."""

Row = dict[str, Any]
_TITLES = {
    **{name: entry.title for name, entry in ESTIMATORS.items()},
    **{name: family.title for name, family in FAMILIES.items()},
}
_KEY = ("task_model", "estimator", "quality_source", "quality_variant")


def write_card(
    root: Path,
    name: str,
    conditions: list[Condition],
    source: Path,
    names: Sequence[str] | None,
    against: str | None,
) -> None:
    """Write ``audit/<name>/card.json`` and ``card.html``, the same bytes from the same files.

    root: the experiment's results; source: where the set's pictures are, as the user wrote it;
    names: of the classes, in the order of the networks' outputs (None: those of ``classes.csv``);
    against: another audited set of the same experiment. Pictures are opened for thumbnails only.

    Keys of the JSON; shares, accuracies and P are in [0, 1], what is not known is null:

    - ``set``: name, source, n_listed, passed_over (files that are no pictures, in a line),
      n_readable, n_unreadable, n_scored (by every network),
      n_near_duplicates (pictures beyond the first of their kind), n_outside (scored pictures with
      a quality score beyond all of the calibration's, or not defined), n_undefined (metric ->
      scored pictures that it is not defined for), outside_limit (share of n_scored above which
      there is no estimate);
    - ``calibration``: experiment, n_pictures, n_judged (pictures of half B), corruptions,
      severities, clean (network -> accuracy on its clean pictures);
    - ``verdict``: networks (network -> 'harder than', 'like', 'easier than' the calibration's
      clean pictures, or 'cannot tell'; ``verdict``), overall (a sentence);
    - ``estimates``: each network's default estimator, then its others: task_model, title,
      is_default, estimator, estimator_title, quality_source, quality_variant, quality (in words, or
      ''), estimate, lo, hi, level (of the interval), mae, coverage, coverage_group (``truth``),
      observed, reason;
    - ``quality``: of each score: scorer, variant, title, axis, shown (in the page's figure),
      median_quantile, edges [BINS + 1], and counts [BINS] of ``set``, ``reference`` (clean) and
      ``severities`` (severity -> counts, all corruptions); ``groups``: kind, name, n and counts of
      the ten largest groups of each kind; the outermost bins hold all beyond;
    - ``groups``: kind ('folder', also the CSV's group, or 'predicted': the 10 classes that the
      first network predicts most), name, n, p_correct (network -> mean), interval (network -> lo
      and hi, or null; ``parts_of_set.interval``), quantile ('scorer.variant'
      -> median share of the reference that is smaller or equal);
    - ``ranked_by``: 'p_correct' (mean over the networks with one), or 'max_prob' (over all) where
      no network has one; ``worst``, ``best``: name, rank, p_correct, max_prob and prediction by
      network, thumbnail (data URI; null where the file is gone or changed);
    - ``near_duplicates``: groups (n, names), n_groups, more (not listed);
    - ``unreadable``: files (name, reason), more; ``notes``: note -> pictures;
    - ``advice``: sentences;
    - ``comparison``: null, or ``comparison.compare``.

    Raises ContractError for a table that is absent or not as its schema says.
    """
    results = Results(root)
    files = AuditFiles(results.audit(name))
    panel = Panel(root, conditions)
    networks, qualities = task_networks(panel), quality_columns(panel)
    classes = read_table(results.classes, CLASSES)["name"].to_list() if names is None else names
    naming = Naming(scorers_by_name(read_table(results.scorers, SCORERS)), classes)
    truth = read_table(results.table("estimators"), TRUTH_TEST)
    mine = read_audited(root, name, networks)
    facts = _set(mine, panel, source)
    rows = _estimates(mine, truth, naming)
    parts = groups_of(mine, naming)
    defaults = {row["task_model"]: row for row in rows if row["is_default"]}
    groups = [group_facts(part, mine, qualities, defaults) for part in parts]
    folders = [group for group in groups if group["kind"] == "folder"]
    taken = _taken(rows)
    notes = _notes(mine.listing)
    clean = _clean_accuracy(panel, networks)
    verdicts = {name: verdict(defaults[name], clean[name]) for name in networks}
    card = {
        "set": facts,
        "calibration": {**_calibration(results, conditions, truth), "clean": clean},
        "verdict": {"networks": verdicts, "overall": overall(list(verdicts.values()))},
        "estimates": rows,
        "quality": [
            histograms_of(mine, panel, column, taken, parts, naming) for column in qualities
        ],
        "groups": groups,
        **pictures_at_ends(mine, naming),
        "near_duplicates": _near_duplicates(mine.pictures),
        "unreadable": _unreadable(mine.listing),
        "notes": notes,
        "advice": advise(facts, rows, folders, notes, mine.listing, naming),
        "comparison": None
        if against is None
        else compare(mine, read_audited(root, against, networks), rows, qualities, naming),
    }
    # allow_nan=False: NaN is no JSON, and what is not known has to be null.
    text = json.dumps(card, indent=1, ensure_ascii=False, allow_nan=False)
    for target, content in ((files.card, f"{text}\n"), (files.page, card_html(card))):
        with atomic(target) as temporary:
            temporary.write_text(content, encoding="utf-8")


def _set(mine: Audited, panel: Panel, source: Path) -> Row:
    readable = mine.listing.filter(reason="").height
    return {
        "name": mine.name,
        "source": str(source),
        "n_listed": mine.listing.height,
        "n_readable": readable,
        "passed_over": mine.passed_over,
        "n_unreadable": mine.listing.height - readable,
        "n_scored": mine.scored.height,
        "n_near_duplicates": mine.pictures["duplicate_of"].count(),
        "n_outside": int(mine.scored["outside"].sum()),
        "n_undefined": {
            scorer: count
            for scorer in panel.of_kind(Kind.METRIC)
            if (count := mine.scored[f"{scorer}.score"].null_count())
        },
        "outside_limit": OUTSIDE_LIMIT,
    }


def _calibration(results: Results, conditions: Sequence[Condition], truth: pl.DataFrame) -> Row:
    shifts = [condition for condition in conditions if condition.corruption != CLEAN]
    return {
        "experiment": results.root.name,
        "n_pictures": read_table(results.manifest, MANIFEST).height,
        "n_judged": truth["n_pictures"].max(),
        "corruptions": list(dict.fromkeys(shift.corruption for shift in shifts)),
        "severities": sorted({shift.severity for shift in shifts}),
    }


def _clean_accuracy(panel: Panel, networks: Sequence[str]) -> dict[str, float]:
    clean = panel.conditions.index(Condition(CLEAN, 0))
    return {name: float(panel.correct(name)[clean].mean()) for name in networks}


def _estimates(mine: Audited, truth: pl.DataFrame, naming: Naming) -> list[Row]:
    """Networks in the experiment's order; of each the default, then by mae, ties by name."""
    tried = truth.select(*_KEY, "coverage", "coverage_group")
    joined = mine.estimates.join(tried, on=_KEY, how="left", maintain_order="left")
    order = {network: place for place, network in enumerate(mine.networks)}
    rows = joined.sort(
        pl.col("task_model").replace_strict(order, return_dtype=pl.Int32),
        ~pl.col("is_default"),
        *("mae", *_KEY[1:]),
        nulls_last=True,
    )
    return [_estimate(row, naming) for row in rows.iter_rows(named=True)]


def _estimate(row: Mapping[str, Any], naming: Naming) -> Row:
    source, variant = row["quality_source"], row["quality_variant"]
    return {
        "task_model": row["task_model"],
        "title": naming.title(row["task_model"]),
        "is_default": row["is_default"],
        "estimator": row["estimator"],
        "estimator_title": _TITLES[row["estimator"]],
        "quality_source": source,
        "quality_variant": variant,
        "quality": naming.quality(source, variant) if source else "",
        "estimate": row["estimate"],
        "lo": row["lo"],
        "hi": row["hi"],
        "level": 1 - ALPHA,
        **{name: row[name] for name in ("mae", "coverage", "coverage_group", "observed", "reason")},
    }


def _taken(estimates: Sequence[Row]) -> set[tuple[str, str]]:
    """The score that each network's default estimator takes; where it takes none, the network's
    largest softmax probability."""
    return {
        (row["quality_source"] or row["task_model"], row["quality_variant"] or "max_prob")
        for row in estimates
        if row["is_default"]
    }


def _near_duplicates(pictures: pl.DataFrame) -> Row:
    """Groups by their first picture, the largest first."""
    members = (
        pictures.drop_nulls("duplicate_of").sort("name").partition_by("duplicate_of", as_dict=True)
    )
    groups = [[str(first), *rows["name"]] for (first,), rows in members.items()]
    # By name at a tie, so that the same files give the same bytes.
    groups.sort(key=lambda names: (-len(names), names))
    return {
        "groups": [{"n": len(names), "names": names[:LISTED]} for names in groups[:LISTED]],
        "n_groups": len(groups),
        "more": max(0, len(groups) - LISTED),
    }


def _unreadable(listing: pl.DataFrame) -> Row:
    lost = listing.filter(pl.col("reason") != "").select("name", "reason").sort("name")
    return {"files": lost.head(LISTED).to_dicts(), "more": max(0, lost.height - LISTED)}


def _notes(listing: pl.DataFrame) -> dict[str, int]:
    """The most frequent first."""
    notes = listing.filter(pl.col("notes") != "")["notes"].str.split("; ").explode()
    counts = notes.value_counts().sort("count", "notes", descending=[True, False])
    return dict(counts.iter_rows())
