"""The configuration of a scorer: which network, dual encoder or metric, and how it is run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import pydantic
from pydantic import BaseModel, ConfigDict, Field

from causal_iqa.core.kinds import Kind

NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"
LONGEST = 100
"""Letters of a name: file names hold 255 bytes, and more than the name."""


class Section(BaseModel):
    """A part of the configuration; a key that is not named here is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Classifier(Section):
    """A task model: its correctness is M, its confidence a (strong) quality score."""

    kind: Literal[Kind.CLASSIFIER]
    model: str = Field(
        description="package:NAME, torchvision:BUILDER/WEIGHTS, timm:NAME; NAME@FILE: a checkpoint"
    )
    preprocess: Literal["fit", "weights"] = Field(
        "fit",
        description="fit: resize the 224x224 picture to the network's input, no crop; "
        "weights: the resize and crop that the weights were published with",
    )


class ZeroShot(Section):
    """An image-text dual encoder over the class names: a weak quality score."""

    kind: Literal[Kind.ZERO_SHOT]
    model: str = Field(
        description="assembled:lite0-minilm, open_clip:MODEL/TAG, open_clip:MODEL@FILE"
    )
    templates: Literal[1, 7, 80] | Path = Field(
        1,
        description="prompts per class: 1 (the bare name), open_clip's 7, OpenAI's 80, or a file "
        "with one a line, {} for the name",
    )
    class_names: Path | None = Field(
        None,
        description="file with a name per line; null: open_clip's for ImageNet, else classes.csv",
    )
    temperature: float | None = Field(
        None, gt=0, description="of max_prob_t and entropy_t; null: the model's own"
    )


class Metric(Section):
    """A no-reference image-quality metric."""

    kind: Literal[Kind.METRIC]
    metric: str = Field(description="brisque, niqe, piqe, tv_l1_mean, ..., pyiqa:NAME or piq:NAME")


class FullReferenceMetric(Section):
    """A metric of a picture against its clean one; for the target paper only."""

    kind: Literal[Kind.FULL_REFERENCE]
    metric: str = Field(description="psnr, ssim, ms_ssim, gmsd, vif, fsim or pyiqa:NAME")


Scorer = Annotated[
    Classifier | ZeroShot | Metric | FullReferenceMetric, Field(discriminator="kind")
]
ScorerName = Annotated[str, Field(pattern=NAME, max_length=LONGEST)]


def read_scorers(text: str) -> dict[str, Scorer]:
    """The section ``scorers`` back from JSON."""
    return pydantic.TypeAdapter(dict[str, Scorer]).validate_json(text)
