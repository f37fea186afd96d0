"""What the rules from weights to scores run. Importing this imports no torch."""

from __future__ import annotations

from pathlib import Path

from causal_iqa.core.bounds import ConditionList, Count, MaxUndefined, Seed
from causal_iqa.core.columns import CLASSES, MANIFEST, PICTURES, SCORERS
from causal_iqa.core.conditions import CLEAN, Condition
from causal_iqa.core.config import Scoring
from causal_iqa.core.contract import Results, read_provenance, read_table, write_table
from causal_iqa.core.kinds import SCORES, SOFTMAX, Kind
from causal_iqa.core.provenance.recipe import is_as_published, made_from
from causal_iqa.core.provenance.score_files import ScoreFile, require
from causal_iqa.core.provenance.wholeness import check_asked
from causal_iqa.core.scorer_config import Scorer, ZeroShot
from causal_iqa.pictures.classes import read_classes
from causal_iqa.scorers import engine, registry, shards
from causal_iqa.scorers.fetching import use_folder
from causal_iqa.scorers.freshness import Prepared
from causal_iqa.scorers.shards import Shard


def scorers(results: Results, scorers: dict[str, Scorer]) -> None:
    """List the scorers with what a table must know of each."""
    write_table(registry.scorer_table(scorers), results.scorers, SCORERS)


def weights(
    spec: Scorer, packages: Path, weights: Path, classes: Path | None, record: Path
) -> None:
    """Fetch the published weights of a scorer into the folder ``weights``.

    classes: as ``pictures.classes`` in the configuration.
    """
    use_folder(weights)
    from causal_iqa.scorers.prefetch import write_weights

    write_weights(spec, read_classes(classes), packages, weights, record)


def texts(
    results: Results,
    spec: ZeroShot,
    packages: Path,
    weights: Path,
    scoring: Scoring,
    target: Path,
) -> None:
    """Embed the class names with one dual encoder."""
    use_folder(weights)
    from causal_iqa.scorers.prefetch import write_texts

    write_texts(spec, read_table(results.classes, CLASSES), packages, scoring, target)


def score(
    results: Results,
    scorer: str,
    spec: Scorer,
    conditions: ConditionList,
    seed: Seed,
    packages: Path,
    weights: Path,
    scoring: Scoring,
    record: Path | None = None,
    texts: Path | None = None,
    softmax: bool = False,
    shard: Shard | None = None,
) -> None:
    """Bring the score files of a scorer on some conditions up to date.

    seed: of the conditions' corruptions; record, texts: as in ``Prepared``; softmax: keep a
    network's whole softmax; shard: the part of the pictures.
    """
    use_folder(weights)
    pictures, classes = read_table(results.manifest, PICTURES), read_table(results.classes, CLASSES)
    clean = [Condition(CLEAN, 0)] if spec.kind == Kind.FULL_REFERENCE else []
    asked = made_from(
        [*conditions, *clean], seed, pictures, classes, is_as_published(results.manifest)
    )
    check_asked({results.condition(condition): facts for condition, facts in asked.items()})
    files = [_files(results, scorer, condition, shard) for condition in conditions]
    engine.score(
        spec,
        scorer,
        [
            (results.condition(condition), out)
            for condition, (out, _) in zip(conditions, files, strict=True)
        ],
        results.manifest,
        results.classes,
        packages,
        scoring,
        reference=results.condition(clean[0]) if clean else None,
        prepared=Prepared(record, weights, texts),
        shard=shard,
        sidecars=dict(files) if softmax and spec.kind == Kind.CLASSIFIER else {},
    )


def _files(
    results: Results, scorer: str, condition: Condition, shard: Shard | None
) -> tuple[Path, Path]:
    """Where scores, and the whole softmax beside them, stand."""
    if shard is None:
        return results.scores(scorer, condition), results.softmax(scorer, condition)
    return (
        results.shard(scorer, shard, condition),
        results.shard_softmax(scorer, shard, condition),
    )


def merge(
    results: Results,
    scorer: str,
    spec: Scorer,
    conditions: ConditionList,
    total: Count,
    softmax: bool,
    max_undefined: MaxUndefined,
) -> None:
    """Join so many shards of a scorer's files; softmax: of the whole softmax as well."""
    image_ids = read_table(results.manifest, MANIFEST)["image_id"]
    parts = [Shard(number, total) for number in range(1, total + 1)]
    schemas = [SCORES[spec.kind], *([SOFTMAX] if softmax else [])]
    for condition in conditions:
        joined = _files(results, scorer, condition, None)
        pieces = zip(*(_files(results, scorer, condition, part) for part in parts), strict=True)
        # Not strict: without the softmax there is one schema for the two files.
        for out, files, schema in zip(joined, pieces, schemas, strict=False):
            said = [ScoreFile(file, scorer, condition, read_provenance(file)) for file in files]
            require(said, results, image_ids, spec.model_dump(mode="json"))
            shards.merge(files, schema, image_ids, out, max_undefined)
