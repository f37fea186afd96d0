"""Conditions: corruption x severity, their names, groups and order.

A condition is what is done to every picture of a data set. ImageNet-C (Hendrycks & Dietterich,
ICLR 2019) names 15 corruptions in four groups, four extra ones for validation, and five
severities of each; the clean condition is written ``clean``, severity 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

GROUPS: dict[str, tuple[str, ...]] = {
    "noise": ("gaussian_noise", "shot_noise", "impulse_noise"),
    "blur": ("defocus_blur", "glass_blur", "motion_blur", "zoom_blur"),
    "weather": ("snow", "frost", "fog", "brightness"),
    "digital": ("contrast", "elastic_transform", "pixelate", "jpeg_compression"),
    "extra": ("speckle_noise", "gaussian_blur", "spatter", "saturate"),
}
EXTRA = GROUPS["extra"]
CORRUPTIONS = tuple(name for group in GROUPS.values() for name in group if name not in EXTRA)
ALL_CORRUPTIONS = CORRUPTIONS + EXTRA
SEVERITIES = (1, 2, 3, 4, 5)
CLEAN = "clean"


class Condition(NamedTuple):
    """One corruption at one severity (``clean`` at 0)."""

    corruption: str
    severity: int

    def __str__(self) -> str:
        return f"{self.corruption}/{self.severity}"

    @classmethod
    def parse(cls, text: str) -> Condition:
        """Read ``fog/3`` back. Raises ValueError where the text is no condition."""
        corruption, _, severity = text.partition("/")
        condition = cls(corruption, int(severity) if severity.isdecimal() else -1)
        # As it is written, for it names files: not fog/03, which int() would take for fog/3.
        if corruption not in (CLEAN, *ALL_CORRUPTIONS) or str(condition) != text:
            raise ValueError(f"{text!r} is no condition; expected CORRUPTION/SEVERITY, as fog/3")
        if condition.severity not in ((0,) if corruption == CLEAN else SEVERITIES):
            raise ValueError(f"{text!r}: severity is 0 for clean and 1 to 5 for a corruption")
        return condition

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: Any) -> Any:
        """In the options of a command it is a text, as ``fog/3``."""
        from pydantic_core import core_schema as is_a

        return is_a.no_info_after_validator_function(cls.parse, is_a.str_schema())


def group_of(corruption: str) -> str:
    """The group ('noise', 'blur', ...) of a corruption. Raises KeyError for an unknown one."""
    for group, members in GROUPS.items():
        if corruption in members:
            return group
    raise KeyError(corruption)


def grid(corruptions: Iterable[str], severities: Iterable[int]) -> list[Condition]:
    """The clean condition, then every corruption at every severity, in the order given."""
    severities = tuple(severities)  # an iterator would be used up by the first corruption
    return [Condition(CLEAN, 0)] + [Condition(c, s) for c in corruptions for s in severities]


def by_corruption(conditions: Iterable[Condition]) -> dict[str, list[Condition]]:
    """Each corruption, clean among them, and its conditions."""
    found: dict[str, list[Condition]] = {}
    for condition in conditions:
        found.setdefault(condition.corruption, []).append(condition)
    return found
