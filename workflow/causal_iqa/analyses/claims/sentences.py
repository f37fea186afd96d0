"""The paper's comparative claims as data: typed, and checked when they are read.

``resources/paper_claims.yaml`` holds them. A claim is an entry: a quantity, a side on the left, a
side or a number on the right, and what is said of the difference. A side is a family of quality
scores; over its variants and its sources it takes the mean, or the one of the largest or the
smallest value. The pick is made by the estimates themselves and flatters its side, so a claim
that one side is the greater has it on the other side.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pydantic
from pydantic import BaseModel, ConfigDict, Field

from causal_iqa.core.config_faults import explain
from causal_iqa.core.errors import UserError
from causal_iqa.core.yaml_files import read_yaml

Quantity = Literal[
    "auc",
    "ce_gain",
    "srcc",
    "image_auc",
    "image_sd",
    "label_auc",
    "mixture_auc",
    "mixture_change",
    "mixture_sd",
]
"""What each one is: ``analyses.claims.claim_quantities``."""
Family = Literal["nr_iqa", "strong", "weak"]
Take = Literal["mean", "largest", "smallest"]
Variant = Literal["score", "max_prob", "entropy", "max_logit", "max_prob_t", "entropy_t"]


class Section(BaseModel):
    """A part of the file; a key that is not named here is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Side(Section):
    """Which quality scores, and how several become one number for a task model."""

    families: tuple[Family, ...] = Field(min_length=1, description="pooled tables they stand in")
    variants: tuple[Variant, ...] = Field(min_length=1, description="as max_logit; metrics: score")
    over_variants: Take = Field("mean", description="of one source")
    over_sources: Take = Field("mean", description="of what over_variants made of each")
    weights: Literal["other", "own"] = Field(
        "other",
        description="other: pairs that share weights are left out; own: the task model's own Q",
    )

    def words(self) -> str:
        """The side in words, as a table shows it."""
        families = " and ".join(self.families)
        shown = "" if self.variants == ("score",) else f" {', '.join(self.variants)};"
        own = ", the task model's own" if self.weights == "own" else ""
        taken = [f"{self.over_variants} of variants"] if len(self.variants) > 1 else []
        return f"{families}{own}:{shown} {', '.join([*taken, f'{self.over_sources} of sources'])}"


class Claim(Section):
    """A sentence of the paper and the comparison that tests it."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    section: str = Field(min_length=1, description="where the sentence stands, as 2.4 or Fig. 6")
    sentence: str = Field(min_length=1, description="as printed; ... for what is left out")
    quantity: Quantity
    left: Side
    says: Literal["greater", "less", "close"] = Field(description="left against right")
    right: Side | float
    margin: float | None = Field(
        None, gt=0, description="close: how far apart is still close; ours, the paper gives none"
    )
    note: str = Field("", description="what a reader of the table must know")

    @pydantic.model_validator(mode="after")
    def _margin_where_close(self) -> Claim:
        if (self.says == "close") != (self.margin is not None):
            raise ValueError("says: close needs a margin, and nothing else takes one")
        return self


class _File(Section):
    claims: tuple[Claim, ...] = Field(min_length=1)

    @pydantic.model_validator(mode="after")
    def _each_once(self) -> _File:
        ids = [claim.id for claim in self.claims]
        for name in ids:
            if ids.count(name) > 1:
                raise ValueError(f"the id {name!r} stands more than once")
        return self


def read_claims(file: Path) -> list[Claim]:
    """The claims of a YAML file. Raises UserError with the file and a line for each fault."""
    try:
        return list(_File.model_validate(read_yaml(file)).claims)
    except pydantic.ValidationError as error:
        faults = explain(error, _File)
        lines = "".join(f"\n  {fault}" for fault in faults)
        # from None: pydantic's own words would stand above ours.
        raise UserError(f"{file} has {len(faults)} fault(s):{lines}") from None
