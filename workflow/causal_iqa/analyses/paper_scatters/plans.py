"""Which of the paper's scatter figures (3, 5, 6, 11 to 19) the scorers at hand can show.

A scorer that bears the name of one of the paper's is that one; the other places are taken by the
remaining scorers of the kind, in the order of ``scorers.csv``. Which figures there are follows
from the scorers' names and kinds alone, before anything is computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from causal_iqa.analyses.published.compute import is_named
from causal_iqa.core.kinds import Kind

NETWORKS = ("ConvNext-B", "Swin-B", "ResNet34")
METRICS = ("CLIP-IQA", "ARNIQA", "BRISQUE", "TV")
ENCODER = "ZSCLIP"
ROLES = {Kind.CLASSIFIER: NETWORKS, Kind.METRIC: METRICS, Kind.ZERO_SHOT: (ENCODER,)}
CONFIDENCE = ("max_logit", "max_prob", "entropy")

CONVNEXT, SWIN, RESNET = NETWORKS


class Plan(NamedTuple):
    """What a figure of the paper shows: a task model against sources and their variants."""

    task_model: str
    sources: tuple[str, ...]
    variants: tuple[str, ...]


# By the captions; Figures 5 and 6 show max logit alone, which does best in the paper.
PLANS: dict[int, Plan] = {
    3: Plan(CONVNEXT, ("CLIP-IQA",), ("score",)),
    5: Plan(CONVNEXT, (SWIN,), ("max_logit",)),
    6: Plan(CONVNEXT, (ENCODER,), ("max_logit",)),
    11: Plan(CONVNEXT, METRICS, ("score",)),
    12: Plan(SWIN, METRICS, ("score",)),
    13: Plan(RESNET, METRICS, ("score",)),
    14: Plan(CONVNEXT, (RESNET, SWIN), CONFIDENCE),
    15: Plan(SWIN, (CONVNEXT, RESNET), CONFIDENCE),
    16: Plan(RESNET, (CONVNEXT, SWIN), CONFIDENCE),
    17: Plan(CONVNEXT, (ENCODER,), CONFIDENCE),
    18: Plan(SWIN, (ENCODER,), CONFIDENCE),
    19: Plan(RESNET, (ENCODER,), CONFIDENCE),
}


def stand_ins(kinds: Mapping[str, Kind]) -> dict[str, str]:
    """The scorer here for each of the paper's names that one can be found for.

    kinds: scorer -> kind, in the order of ``scorers.csv``.
    """
    found: dict[str, str] = {}
    for kind, roles in ROLES.items():
        mine = [name for name, its_kind in kinds.items() if its_kind == kind]
        for role in roles:
            named = [name for name in mine if is_named(role, name, None)]
            if named:
                found[role] = named[0]
        rest = iter(name for name in mine if name not in found.values())
        found.update(zip((role for role in roles if role not in found), rest, strict=False))
    return found


def figures_at_hand(kinds: Mapping[str, Kind]) -> list[int]:
    """Numbers of the paper's figures that have a task model and at least one source here."""
    here = stand_ins(kinds)
    return [
        number
        for number, plan in PLANS.items()
        if plan.task_model in here and any(source in here for source in plan.sources)
    ]


def paper_figure_paths(kinds: Mapping[str, Kind]) -> list[str]:
    """Paths below the results of all files that ``paper_scatter`` draws."""
    return [
        f"figures/paper/fig{number:02}.{suffix}"
        for number in figures_at_hand(kinds)
        for suffix in ("svg", "png")
    ]
