"""Everything that can be known to be wrong before a job starts, found in a second."""

from __future__ import annotations

from typing import Any, NamedTuple

from causal_iqa.config import Config, read_config
from causal_iqa.errors import UserError
from causal_iqa.experiments.imported import imported_scorers
from causal_iqa.pictures.classes import read_classes
from causal_iqa.pictures.sources import Picture, list_pictures
from causal_iqa.scorers.registry import entry_of


class Experiment(NamedTuple):
    """A configuration that passed, the pictures that it names and its scorers' kinds.

    Of imported scores there are no pictures.
    """

    config: Config
    pictures: list[Picture]
    kinds: dict[str, str]


def preflight(raw: dict[str, Any]) -> Experiment:
    """Check a configuration before any job starts.

    Raises UserError that says which key is wrong, what was given and what is allowed.
    """
    config = read_config(raw)
    if config.scores.import_ is not None:
        scorers = imported_scorers(config.scores.import_)
        kinds = dict(scorers.select("scorer", "kind").iter_rows())
        pictures = []
    else:
        for name in config.scorers:
            _check_scorer(config, name)
        kinds = {name: scorer.kind for name, scorer in config.scorers.items()}
        pictures = list_pictures(config.pictures)
    if "classifier" not in kinds.values():
        raise UserError("scorers: none has kind classifier; without one there is no correctness M")
    return Experiment(config, pictures, kinds)


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
