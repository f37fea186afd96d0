"""Names and order of the conditions."""

import re

import pytest

from causal_iqa.core.conditions import (
    ALL_CORRUPTIONS,
    CORRUPTIONS,
    EXTRA,
    Condition,
    grid,
)
from causal_iqa.corruptions.registry import CORRUPTIONS as REGISTRY


def test_a_grid_is_clean_and_every_corruption_at_every_severity() -> None:
    made = grid(CORRUPTIONS, range(1, 6))
    assert len(set(made)) == len(made) == 1 + 5 * len(CORRUPTIONS)
    assert not set(CORRUPTIONS) & set(EXTRA)


def test_every_name_has_a_function() -> None:
    assert tuple(REGISTRY) == ALL_CORRUPTIONS


def test_condition_is_written_and_read_back() -> None:
    for condition in grid(ALL_CORRUPTIONS, range(1, 6)):
        assert Condition.parse(str(condition)) == condition


@pytest.mark.parametrize(
    "text",
    ["fog", "fog/6", "fog/0", "clean/1", "fogg/1", "fog/x", "fog/03", "fog/+3", "fog/-1", "fog/٣"],
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        Condition.parse(text)
