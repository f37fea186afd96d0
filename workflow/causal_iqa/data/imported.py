"""Scores from elsewhere: a folder that holds what the file contract says, checked and linked in.

``scores: {import: DIR}`` takes ``manifest.parquet``, ``classes.csv``, ``scores/`` and, where they
are there, ``scorers.csv`` and ``softmax/`` from DIR. No picture is opened and no network is run.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from causal_iqa.core.bounds import ConditionList, MaxUndefined, Names
from causal_iqa.core.columns import CLASSES, MANIFEST, SCORERS, Columns
from causal_iqa.core.conditions import Condition
from causal_iqa.core.contract import (
    UNREADABLE,
    ContractError,
    Results,
    check_image_ids,
    check_share,
    impossible_values,
    read_columns,
    read_provenance,
    read_score_rows,
    read_table,
    undefined_in,
    write_table,
)
from causal_iqa.core.errors import UserError
from causal_iqa.core.kinds import SCORES, SOFTMAX, Kind
from causal_iqa.core.provenance.score_files import ScoreFile, contradictions, files_of, twins
from causal_iqa.core.scorer_config import LONGEST
from causal_iqa.core.unreadable import reason

SHOWN = 50
"""Violations that a message lists before it counts the rest."""
BOUNDS = {
    **dict.fromkeys(("max_prob", "true_prob", "max_prob_t"), (0, 1)),
    **dict.fromkeys(("entropy", "entropy_t"), (0, math.inf)),
}
"""What a column of a score file can be."""
ROUNDING = 1e-6
"""float32 softmaxes may add up to a little more than 1."""


def imported_scorers(folder: Path) -> pl.DataFrame:
    """The scorers of an import, as ``SCORERS``.

    Read from ``scorers.csv``; where it is missing, every folder below ``scores/`` is a scorer,
    its kind is read off the columns of one of its files and the rest is unknown.
    Raises UserError where there is no scorer or its kind cannot be told.
    """
    scores = Results(folder).root / "scores"
    if not scores.is_dir():
        raise UserError(f"scores.import: {scores} is not a folder")
    file = Results(folder).scorers
    if file.exists():
        return _checked(_read_scorers(file), file)
    names = sorted(path.name for path in scores.iterdir() if path.is_dir())
    if not names:
        raise UserError(f"scores.import: {scores} holds no folder of a scorer")
    rows = [(name, _kind(scores / name), None, None, None, False, name, None) for name in names]
    return pl.DataFrame(rows, schema=SCORERS, orient="row")


def _read_scorers(file: Path) -> pl.DataFrame:
    """``scorers.csv`` with the columns that may be left out, as ``synthetic`` and ``title``."""
    there = read_columns(file)
    given = {name: SCORERS[name] for name in SCORERS if name in there}
    needed = {"scorer": pl.String, "kind": pl.String}
    nullable = (SCORERS.nullable | {"synthetic"}) & given.keys()
    frame = read_table(file, Columns({**given, **needed}, nullable=nullable))
    for name, dtype in SCORERS.items():
        if name not in frame.columns:
            frame = frame.with_columns(pl.lit(None, dtype).alias(name))
    return frame.select(SCORERS.keys()).with_columns(
        pl.col("synthetic").fill_null(False), pl.col("title").fill_null(pl.col("scorer"))
    )


def _checked(frame: pl.DataFrame, file: Path) -> pl.DataFrame:
    """Raise UserError where there is no scorer, a name twice or no name, or an unknown kind."""
    if frame.is_empty():
        raise UserError(
            f"{file} lists no scorer; give a row scorer,kind for each, or leave the file out"
        )
    for name, kind in frame.select("scorer", "kind").iter_rows():
        if not 0 < len(name) <= LONGEST or "/" in name:
            raise UserError(
                f"{file}: {name!r} is no name of a scorer: files are named by it, so give 1 to "
                f"{LONGEST} letters without '/'"
            )
        if kind not in SCORES:
            raise UserError(f"{file}: {name} has kind {kind!r}; allowed: {', '.join(SCORES)}")
    twice = frame["scorer"].filter(frame["scorer"].is_duplicated())
    if len(twice):
        raise UserError(f"{file}: scorer {twice[0]!r} stands more than once")
    return frame


def _kind(folder: Path) -> str:
    example = next(iter(sorted(folder.rglob("*.parquet"))), None)
    if example is None:
        raise UserError(f"scores.import: {folder} holds no Parquet file")
    columns = read_columns(example)
    if "score" in columns:
        # Files of full-reference scores look the same: only scorers.csv can tell them.
        return Kind.METRIC
    return Kind.ZERO_SHOT if "max_prob_t" in columns else Kind.CLASSIFIER


def imported_softmax(folder: Path, networks: Iterable[str]) -> list[str]:
    """Those of the networks whose whole softmax an import holds."""
    return [name for name in networks if (folder / "softmax" / name).is_dir()]


def import_fingerprint(folder: Path) -> str:
    """Changes with the names, sizes and modification times of an import's files."""
    source = Results(folder)
    files = [source.manifest, source.classes, source.scorers]
    for part in ("scores", "softmax"):
        files += folder.glob(f"{part}/*/*/*.parquet")
    digest = hashlib.sha256()
    for file in sorted(file for file in files if file.is_file()):
        stat = file.stat()  # not its bytes: this is asked whenever Snakemake starts
        digest.update(f"{file}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]


def write_import(
    folder: Path,
    results: Results,
    conditions: ConditionList,
    names: Names,
    max_undefined: MaxUndefined = 0.0,
) -> None:
    """Check an import and link its score files into an experiment.

    names: of the scorers that are taken; max_undefined: as in ``config.Scoring``. Writes manifest,
    classes and ``scorers.csv``; files of scores and of the whole softmax become symbolic links.
    Raises UserError that lists every violation with its file, and then writes nothing.
    """
    source = Results(folder)
    scorers = imported_scorers(folder).filter(pl.col("scorer").is_in(names))
    networks = scorers.filter(kind=Kind.CLASSIFIER)["scorer"]
    softmax = imported_softmax(folder, networks)
    faults = list(_faults(source, scorers, softmax, conditions, max_undefined))
    if faults:
        more = [f"  and {len(faults) - SHOWN} more"] if len(faults) > SHOWN else []
        listed = "\n".join([*(f"  {fault}" for fault in faults[:SHOWN]), *more])
        raise UserError(f"{folder} has {len(faults)} violation(s) of the file contract:\n{listed}")
    facts = {"source": "import"}
    facts |= {k: v for k, v in read_provenance(source.manifest).items() if k == "restrict_to"}
    write_table(read_table(source.manifest, MANIFEST), results.manifest, MANIFEST, facts)
    write_table(read_table(source.classes, CLASSES), results.classes, CLASSES)
    write_table(scorers, results.scorers, SCORERS)
    for condition in conditions:
        for scorer in scorers["scorer"]:
            _link(source.scores(scorer, condition), results.scores(scorer, condition))
        for network in softmax:
            _link(source.softmax(network, condition), results.softmax(network, condition))


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    # Made aside and renamed, since symlink_to replaces nothing.
    temporary = target.with_name(f".{target.name}")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(source.resolve())
    temporary.replace(target)


def _faults(
    source: Results,
    scorers: pl.DataFrame,
    softmax: Sequence[str],
    conditions: Sequence[Condition],
    max_undefined: float,
) -> Iterator[str]:
    """Every violation, in words that name the file."""
    try:
        manifest = read_table(source.manifest, MANIFEST)
        classes = read_table(source.classes, CLASSES)
    except UserError as error:
        yield str(error)
        return
    if manifest["label"].null_count():
        yield f"{source.manifest}: {manifest['label'].null_count()} pictures have no label"
    yield from _out_of_range(manifest, "label", classes.height, source.manifest)
    told = {name: files_of(source, name, conditions) for name in scorers["scorer"]}
    for scorer, kind in scorers.select("scorer", "kind").iter_rows():
        yield from _scorer_faults(
            told[scorer], kind, manifest["image_id"], classes.height, max_undefined
        )
    every = [file for files in told.values() for file in files]
    # All at once: a copy may come from another scorer's folder.
    yield from contradictions(every, source, manifest["image_id"])
    yield from twins(told.values())
    for network in softmax:
        for condition in conditions:
            yield from _softmax_faults(source, network, condition, manifest, classes.height)


def _scorer_faults(
    files: Sequence[ScoreFile],
    kind: Kind,
    image_ids: pl.Series,
    classes: int,
    max_undefined: float,
) -> Iterator[str]:
    """Of the score files of one scorer: what is missing, what they hold, which are copies."""
    frames: dict[Path, pl.DataFrame] = {}
    for file in files:
        path = file.path
        if not path.exists():
            yield f"{path} is missing"
            continue
        try:
            frame = read_score_rows(path, kind, image_ids)
            check_share(undefined_in(frame, path), frame.height, max_undefined, path)
        except UserError as error:
            yield str(error)
            continue
        yield from impossible_values(frame, kind, path)
        if "prediction" in frame.columns:
            yield from _out_of_range(frame, "prediction", classes, path)
            yield from _impossible(frame, path)
        # What names its condition is held against it by contradictions.
        if "condition" not in file.said:
            frames[path] = frame
    yield from _copies(frames)


def _impossible(frame: pl.DataFrame, path: Path) -> Iterator[str]:
    """Values that no softmax gives; what rounding does is let pass."""
    for column, (low, high) in BOUNDS.items():
        if column not in frame.columns:
            continue
        value = pl.col(column)
        wrong = frame.filter((value < low - ROUNDING) | (value > high + ROUNDING))
        if wrong.height:
            image_id, found = wrong.select("image_id", column).row(0)
            allowed = "0 or more" if high == math.inf else f"{low} to {high}"
            yield (
                f"{path}: {column} {found:.6g} of {image_id!r} is impossible; allowed: {allowed}"
                + _and_more(wrong)
            )


def _copies(frames: Mapping[Path, pl.DataFrame]) -> Iterator[str]:
    """Files of two conditions with the same scores to the last bit, which say nothing else.

    A scorer that never changes is no copy, and coarse scores, half of them ties, may be equal by
    chance.
    """
    first: dict[bytes, Path] = {}
    pairs = []
    for path, frame in frames.items():
        scores = frame.drop("image_id")
        if 2 * scores.n_unique() > frame.height > 1:
            other = first.setdefault(scores.hash_rows().to_numpy().tobytes(), path)
            if other != path:
                pairs.append((other, path))
    if len(first) > 1:
        for one, two in pairs:
            yield f"{one} and {two} hold the same scores to the last bit: one is a copy"


def _softmax_faults(
    source: Results, network: str, condition: Condition, manifest: pl.DataFrame, classes: int
) -> Iterator[str]:
    """Of one file of the whole softmax; its values are not looked at, only how many there are."""
    path = source.softmax(network, condition)
    if not path.exists():
        yield f"{path} is missing; give it for all conditions, or no folder {network}"
        return
    sizes = {"image_id": pl.col("image_id"), "bytes": pl.col("softmax").bin.size()}
    try:
        if read_columns(path) != SOFTMAX:
            yield f"{path} needs the columns image_id (string) and softmax (binary)"
            return
        # Streamed, for the sizes alone: 50,000 pictures of 1000 classes are 100 MB a condition.
        frame = pl.scan_parquet(path).select(**sizes).collect(engine="streaming")
        check_image_ids(frame["image_id"], manifest["image_id"], path)
    except UNREADABLE:
        yield f"{path} cannot be read: {reason(path, SOFTMAX)}"
        return
    except ContractError as error:
        yield str(error)
        return
    wrong = frame.filter(pl.col("bytes") != 2 * classes)
    if wrong.height:
        image_id, count = wrong.row(0)
        yield (
            f"{path}: the softmax of {image_id!r} has {count} bytes; float16 of the {classes} "
            f"classes has {2 * classes}"
        )
    if read_provenance(path) != read_provenance(source.scores(network, condition)):
        yield f"{path} was not written together with {source.scores(network, condition)}"


def _out_of_range(frame: pl.DataFrame, column: str, count: int, path: Path) -> Iterator[str]:
    wrong = frame.filter((pl.col(column) < 0) | (pl.col(column) >= count))
    if wrong.height:
        image_id, value = wrong.select("image_id", column).row(0)
        yield (
            f"{path}: {column} {value} of {image_id!r} is outside the classes 0 to {count - 1}"
            + _and_more(wrong)
        )


def _and_more(wrong: pl.DataFrame) -> str:
    """How many rows besides the first."""
    return f", and {wrong.height - 1} more" if wrong.height > 1 else ""
