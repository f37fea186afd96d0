"""Each CSV table once more as Markdown and as LaTeX, compact enough to read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from causal_iqa.contract import ACCURACY, atomic, read_table
from causal_iqa.report.cells import COLUMNS, NOT_ESTIMABLE, marked_rows
from causal_iqa.report.labels import CIRCULAR_MARK, FAMILY_TITLES, SELF_MARK
from causal_iqa.report.reading import read_pair_table

MARK_NOTES = (
    f"{CIRCULAR_MARK} quality source and task model share weights (circular); "
    f"{SELF_MARK} they are the same network."
)
PAIR_NOTES = (
    "AUC: of P(M=1|Q) on held-out pictures; [95 % interval, pictures as units]. "
    "CE: mean cross-entropy in nats (of the training base rate).",
    "KRCC, SRCC, PLCC: over the conditions; [95 % interval, corruptions as units], "
    "p adjusted by Holm over the table. The CSV also has the intervals over points and conditions.",
    MARK_NOTES,
)


class Rendering(NamedTuple):
    """A table as text: ``numeric`` says which columns are numbers, ``notes`` go below."""

    title: str
    headers: Sequence[str]
    numeric: Sequence[bool]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str]


def write_renderings(csv: Path) -> None:
    """Write ``csv`` (a pair table or accuracy.csv) beside itself as ``.md`` and ``.tex``.

    Raises ContractError where the CSV is not one of these tables.
    """
    rendering = render_accuracy(csv) if csv.stem == "accuracy" else render_pairs(csv)
    writers: dict[str, Callable[[Rendering], str]] = {".md": markdown, ".tex": latex}
    for suffix, write in writers.items():
        with atomic(csv.with_suffix(suffix)) as temporary:
            temporary.write_text(write(rendering), encoding="utf-8")


def render_pairs(csv: Path) -> Rendering:
    """nr_iqa.csv, strong.csv or weak.csv, a line for each row of the file."""
    frame = read_pair_table(csv)
    given = frame["reason"].unique(maintain_order=True)
    reasons = {reason: n for n, reason in enumerate(given.filter(given != ""), start=1)}
    rows = []
    for row in marked_rows(frame):
        note = f"({reasons[row['reason']]})" if row["reason"] else ""
        rows.append([*(column.cell(row) for column in COLUMNS), note])
    return Rendering(
        FAMILY_TITLES.get(csv.stem, csv.stem),
        [*(column.header for column in COLUMNS), "Note"],
        [*(column.numeric for column in COLUMNS), False],
        rows,
        [*PAIR_NOTES, *(f"({n}) {NOT_ESTIMABLE}: {reason}" for reason, n in reasons.items())],
    )


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


def markdown(table: Rendering) -> str:
    """A GitHub-flavoured Markdown table under its title, notes below."""
    rule = ["---:" if numeric else "---" for numeric in table.numeric]
    lines = [_markdown_row(map(_escape_markdown, table.headers)), _markdown_row(rule)]
    lines += [_markdown_row(map(_escape_markdown, row)) for row in table.rows]
    notes = "\n\n".join(_escape_markdown(note) for note in table.notes)
    return f"**{_escape_markdown(table.title)}**\n\n" + "\n".join(lines) + f"\n\n{notes}\n"


def _markdown_row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _escape_markdown(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", text).replace("\n", " ")


def latex(table: Rendering) -> str:
    """A booktabs ``longtable``, which may break over pages; \\input it where the text is wide."""
    head = " & ".join(_escape_latex(header) for header in table.headers) + r" \\"
    body = "\n".join(
        " & ".join(
            _latex_number(cell) if numeric else _escape_latex(cell)
            for cell, numeric in zip(row, table.numeric, strict=True)
        )
        + r" \\"
        for row in table.rows
    )
    width = len(table.headers)
    notes = "\n".join(
        rf"\multicolumn{{{width}}}{{p{{0.95\linewidth}}}}{{{_escape_latex(note)}}} \\"
        for note in table.notes
    )
    return "\n".join(
        (
            r"% needs \usepackage{booktabs,longtable}; UTF-8",
            rf"\begin{{longtable}}{{{''.join('r' if n else 'l' for n in table.numeric)}}}",
            rf"\caption{{{_escape_latex(table.title)}}} \\",
            rf"\toprule {head} \midrule \endfirsthead",
            rf"\toprule {head} \midrule \endhead",
            r"\bottomrule \endfoot",
            body,
            r"\midrule",
            notes,
            r"\end{longtable}",
            "",
        )
    )


_LATEX = {
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "[": "{[}",
    "]": "{]}",
    "\n": " ",
    "\N{NO-BREAK SPACE}": "~",
    CIRCULAR_MARK: r"\textdagger{}",
    SELF_MARK: r"\textdaggerdbl{}",
}


def _escape_latex(text: str) -> str:
    return "".join(_LATEX.get(sign, sign) for sign in text)


def _latex_number(text: str) -> str:
    """A cell of numbers: true minus signs."""
    return re.sub(r"-(?=\d)", "$-$", _escape_latex(text))
