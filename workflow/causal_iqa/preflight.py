"""Everything that can be known to be wrong before a job starts, found in a second."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from causal_iqa.conditions import Condition
from causal_iqa.config import Config, read_config
from causal_iqa.errors import UserError
from causal_iqa.experiments.imported import imported_scorers
from causal_iqa.pictures.classes import read_classes, read_names
from causal_iqa.pictures.imagenet_c import published_in
from causal_iqa.pictures.sources import listing_fingerprint
from causal_iqa.scorers.registry import entry_of


class Experiment(NamedTuple):
    """A configuration that passed, what its pictures are known by and its scorers' kinds.

    listing: changes with the pictures; None of imported scores. published: an archive or folder
    of ImageNet-C -> the conditions that are read from it.
    """

    config: Config
    listing: str | None
    kinds: dict[str, str]
    published: dict[Path, list[Condition]]


def preflight(raw: dict[str, Any]) -> Experiment:
    """Check a configuration before any job starts.

    Raises UserError that says which key is wrong, what was given and what is allowed.
    """
    config = read_config(raw)
    if config.scores.import_ is not None:
        scorers = imported_scorers(config.scores.import_)
        kinds = dict(scorers.select("scorer", "kind").iter_rows())
        listing, published = None, {}
    else:
        for name in config.scorers:
            _check_scorer(config, name)
        kinds = {name: scorer.kind for name, scorer in config.scorers.items()}
        listing = listing_fingerprint(config.pictures)
        published = published_in(config.conditions)
    if config.audit is not None:
        _check_audit(config)
    if "classifier" not in kinds.values():
        raise UserError("scorers: none has kind classifier; without one there is no correctness M")
    return Experiment(config, listing, kinds, published)


def _check_audit(config: Config) -> None:
    assert config.audit is not None
    if config.scores.import_ is not None:
        raise UserError(
            "audit needs scorers that can be run on its pictures; with scores.import there are "
            "none. Leave one of the two out."
        )
    from causal_iqa.audit.inventory import check_readable

    for path in config.audit.sets().values():
        check_readable(path)
    if config.audit.classes is not None:
        names = read_names(config.audit.classes)
        outputs = read_classes(config.pictures.classes).height
        if len(names) != outputs:
            raise UserError(
                f"audit.classes: {config.audit.classes} holds {len(names)} names; the networks "
                f"predict {outputs} classes and need a name a line for each, in their order"
            )


def _check_scorer(config: Config, name: str) -> None:
    try:
        entry = entry_of(config.scorers[name])
    except UserError as error:
        raise UserError(f"scorers.{name}: {error}") from None
    outputs, classes = entry.outputs, read_classes(config.pictures.classes).height
    if outputs is not None and outputs != classes:
        raise UserError(
            f"pictures.classes: {config.pictures.classes} lists {classes} classes, but "
            f"scorers.{name} predicts {outputs}. Leave classes out and give pictures.class_map, a "
            f"CSV class,index from your names to those {outputs}."
        )
