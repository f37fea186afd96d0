"""The paper's comparative claims as data: typed, and checked when they are read.

``resources/paper_claims.yaml`` holds them. A claim is an entry: a quantity, a side on the left, a
side or a number on the right, and what is said of the difference. A side is a family of quality
scores; over its variants and its sources it takes the mean, or the one of the largest or the
smallest value. The pick is made by the estimates themselves and flatters its side, so a claim
that one side is the greater has it on the other side.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pydantic
import yaml
from pydantic import BaseModel, ConfigDict, Field

from causal_iqa.errors import UserError, nearest

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
"""What each one is: ``experiments.quantities``."""
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
        raw = yaml.safe_load(file.read_text(encoding="utf-8"))
        return list(_File.model_validate(raw).claims)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(f"{file} cannot be read: {error}") from None
    except pydantic.ValidationError as error:
        lines = "".join(f"\n  {_explain(fault)}" for fault in error.errors())
        raise UserError(f"{file} has {error.error_count()} fault(s):{lines}") from None


def _explain(fault: Any) -> str:
    key = ".".join(str(part) for part in fault["loc"]) or "the file"
    if fault["type"] == "extra_forbidden":
        within = {"left", "right"} & set(fault["loc"][:-1])
        model = Side if within else Claim if len(fault["loc"]) > 1 else _File
        return f"{key}: unknown key; {nearest(str(fault['loc'][-1]), list(model.model_fields))}"
    message = fault["msg"].removeprefix("Value error, ")
    given = "" if fault["type"] in ("missing", "value_error") else f" (given: {fault['input']!r})"
    return f"{key}: {message}{given}"
