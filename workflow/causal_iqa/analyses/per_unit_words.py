"""Tables of fits per unit in words: a mean over too few units has no spread."""

from __future__ import annotations

from causal_iqa.report.cells import Cell, Column, Row, number
from causal_iqa.report.enough import PICTURES, UNITS, too_few

LEAST = {"pictures": PICTURES, "labels": UNITS, "mixtures": UNITS}
"""Of each kind of unit, how many a mean with a spread needs."""


def unit_columns(units: str) -> tuple[Column, ...]:
    """Mean AUC and CE with their sd, and of how many units (the plural) they are.

    Of fewer than ``LEAST`` the means stand alone, and their number says so.
    """

    def count(row: Row) -> str:
        return too_few(row["n_units"], LEAST[units], units) or f"{row['n_units']}"

    return (
        _spread("AUC (sd)", "auc", units),
        _spread("CE (sd)", "ce", units),
        Column(units.capitalize(), count, lambda row: row["n_units"]),
    )


def _spread(header: str, name: str, units: str) -> Column:
    def cell(row: Row) -> Cell:
        mean, sd = row[f"mean_{name}"], row[f"sd_{name}"]
        alone = sd is None or too_few(row["n_units"], LEAST[units], units)
        return Cell(number(mean), "" if alone else f"({number(sd)})")

    return Column(header, cell, lambda row: row[f"mean_{name}"])
