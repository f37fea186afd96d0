"""Which values keys of the configuration and options of commands may have, each stated once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, Field

from causal_iqa.core.conditions import ALL_CORRUPTIONS, SEVERITIES, Condition
from causal_iqa.core.errors import nearest

Values = TypeVar("Values", bound=Sequence)


def each_once(values: Values) -> Values:
    """The same list. Raises ValueError where it is empty or holds a value more than once."""
    if not values:
        raise ValueError("the list is empty")
    for value in values:
        if values.count(value) > 1:
            shown = str(value) if isinstance(value, Condition) else value
            raise ValueError(f"{shown!r} stands more than once")
    return values


def _known(corruption: str) -> str:
    if corruption not in ALL_CORRUPTIONS:
        raise ValueError(
            f"unknown corruption {corruption!r}; {nearest(corruption, ALL_CORRUPTIONS)}"
        )
    return corruption


def _in_range(severity: int) -> int:
    if severity not in SEVERITIES:
        raise ValueError(f"severity {severity} does not exist; allowed: 1, 2, 3, 4, 5")
    return severity


Corruptions = Annotated[
    tuple[Annotated[str, AfterValidator(_known)], ...], AfterValidator(each_once)
]
Severities = Annotated[
    tuple[Annotated[int, AfterValidator(_in_range)], ...], AfterValidator(each_once)
]
ConditionList = Annotated[Sequence[Condition], AfterValidator(each_once)]
Names = Annotated[Sequence[str], AfterValidator(each_once)]

Count = Annotated[int, Field(ge=1)]
"""Of threads, processes, parts."""
Seed = Annotated[int, Field(ge=0)]
TestFraction = Annotated[float, Field(gt=0, lt=1)]
MaxUndefined = Annotated[float, Field(ge=0, lt=1)]
Dpi = Annotated[int, Field(ge=50, le=600)]
Style = Literal["whitegrid", "white", "ticks", "darkgrid"]
"""Of seaborn's."""
