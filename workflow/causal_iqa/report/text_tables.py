"""A table as text: GitHub-flavoured Markdown and LaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from causal_iqa.report.cells import MINUS, Cell
from causal_iqa.report.scorer_words import CIRCULAR_MARK, SELF_MARK


class Rendering(NamedTuple):
    """A table as text: ``numeric`` says which columns are numbers, ``notes`` go below."""

    title: str
    headers: Sequence[str]
    numeric: Sequence[bool]
    rows: Sequence[Sequence[Cell | str]]
    notes: Sequence[str]


def markdown(table: Rendering) -> str:
    """A GitHub-flavoured Markdown table under its title, notes below."""
    rule = ["---:" if numeric else "---" for numeric in table.numeric]
    lines = [_markdown_row(map(_escape_markdown, table.headers)), _markdown_row(rule)]
    lines += [_markdown_row(map(_markdown_cell, row, table.numeric)) for row in table.rows]
    notes = "\n\n".join(_escape_markdown(note) for note in table.notes)
    return f"**{_escape_markdown(table.title)}**\n\n" + "\n".join(lines) + f"\n\n{notes}\n"


def _markdown_row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _markdown_cell(cell: Cell | str, numeric: bool) -> str:
    """A number is written with the minus of programs, which read it."""
    return _escape_markdown(str(cell).replace(MINUS, "-") if numeric else str(cell))


def _escape_markdown(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", text).replace("\n", " ")


def latex(table: Rendering) -> str:
    """A booktabs ``longtable``, which may break over pages; \\input it where the text is wide."""
    head = " & ".join(_escape_latex(header) for header in table.headers) + r" \\"
    body = "\n".join(
        " & ".join(_escape_latex(str(cell)) for cell in row) + r" \\" for row in table.rows
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
    MINUS: "$-$",
    CIRCULAR_MARK: r"\textdagger{}",
    SELF_MARK: r"\textdaggerdbl{}",
}


def _escape_latex(text: str) -> str:
    # Sign by sign: replacing one after the other would escape the escapes.
    return "".join(_LATEX.get(sign, sign) for sign in text)
