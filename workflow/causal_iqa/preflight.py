"""Everything that can be known to be wrong before a job starts, found in a second."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from causal_iqa.core.columns import MANIFEST
from causal_iqa.core.conditions import CLEAN, Condition, by_corruption
from causal_iqa.core.config import Config, read_config
from causal_iqa.core.contract import Results, read_provenance, read_table
from causal_iqa.core.errors import UserError
from causal_iqa.core.kinds import Kind
from causal_iqa.core.refusals import explain
from causal_iqa.core.scorer_config import ZeroShot
from causal_iqa.data.imported import imported_scorers, imported_softmax
from causal_iqa.data.splits import held_out
from causal_iqa.pictures.classes import read_classes, read_lines, read_names
from causal_iqa.pictures.imagenet_c import published_in
from causal_iqa.pictures.sources import Listing, listing
from causal_iqa.scorers.registry import entry_of


class CheckedConfig(NamedTuple):
    """A configuration that passed, its pictures and its scorers' kinds.

    listing: what its pictures are known by; None of imported scores. published: an archive or
    folder of ImageNet-C -> the conditions that are read from it. softmax: networks whose whole
    softmax is kept, or imported. pictures: so many; None where that is not known yet.
    """

    config: Config
    listing: Listing | None
    kinds: dict[str, Kind]
    published: dict[Path, list[Condition]]
    softmax: list[str]
    pictures: int | None

    def made(self) -> dict[str, list[Condition]]:
        """The conditions that are made here, by their corruption, clean among them."""
        read = {condition for members in self.published.values() for condition in members}
        return by_corruption(one for one in self.config.grid() if one not in read)

    def condition_files(self, conditions: Iterable[Condition]) -> list[str]:
        """What a job reads or makes of conditions: indices, and archives of those made here."""
        wanted, made = list(conditions), self.made()  # a list: gone through twice
        return [f"conditions/{c}.index.parquet" for c in wanted] + [
            f"conditions/{c}.tar" for c in wanted if c.corruption in made
        ]


def preflight(raw: dict[str, Any], *, planned: bool = False) -> CheckedConfig:
    """Check a configuration before any job starts.

    planned: whether nothing but the plan is asked for; then pictures need not be there yet.
    Raises UserError that says which key is wrong, what was given and what is allowed.
    """
    try:
        return _checked(read_config(raw), planned)
    except OSError as error:
        said = explain(error, "the configuration")
        if said is None:
            raise
        raise UserError(said) from error


def _checked(config: Config, planned: bool) -> CheckedConfig:
    folder = config.scores.import_
    if folder is not None:
        scorers = imported_scorers(folder)
        kinds = {name: Kind(kind) for name, kind in scorers.select("scorer", "kind").iter_rows()}
        if config.audit is not None:
            kinds = _calibrated(config, folder, kinds)
        networks = [name for name, kind in kinds.items() if kind == Kind.CLASSIFIER]
        listed, published, softmax = None, {}, imported_softmax(folder, networks)
        pictures = _listed(Results(folder).manifest)
    else:
        for name in config.scorers:
            _check_scorer(config, name)
        kinds = {name: scorer.kind for name, scorer in config.scorers.items()}
        # The plan looks for the pictures itself.
        listed = Listing("", "", None) if planned else listing(config.pictures)
        published = published_in(config.conditions, planned=planned)
        _check_corruptions(config.conditions.corruptions)
        softmax = config.of_kind(Kind.CLASSIFIER) if config.scoring.softmax else []
        pictures = listed.found
    if pictures is not None:
        held_out(pictures, config.analysis.test_fraction)  # for what it raises
    if config.audit is not None:
        _check_audit(config)
    if Kind.CLASSIFIER not in kinds.values():
        where = "scorers" if folder is None else f"scores.import: the scorers of {folder}"
        raise UserError(f"{where}: none has kind classifier; without one there is no correctness M")
    return CheckedConfig(config, listed, kinds, published, softmax, pictures)


def _check_corruptions(names: Iterable[str]) -> None:
    """Raise UserError for a name in ``core.conditions`` that has no entry in the registry."""
    # Imported where pictures are: an import of scores needs no OpenCV.
    from causal_iqa.corruptions.registry import CORRUPTIONS

    for name in names:
        if name not in CORRUPTIONS:
            raise UserError(
                f"conditions.corruptions: {name} stands in core/conditions.py, and has no entry in "
                f"corruptions/registry.py; add one. Entries: {', '.join(CORRUPTIONS)}"
            )


def _listed(manifest: Path) -> int | None:
    """How many pictures an import has; None where it lacks the manifest, which the import says."""
    return read_table(manifest, MANIFEST).height if manifest.is_file() else None


def _classes(config: Config) -> Path | None:
    """The CSV of what the networks predict; None: ImageNet's 1000 classes."""
    folder = config.scores.import_
    return config.pictures.classes if folder is None else Results(folder).classes


def _check_audit(config: Config) -> None:
    assert config.audit is not None
    from causal_iqa.audit.pictures.inventory import check_readable

    for path in config.audit.sets().values():
        check_readable(path)
    if config.audit.classes is not None:
        names = read_names(config.audit.classes)
        outputs = read_classes(_classes(config)).height
        if len(names) != outputs:
            raise UserError(
                f"audit.classes: {config.audit.classes} holds {len(names)} names; the networks "
                f"predict {outputs} classes and need a name per line for each, in their order"
            )


def _calibrated(config: Config, folder: Path, imported: Mapping[str, Kind]) -> dict[str, Kind]:
    """Kinds of the imported scorers that an audit runs: those that ``scorers`` describes.

    Full-reference metrics take no part in an audit. Raises UserError where scores of one are
    missing, or are of another scorer of that name.
    """
    chosen = {
        n: scorer for n, scorer in config.scorers.items() if scorer.kind != Kind.FULL_REFERENCE
    }
    for name, scorer in chosen.items():
        if imported.get(name) != scorer.kind:
            there = f"there it is a {imported[name]}" if name in imported else "it has no such"
            listed = ", ".join(f"{n} ({kind})" for n, kind in imported.items())
            raise UserError(
                f"scorers.{name}: the calibration, scores.import {folder}, lacks scores of this "
                f"{scorer.kind}: {there} scorer. It has {listed}. List under scorers those that "
                "the audit shall run, under these names."
            )
        # Clean stands for all: write_import holds what a scorer's files say against one another.
        used = read_provenance(Results(folder).scores(name, Condition(CLEAN, 0))).get("scorer")
        given = scorer.model_dump(mode="json")
        if used is not None and used != given:
            raise UserError(
                f"scorers.{name}: {given} is not what the imported scores were computed with, "
                f"{used}. Give the latter, or import scores of the former."
            )
        _check_scorer(config, name)
    return {name: kind for name, kind in imported.items() if name in chosen}


def _check_scorer(config: Config, name: str) -> None:
    scorer = config.scorers[name]
    if isinstance(scorer, ZeroShot):
        for key in ("templates", "class_names"):
            file = getattr(scorer, key)
            if isinstance(file, Path):
                read_lines(file, f"scorers.{name}.{key}")
    try:
        entry = entry_of(config.scorers[name])
    except UserError as error:
        raise UserError(f"scorers.{name}: {error}") from None
    listed = _classes(config)
    outputs, classes = entry.outputs, read_classes(listed).height
    if outputs is not None and outputs != classes:
        key = "pictures.classes" if config.scores.import_ is None else "scores.import"
        raise UserError(
            f"{key}: {listed} lists {classes} classes, but scorers.{name} predicts {outputs}. For "
            "pictures with other classes leave pictures.classes out and give pictures.class_map, "
            f"a CSV class,index from your names to those {outputs}."
        )
