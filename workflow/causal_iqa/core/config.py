"""The configuration as typed models: what may be asked for, and in which words.

``config.yaml`` writes out every key with its default; ``workflow/schemas/config.schema.json`` is
made from these models. What needs a look at disk or at a registry is checked in ``preflight``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic
from pydantic import BeforeValidator, Field

from causal_iqa.core.bounds import (
    Corruptions,
    Count,
    Dpi,
    MaxUndefined,
    Seed,
    Severities,
    Style,
    TestFraction,
)
from causal_iqa.core.conditions import CORRUPTIONS, SEVERITIES, Condition, by_corruption, grid
from causal_iqa.core.config_faults import explain
from causal_iqa.core.errors import UserError
from causal_iqa.core.kinds import Kind
from causal_iqa.core.scorer_config import (
    LONGEST,
    NAME,
    Classifier,
    FullReferenceMetric,
    Metric,
    Scorer,
    ScorerName,
    Section,
    ZeroShot,
)


class Subset(Section):
    """A part of the pictures, for a trial run; a larger one holds a smaller one."""

    per_class: Count = Field(description="pictures of every class, at most")
    seed: Seed = Field(0, description="of the draw")


class Pictures(Section):
    """Which labelled pictures, and which classes their labels mean."""

    source: Literal["embedded", "imagefolder", "webdataset", "imagenet", "imagenette"] = Field(
        "embedded",
        description="embedded: foolbox's 20 ImageNet photographs; imagefolder, webdataset: yours; "
        "imagenet: the validation pictures; imagenette: ten of its classes, downloaded",
    )
    path: Path | None = Field(
        None,
        description="imagefolder: a folder per class or with metadata.csv, or a CSV file,label; "
        "webdataset: a shard or a folder of them; imagenet: ILSVRC2012_img_val.tar or what was "
        "unpacked of it; imagenette: imagenette2-320.tgz or its folder, where it need not be "
        "downloaded",
    )
    split: str | None = Field(
        None,
        description="folder below path that holds the pictures to take, where it is parted into "
        "train, val, ...",
    )
    devkit: Path | None = Field(
        None, description="imagenet: the development kit; null: beside the pictures"
    )
    verify: bool = Field(True, description="imagenet: compare the archives with their MD5")
    subset: Subset | None = Field(None, description="for a trial run; null: all pictures")
    classes: Path | None = Field(
        None, description="CSV index,wnid,name of the networks' outputs; null: ImageNet's 1000"
    )
    class_map: Path | None = Field(
        None, description="CSV class,index from your class names to indices of the classes"
    )
    restrict: bool = Field(False, description="take the argmax over the classes in class_map only")

    @pydantic.model_validator(mode="after")
    def _complete(self) -> Pictures:
        if self.source not in ("embedded", "imagenette") and self.path is None:
            raise ValueError(f"source {self.source} needs path")
        if self.split is not None and self.source not in ("imagefolder", "webdataset"):
            raise ValueError("split belongs to sources imagefolder and webdataset")
        if self.source != "imagenet" and self.devkit is not None:
            raise ValueError("devkit belongs to source imagenet")
        if self.source == "embedded" and (self.path or self.class_map or self.classes):
            raise ValueError("source embedded takes no path, classes or class_map")
        if self.restrict and self.class_map is None:
            raise ValueError("restrict: true needs class_map")
        return self


class Conditions(Section):
    """What is done to every picture. Clean (Resize 256, CenterCrop 224, JPEG 85) is always made."""

    source: Literal["generate", "imagenet-c", "mixed"] = Field(
        "generate",
        description="generate: make them; imagenet-c: read the published archives or folders in "
        "place; mixed: read what is there and make the rest",
    )
    path: Path | None = Field(
        None, description="folder of noise.tar, blur.tar, ... or of gaussian_noise/, ..."
    )
    verify: bool = Field(True, description="imagenet-c: compare the archives with their MD5")
    corruptions: Corruptions = Field(CORRUPTIONS, description="ImageNet-C's names")
    severities: Severities = Field(SEVERITIES, description="any of 1 to 5")
    seed: Seed = Field(0, description="seed of every random draw in the corruptions")
    threads: Count = Field(1, description="processes a corruption job")

    @pydantic.model_validator(mode="after")
    def _read_from(self) -> Conditions:
        if (self.source == "generate") != (self.path is None):
            raise ValueError("path is for source imagenet-c or mixed, which need it")
        return self


class Scores(Section):
    """Scores that were computed elsewhere; then pictures, conditions' making and scorers rest."""

    import_: Path | None = Field(
        None,
        alias="import",
        description="folder with manifest.parquet, classes.csv, scores/ and perhaps scorers.csv",
    )


class Weights(Section):
    """Where published weights are kept; the target ``weights`` fetches them ahead of time."""

    folder: Path = Field(
        Path("resources/weights"), description="TORCH_HOME and HF_HOME of every job stand below it"
    )


class Scoring(Section):
    """How the scorers run. Nothing here changes which scores are asked for."""

    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="auto: cuda where there is")
    precision: Literal["float32", "bfloat16", "float16"] = Field(
        "float32", description="of the networks' forward pass; softmax and cosines stay float32"
    )
    compile: bool = Field(
        False, description="torch.compile the networks: minutes at the start, faster afterwards"
    )
    batch_size: Count | Literal["auto"] = Field(
        16,
        description="pictures per forward pass; auto: as many as fit a GPU's free memory, "
        "measured, at most 256; 16 on a CPU",
    )
    threads: Count = Field(1, description="CPU threads per scoring job")
    softmax: bool = Field(
        False,
        description="keep the task networks' whole softmax as well, float16, 2 bytes a class and "
        "picture: for the estimator COT of an audit",
    )
    shards: Count = Field(1, description="parts of the pictures, each scored by a job of its own")
    max_undefined: MaxUndefined = Field(
        0.01,
        description="share of a condition's pictures that a metric may be undefined for (NIQE of "
        "a flat one); more stop the job",
    )
    job: Literal["scorer", "corruption"] = Field(
        "scorer",
        description="what one scoring job covers: a whole scorer (little work, few start-ups) "
        "or one corruption of a scorer (hours of work, many machines)",
    )

    @pydantic.model_validator(mode="after")
    def _aligned(self) -> Scoring:
        if self.shards > 1 and self.batch_size == "auto":
            raise ValueError("shards begin where batches do: give batch_size as a number")
        return self


class Analysis(Section):
    """The pooled analysis of the paper, 2.2 to 2.4."""

    include_clean: bool = Field(False, description="count clean as a 76th group in the tables")
    test_fraction: TestFraction = Field(0.2, description="share of image ids held out")
    seed: Seed = Field(0, description="seed of the split and of the bootstraps")
    resamples: int = Field(1000, ge=100, description="bootstrap resamples of every interval")


class Thresholds(Section):
    """What an interval has to clear for the verdict that a quality score meets D1, D3."""

    d1_min_abs_tau: float = Field(0.3, description="mean |Kendall's tau| of Q with severity")
    d1_min_auroc: float = Field(0.6, description="mean AUROC of clean against a condition")
    d3_min_auc: float = Field(0.6, description="AUC of P(M=1|Q)")
    d3_min_abs_srcc: float = Field(0.5, description="|SRCC| over the groups")


class Paper(Section):
    """The paper's further experiments (target ``paper``)."""

    dataset: Literal["imagenet-c"] | None = Field(
        None, description="imagenet-c: these are the paper's pictures; compare with its tables"
    )
    image_folds: Literal["shared", "stratified"] = Field(
        "shared",
        description="folds of the control by picture: one deal of the conditions for all, or one "
        "a picture and network, stratified by what it gets right",
    )
    label_folds: Literal["image", "row"] = Field(
        "image", description="what the folds of the control by label keep together"
    )
    degenerate_folds: Literal["skip", "half"] = Field(
        "skip", description="a fold with one class of M: leave it out, or count it as an AUC of 0.5"
    )
    mixture_seeds: Count = Field(5, description="mixtures drawn for each share p_c")
    permutations: int = Field(200, ge=20, description="of whole pictures, for associations")
    dags: Path = Field(Path("resources/dags"), description="folder of causal graphs as YAML")
    thresholds: Thresholds = Thresholds()


class Audit(Section):
    """Pictures of the user's own, labelled or not, to be judged (target ``audit``)."""

    pictures: Path = Field(description="a folder with all below it, a CSV file, a tar or shards")
    against: Path | None = Field(None, description="a second set, to compare the first with")
    classes: Path | None = Field(
        None, description="file with a name per line for each class that the networks predict"
    )
    name: str | None = Field(
        None,
        pattern=NAME,
        max_length=LONGEST,
        description="results go to audit/<name>/; null: named by the path",
    )

    def sets(self) -> dict[str, Path]:
        """Name of each set -> where its pictures are."""
        first = self.name or _named(self.pictures)
        sets = {first: self.pictures}
        if self.against is not None:
            second = _named(self.against)
            sets[second if second != first else f"{second}-against"] = self.against
        return sets


def _bare_path(given: Any) -> Any:
    """``audit: PATH`` is short for ``audit: {pictures: PATH}``."""
    if isinstance(given, str) and given.strip():
        return {"pictures": given}
    if not isinstance(given, dict | Audit):
        raise ValueError(f"must be a path or {{pictures: PATH}} (given: {given!r})")
    return given


def _named(path: Path) -> str:
    """A name for files out of that of a folder or file."""
    # Absolute, since "." has no stem; then what NAME allows, its first letter included.
    name = re.sub(r"[^A-Za-z0-9_.-]+", "_", path.absolute().stem).lstrip("_.-")
    return name[:LONGEST] or "pictures"


class Figures(Section):
    """How figures look."""

    dpi: Dpi = Field(150, description="of the PNG; the SVG has none")
    style: Style = Field("whitegrid", description="seaborn style")


def _embedded_scorers() -> dict[str, Scorer]:
    lites = (f"efficientnet_lite{number}" for number in range(3))
    references = ("psnr", "ssim", "ms_ssim", "gmsd", "vif", "fsim")
    return {
        **{name: Classifier(kind=Kind.CLASSIFIER, model=f"package:{name}") for name in lites},
        "squeezenet1_1": Classifier(kind=Kind.CLASSIFIER, model="package:squeezenet1_1"),
        "brisque": Metric(kind=Kind.METRIC, metric="brisque"),
        "niqe": Metric(kind=Kind.METRIC, metric="niqe"),
        "piqe": Metric(kind=Kind.METRIC, metric="piqe"),
        "tv": Metric(kind=Kind.METRIC, metric="tv_l1_mean"),
        "lite0_minilm": ZeroShot(kind=Kind.ZERO_SHOT, model="assembled:lite0-minilm"),
        **{name: FullReferenceMetric(kind=Kind.FULL_REFERENCE, metric=name) for name in references},
    }


class Config(Section):
    """The whole configuration; the defaults are the embedded experiment."""

    experiment: str = Field(
        "embedded", pattern=NAME, max_length=LONGEST, description="results/<experiment>/"
    )
    pictures: Pictures = Pictures()
    conditions: Conditions = Conditions()
    scorers: dict[ScorerName, Scorer] = Field(
        default_factory=_embedded_scorers, min_length=1, description="name: what computes it"
    )
    scores: Scores = Scores()
    weights: Weights = Weights()
    scoring: Scoring = Scoring()
    analysis: Analysis = Analysis()
    paper: Paper = Paper()
    figures: Figures = Figures()
    audit: (
        Annotated[Audit, BeforeValidator(_bare_path, json_schema_input_type=Audit | str)] | None
    ) = Field(None, description="pictures of yours, {pictures: PATH} or PATH alone; null: none")

    def grid(self) -> list[Condition]:
        """Clean, then every corruption at every severity."""
        return grid(self.conditions.corruptions, self.conditions.severities)

    def scoring_jobs(self) -> dict[str, list[Condition]]:
        """Name of a scoring job -> the conditions that it covers, for every scorer alike."""
        if self.scoring.job == "scorer":
            return {"all": self.grid()}
        return by_corruption(self.grid())

    def of_kind(self, kind: Kind) -> list[str]:
        """Names of the scorers of one kind, in the configured order."""
        return [name for name, scorer in self.scorers.items() if scorer.kind == kind]


def read_config(raw: dict[str, Any]) -> Config:
    """Typed configuration from parsed YAML. Raises UserError with a line for each fault."""
    try:
        return Config.model_validate(raw)
    except pydantic.ValidationError as error:
        faults = explain(error, Config)
        listed = "\n".join(f"  {fault}" for fault in faults)
        raise UserError(f"The configuration has {len(faults)} fault(s):\n{listed}") from None
