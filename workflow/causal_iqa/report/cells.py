"""Cells of the pair tables as text: an estimate and its interval stand together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import polars as pl

from causal_iqa.report.scorer_words import pair_mark

Row = Mapping[str, Any]
COEFFICIENTS = ("krcc", "srcc", "plcc")
"""The group coefficients in the order in which they are shown."""
NOT_ESTIMABLE = "not estimable"
MINUS = "\N{MINUS SIGN}"


class Cell(NamedTuple):
    """What stands in a cell of numbers: an estimate, in brackets what is beside it, its p."""

    value: str
    beside: str = ""
    p: str = ""

    def __str__(self) -> str:
        """``0.670 [0.610, 0.720], p = 0.012``."""
        shown = f"{self.value} {self.beside}" if self.beside else self.value
        return f"{shown}, {self.p}" if self.p else shown


@dataclass(frozen=True)
class Column:
    """A column of a rendered table.

    cell: what a row shows. value: the number or text that it sorts by (None: cannot be estimated).
    detail: on a page it is shown only where details are asked for.
    """

    header: str
    cell: Callable[[Row], Cell | str]
    value: Callable[[Row], float | str | None]
    numeric: bool = True
    detail: bool = False


def signed(value: float, form: str = "") -> str:
    """A number in a format of ``format``, with a true minus (U+2212)."""
    return f"{value:{form}}".replace("-", MINUS)


def number(value: float | None) -> str:
    """Three decimals, never '−0.000'; ``NOT_ESTIMABLE`` for None."""
    # z: what rounds to 0 has no sign.
    return NOT_ESTIMABLE if value is None else signed(value, "z.3f")


def estimate(value: float | None, lo: float | None, hi: float | None) -> Cell:
    """``0.670 [0.610, 0.720]``; the estimate alone where it has no interval."""
    if value is None or lo is None or hi is None:
        return Cell(number(value))
    return Cell(number(value), f"[{number(lo)}, {number(hi)}]")


def p_value(p: float | None) -> str:
    """``p = 0.012``, ``p < 0.001``; '' where there is none."""
    if p is None:
        return ""
    # Three decimals cannot say more, and p = 0.000 would be false.
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def auc(row: Row) -> Cell:
    """AUC with the interval that takes pictures as units."""
    return estimate(row["auc"], row["auc_cluster_lo"], row["auc_cluster_hi"])


def cross_entropy(row: Row) -> Cell:
    """Mean cross-entropy in nats and, in brackets, that of the training base rate."""
    # Beside it always the base rate's: a CE by itself does not say whether Q helps.
    if row["ce"] is None or row["ce_base"] is None:
        return Cell(number(row["ce"]))
    return Cell(number(row["ce"]), f"({number(row['ce_base'])})")


def coefficient(row: Row, name: str) -> Cell:
    """A group coefficient with the interval over corruptions and its Holm-adjusted p."""
    shown = estimate(row[name], row[f"{name}_corr_lo"], row[f"{name}_corr_hi"])
    return shown if row[name] is None else shown._replace(p=p_value(row[f"{name}_p_holm"]))


def _text(name: str, header: str) -> Column:
    return Column(header, lambda row: str(row[name]), lambda row: str(row[name]), numeric=False)


def _coefficient(name: str) -> Column:
    return Column(name.upper(), lambda row: coefficient(row, name), lambda row: row[name])


def marked_rows(pairs: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Rows of a pair table with ``mark``, as ``COLUMNS`` take them."""
    for row in pairs.iter_rows(named=True):
        mark = pair_mark(row["task_model"], row["quality_source"], row["circular"])
        yield {**row, "mark": mark}


def _source(row: Row) -> str:
    return f"{row['quality_source']}\N{NO-BREAK SPACE}{row['mark']}".rstrip()


COLUMNS: tuple[Column, ...] = (
    _text("task_model", "Task model"),
    Column("Quality source", _source, lambda row: row["quality_source"], numeric=False),
    _text("quality_variant", "Q"),
    Column("AUC", auc, lambda row: row["auc"]),
    Column("CE (base rate)", cross_entropy, lambda row: row["ce"]),
    *map(_coefficient, COEFFICIENTS),
    Column("Test points", lambda row: f"{row['n_test']}", lambda row: row["n_test"]),
    replace(_text("solver", "Solver"), detail=True),
)
