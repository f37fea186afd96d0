"""Names and order of the conditions."""

import re

import pytest

from causal_iqa.core.conditions import (
    ALL_CORRUPTIONS,
    CORRUPTIONS,
    EXTRA,
    Condition,
    grid,
    group_of,
)
from causal_iqa.corruptions.registry import CORRUPTIONS as REGISTRY


def test_imagenet_c_has_15_corruptions_and_4_extra() -> None:
    assert len(CORRUPTIONS) == 15
    assert len(EXTRA) == 4
    assert len(grid(CORRUPTIONS, range(1, 6))) == 76


def test_every_name_has_a_function_in_its_group() -> None:
    assert tuple(REGISTRY) == ALL_CORRUPTIONS
    for name, corruption in REGISTRY.items():
        assert corruption.group == group_of(name)


def test_condition_is_written_and_read_back() -> None:
    for condition in grid(ALL_CORRUPTIONS, range(1, 6)):
        assert Condition.parse(str(condition)) == condition


@pytest.mark.parametrize("text", ["fog", "fog/6", "fog/0", "clean/1", "fogg/1", "fog/x"])
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        Condition.parse(text)
