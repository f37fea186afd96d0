"""Each CSV table once more as Markdown and as LaTeX, compact enough to read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

from causal_iqa.analyses.registry import words_of
from causal_iqa.core.contract import atomic, read_table
from causal_iqa.core.kinds import ALL_TABLE_KINDS
from causal_iqa.data.schema import ACCURACY
from causal_iqa.report.cells import COLUMNS, NOT_ESTIMABLE, marked_rows
from causal_iqa.report.findings import read_pair_table
from causal_iqa.report.scorer_words import CIRCULAR_MARK, FAMILY_TITLES, SELF_MARK
from causal_iqa.report.table_words import TableWords
from causal_iqa.report.text_tables import Rendering, latex, markdown

MARK_NOTES = (
    f"{CIRCULAR_MARK} quality source and task model share weights (circular); "
    f"{SELF_MARK} they are the same network."
)
PAIR_NOTES = (
    "AUC: of P(M=1|Q) on held-out pictures; [95 % interval, pictures as units]. "
    "CE: mean cross-entropy in nats (of the training base rate).",
    "KRCC, SRCC, PLCC: over the conditions; [95 % interval, corruptions as units], "
    "p adjusted by Holm over the table and, unlike the interval, with the conditions as "
    "independent: where the two differ, go by the interval. The CSV also has the intervals over "
    "points and conditions.",
    MARK_NOTES,
)


def write_renderings(csv: Path) -> None:
    """Write ``csv`` beside itself as ``.md`` and ``.tex``.

    Raises ContractError where the CSV is not the table that its name says.
    """
    rendering = rendered(csv)
    writers: dict[str, Callable[[Rendering], str]] = {".md": markdown, ".tex": latex}
    for suffix, write in writers.items():
        with atomic(csv.with_suffix(suffix)) as temporary:
            temporary.write_text(write(rendering), encoding="utf-8")


def rendered(csv: Path) -> Rendering:
    """A table by the name of its CSV: accuracy, a pooled table, or one of an analysis's own."""
    if csv.stem == "accuracy":
        return render_accuracy(csv)
    return render_pairs(csv) if csv.stem in ALL_TABLE_KINDS else render_words(csv)


def render_words(csv: Path) -> Rendering:
    """A table of an analysis as text, a line for each row of the file."""
    words: TableWords = words_of(csv.stem)
    rows = [
        [column.cell(row) for column in words.columns]
        for row in read_table(csv, words.schema).iter_rows(named=True)
    ]
    headers = [column.header for column in words.columns]
    return Rendering(words.title, headers, [c.numeric for c in words.columns], rows, words.notes)


def render_pairs(csv: Path) -> Rendering:
    """A pooled table, a line for each row of the file."""
    return pairs_rendering(read_pair_table(csv), FAMILY_TITLES.get(csv.stem, csv.stem))


def pairs_rendering(frame: pl.DataFrame, title: str) -> Rendering:
    """Rows of a pooled table (``POOLED``) under a title."""
    reasons = numbered_reasons(frame)
    rows = [
        [*(column.cell(row) for column in COLUMNS), reasons.get(row["reason"], "")]
        for row in marked_rows(frame)
    ]
    return Rendering(
        title,
        [*(column.header for column in COLUMNS), "Note"],
        [*(column.numeric for column in COLUMNS), False],
        rows,
        [*PAIR_NOTES, *(f"{n} {NOT_ESTIMABLE}: {reason}" for reason, n in reasons.items())],
    )


def numbered_reasons(frame: pl.DataFrame) -> dict[str, str]:
    """Why rows of a pooled table lack a value -> ``(1)``, ``(2)``, ... in the order of the rows."""
    given = frame["reason"].unique(maintain_order=True)
    return {reason: f"({n})" for n, reason in enumerate(given.filter(given != ""), start=1)}


def render_accuracy(csv: Path) -> Rendering:
    """accuracy.csv with a line for each task model and corruption, a column for each severity."""
    frame = read_table(csv, ACCURACY)
    severities = sorted(frame["severity"].unique())
    wide = frame.with_columns(pl.col("accuracy") * 100).pivot(
        "severity", index=["task_model", "corruption"], values="accuracy"
    )
    rows = [
        [row["task_model"], row["corruption"]]
        + ["" if row[str(s)] is None else f"{row[str(s)]:.1f}" for s in severities]
        for row in wide.iter_rows(named=True)
    ]
    counts = sorted(frame["n"].unique())
    pictures = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    return Rendering(
        "Accuracy of the task models",
        ["Task model", "Corruption", *(f"{s}" for s in severities)],
        [False, False, *(True for _ in severities)],
        rows,
        [f"Top-1 accuracy in per cent by severity (0: clean), over {pictures} pictures each."],
    )
