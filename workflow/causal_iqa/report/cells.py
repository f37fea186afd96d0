"""Cells of the pair tables as text: an estimate and its interval stand together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from causal_iqa.report.labels import pair_mark

Row = Mapping[str, Any]
COEFFICIENTS = ("krcc", "srcc", "plcc")
"""The group coefficients in the order in which they are shown."""
NOT_ESTIMABLE = "not estimable"


@dataclass(frozen=True)
class Column:
    """A column of a rendered pair table.

    cell: a row's text. value: the number or text that it sorts by (None: cannot be estimated).
    """

    header: str
    cell: Callable[[Row], str]
    value: Callable[[Row], float | str | None]
    numeric: bool = True


def number(value: float | None) -> str:
    """Three decimals with an ASCII minus; ``NOT_ESTIMABLE`` for None. Never '-0.000'."""
    if value is None:
        return NOT_ESTIMABLE
    text = f"{value:.3f}"
    return text.removeprefix("-") if float(text) == 0 else text


def estimate(value: float | None, lo: float | None, hi: float | None) -> str:
    """``0.670 [0.610, 0.720]``; the estimate alone where it has no interval."""
    if value is None or lo is None or hi is None:
        return number(value)
    return f"{number(value)} [{number(lo)}, {number(hi)}]"


def p_value(p: float | None) -> str:
    """``p = 0.012``, ``p < 0.001``; '' where there is none."""
    if p is None:
        return ""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def auc(row: Row) -> str:
    """AUC with the interval that takes pictures as units."""
    return estimate(row["auc"], row["auc_cluster_lo"], row["auc_cluster_hi"])


def cross_entropy(row: Row) -> str:
    """Mean cross-entropy in nats and, in brackets, that of the training base rate."""
    if row["ce"] is None or row["ce_base"] is None:
        return number(row["ce"])
    return f"{number(row['ce'])} ({number(row['ce_base'])})"


def coefficient(row: Row, name: str) -> str:
    """A group coefficient with the interval over corruptions and its Holm-adjusted p."""
    shown = estimate(row[name], row[f"{name}_corr_lo"], row[f"{name}_corr_hi"])
    p = p_value(row[f"{name}_p_holm"])
    return f"{shown}, {p}" if p and row[name] is not None else shown


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
    _text("solver", "Solver"),
)
