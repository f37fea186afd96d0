"""The files that stages hand to each other: where they stand, one writer and one checked reader.

Every table goes through ``write_table`` (temporary name, fsync, rename) and comes back through
``read_table``, which refuses a file that does not hold what its kind promises. ``provenance`` is
a JSON object in the file's Parquet metadata that says what the file was computed from; it holds
no time and no machine, so the same work gives the same bytes.
"""

from __future__ import annotations

import contextlib
import fcntl
import glob
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from causal_iqa.core.archives import check_regular
from causal_iqa.core.columns import Columns
from causal_iqa.core.conditions import Condition
from causal_iqa.core.errors import UserError
from causal_iqa.core.kinds import SCORES, UNDEFINABLE, Kind
from causal_iqa.core.refusals import named_after
from causal_iqa.core.unreadable import reason

NAMED = 20
"""Pictures that a message names before it counts the rest."""


class Results:
    """Where every file of an experiment stands below ``results/<experiment>/``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.manifest = root / "manifest.parquet"
        self.classes = root / "classes.csv"
        self.skipped = root / "skipped.csv"
        self.scorers = root / "scorers.csv"
        self.splits = root / "splits.parquet"
        self.splits_rows = root / "splits_rows.parquet"
        self.mixtures = root / "mixtures.parquet"
        self.mixture_density = root / "mixture_density.parquet"
        self.groups = root / "groups.parquet"
        self.figures = root / "figures"
        self.thumbnails = self.figures / "thumbnails.parquet"

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: Any) -> Any:
        """In the options of a command it is the folder."""
        from pydantic_core import core_schema as is_a

        return is_a.no_info_after_validator_function(
            lambda folder: cls(Path(folder)), is_a.str_schema()
        )

    def condition(self, condition: Condition) -> Path:
        """The archive of a condition."""
        return self.root / "conditions" / f"{condition}.tar"

    def scores(self, scorer: str, condition: Condition) -> Path:
        """The scores of one scorer on one condition."""
        return self.root / "scores" / scorer / f"{condition}.parquet"

    def softmax(self, scorer: str, condition: Condition) -> Path:
        """The whole softmax of a task network on one condition."""
        return self.root / "softmax" / scorer / f"{condition}.parquet"

    def shard(self, scorer: str, shard: object, condition: Condition) -> Path:
        """The scores of one scorer on a part of the pictures (``scorers.shards``)."""
        return self.root / "shards" / scorer / str(shard) / f"{condition}.parquet"

    def shard_softmax(self, scorer: str, shard: object, condition: Condition) -> Path:
        """The whole softmax of a task network on a part of the pictures."""
        return self.root / "shards_softmax" / scorer / str(shard) / f"{condition}.parquet"

    def panel(self, scorer: str) -> Path:
        """The scores of one scorer on all conditions."""
        return self.root / "panel" / f"{scorer}.parquet"

    def audit(self, name: str) -> Path:
        """The folder of an audited set (``audit.files``)."""
        return self.root / "audit" / name

    def table(self, name: str) -> Path:
        """A table by its name, without its suffix: ``table("strong")``."""
        return self.root / "tables" / f"{name}.csv"


# PanicException, which damaged bytes may cause, is no PolarsError and not even an Exception.
UNREADABLE = (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException)
"""What polars raises for a file that it cannot read."""


class ContractError(UserError):
    """A file does not hold what its kind promises."""


@contextlib.contextmanager
def atomic(target: Path) -> Iterator[Path]:
    """A temporary name beside ``target`` that becomes ``target`` once the block ends well.

    The file is fsynced before the rename; on an error nothing is left behind. What a writer that
    was killed left behind goes when the next one of the same target starts: a writer holds a lock
    on its temporary for as long as it lives. Raises OSError with ``target`` for its file where the
    system refuses to write.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(target)
        handle, temporary = _locked_temporary(target)
        try:
            yield temporary
            with temporary.open("rb") as written:
                # The writer has closed its handle; fsync is of the file, whichever handle asks.
                os.fsync(written.fileno())
            temporary.chmod(0o666 & ~_umask())  # mkstemp's 0600 would shut out the group
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)  # not there any more once it is renamed
            os.close(handle)  # last: until here the lock says that somebody writes
    except Exception as error:
        refusal = named_after(error, target)
        if refusal is None:
            raise
        raise refusal from error


def _locked_temporary(target: Path) -> tuple[int, Path]:
    """A new file beside ``target`` and the open handle that holds its lock."""
    while True:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with contextlib.suppress(OSError):  # a disk without locks: nobody removes files there
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        temporary = Path(name)
        if temporary.exists():
            return handle, temporary
        os.close(handle)  # another writer took it for abandoned before it was locked


def _remove_abandoned(target: Path) -> None:
    """Remove temporaries of ``target`` whose lock nobody holds."""
    suffix = "[a-z0-9_]" * 8  # as mkstemp makes them
    for left in target.parent.glob(f".{glob.escape(target.name)}.{suffix}"):
        with contextlib.suppress(OSError), left.open("rb") as file:  # locked, or gone by now
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink()


def _umask() -> int:
    # The system tells the mask only to those who set one.
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_table(
    frame: pl.DataFrame,
    path: Path,
    schema: Columns,
    provenance: dict[str, Any] | None = None,
) -> None:
    """Check ``frame`` and write its columns in the schema's order: zstd Parquet, or CSV."""
    frame = check(frame, schema, path)
    with atomic(path) as temporary:
        if path.suffix == ".csv":
            frame.write_csv(temporary)
        else:
            # Sorted, so that equal facts are equal bytes in whatever order they were gathered.
            metadata = {"provenance": json.dumps(provenance or {}, sort_keys=True)}
            frame.write_parquet(temporary, compression="zstd", metadata=metadata)


def read_table(path: Path, schema: Columns) -> pl.DataFrame:
    """Read a Parquet or CSV file and check it. Raises ContractError naming file and fault."""
    check_regular(path)
    try:
        if path.suffix == ".csv":
            # polars takes an empty cell for null, in a column of texts too.
            texts = [name for name, dtype in schema.items() if dtype == pl.String]
            frame = pl.read_csv(path, schema_overrides=schema).with_columns(
                pl.col(name).fill_null("") for name in texts if name not in schema.nullable
            )
        else:
            frame = pl.read_parquet(path)
    except UNREADABLE as error:
        raise ContractError(f"{path} cannot be read: {reason(path, schema)}") from error
    return check(frame, schema, path)


def read_parquet(path: Path, columns: list[str] | None = None) -> pl.DataFrame:
    """A Parquet file of ours whose columns depend on the experiment.

    Raises ContractError where it cannot be read.
    """
    check_regular(path)
    try:
        return pl.read_parquet(path, columns=columns)
    except UNREADABLE as error:
        raise ContractError(f"{path} cannot be read: {reason(path, {})}") from error


def read_columns(path: Path) -> dict[str, Any]:
    """Names and types of a Parquet file's columns; of a CSV file's, which are all texts.

    Raises ContractError where it cannot be read.
    """
    check_regular(path)
    try:
        if path.suffix == ".csv":
            return dict(pl.read_csv(path, infer_schema=False).schema)
        return dict(pl.read_parquet_schema(path))
    except UNREADABLE as error:
        raise ContractError(f"{path} cannot be read: {reason(path, {})}") from error


def read_provenance(path: Path) -> dict[str, Any]:
    """The provenance of a Parquet file; {} where there is no readable file."""
    if not path.is_file():  # nor a pipe, which polars would wait for
        return {}
    try:
        provenance: dict[str, Any] = json.loads(
            pl.read_parquet_metadata(path).get("provenance", "{}")
        )
    except (*UNREADABLE, json.JSONDecodeError):
        return {}
    return provenance if isinstance(provenance, dict) else {}


def check(frame: pl.DataFrame, schema: Columns, path: Path) -> pl.DataFrame:
    """Return ``frame`` with the schema's columns; raise ContractError on the first fault."""
    missing = [name for name in schema if name not in frame.columns]
    if missing:
        raise ContractError(f"{path}: column {missing[0]!r} is missing; it needs {list(schema)}")
    for name, dtype in schema.items():
        column = frame[name]
        if column.dtype != dtype:
            raise ContractError(f"{path}: column {name!r} is {column.dtype}, expected {dtype}")
        if name not in schema.nullable and column.null_count():
            where = _where(frame, column.is_null())
            raise ContractError(
                f"{path}: column {name!r} has {column.null_count()} empty values{where}"
            )
        if dtype.is_float() and column.is_nan().any():
            raise ContractError(
                f"{path}: column {name!r} holds NaN{_where(frame, column.is_nan())}"
            )
    # Where conditions stand below each other, an id stands once in each.
    if "image_id" in schema and "corruption" not in schema:
        _check_ids(frame["image_id"], path)
    return frame.select(list(schema))


def _where(frame: pl.DataFrame, faulty: pl.Series) -> str:
    """The first faulty row in words: its image, or its number."""
    row = faulty.arg_max() or 0  # of booleans, the first that is true
    if "image_id" in frame.columns and frame["image_id"][row] is not None:
        return f" (image {frame['image_id'][row]})"
    return f" (row {row + 1})"


def _check_ids(ids: pl.Series, path: Path) -> None:
    if ids.is_duplicated().any():
        twice = ids.filter(ids.is_duplicated())[0]
        raise ContractError(f"{path}: image_id {twice!r} stands more than once")
    if not ids.is_sorted():
        raise ContractError(f"{path}: rows are not sorted by image_id")


def read_scores(path: Path, kind: Kind, image_ids: pl.Series) -> pl.DataFrame:
    """One score file, held against the manifest's ids: each exactly once, in order.

    A metric's empty scores are held against what its provenance says is undefined; in a file that
    does not say what it was computed with they need no reason.
    """
    frame = read_score_rows(path, kind, image_ids)
    # The first is enough to refuse a file; an import, for its user's sake, lists all.
    for fault in impossible_values(frame, kind, path):
        raise ContractError(fault)
    return frame


def read_score_rows(path: Path, kind: Kind, image_ids: pl.Series) -> pl.DataFrame:
    """A score file of which only rows and types are checked."""
    frame = read_table(path, SCORES[kind])
    check_image_ids(frame["image_id"], image_ids, path)
    return frame


def impossible_values(frame: pl.DataFrame, kind: Kind, path: Path) -> Iterator[str]:
    """Each column of scores that is infinite, or empty where nothing says why, in words."""
    for name in frame.columns:
        if frame[name].dtype.is_float() and (endless := frame[name].is_infinite()).any():
            where = _where(frame, endless.fill_null(False))
            yield f"{path}: column {name!r} is infinite{where}"
    provenance = read_provenance(path) if kind in UNDEFINABLE else {}
    if "undefined" in provenance or "scorer" in provenance:
        yield from undefined_faults(frame, provenance.get("undefined", {}), path)


def write_scores(frame: pl.DataFrame, path: Path, kind: Kind, provenance: dict[str, Any]) -> None:
    """Write a score file whose empty scores are those that its provenance says are undefined."""
    if kind in UNDEFINABLE:
        for fault in undefined_faults(frame, provenance.get("undefined", {}), path):
            raise ContractError(fault)
    write_table(frame, path, SCORES[kind], provenance)


def undefined_faults(
    frame: pl.DataFrame, undefined: Mapping[str, str], path: Path
) -> Iterator[str]:
    """Where the ids of a metric's empty scores are not those of ``undefined``, in words."""
    lost = set(frame.filter(pl.col("score").is_null())["image_id"])
    for image_id in sorted(lost ^ undefined.keys()):
        fault = (
            "is empty, and its provenance does not say why"
            if image_id in lost
            else "is undefined by its provenance, but the file has no such empty score"
        )
        yield f"{path}: the score of {image_id!r} {fault}; delete the file"


def undefined_in(frame: pl.DataFrame, path: Path) -> dict[str, str]:
    """Image id -> why a metric is not defined for it, '' where the file ``path`` does not say."""
    if "score" not in frame.columns or not frame["score"].null_count():
        return {}
    reasons = read_provenance(path).get("undefined", {})
    lost = frame.filter(pl.col("score").is_null())["image_id"]
    return {image_id: reasons.get(image_id, "") for image_id in lost}


def check_share(undefined: Mapping[str, str], n: int, most: float, path: Path) -> None:
    """Raise UserError, with ids, where more than the share ``most`` of n pictures is undefined.

    undefined: image id -> why there is no score; '' where that is not known.
    """
    if len(undefined) / n <= most:
        return
    named = [f"{name} ({why})" if why else name for name, why in undefined.items()]
    shown = "; ".join(named[:NAMED])
    more = f"; and {len(named) - NAMED} more" if len(named) > NAMED else ""
    raise UserError(
        f"{path}: the score is not defined for {len(named)} of {n} pictures "
        f"({len(named) / n:.1%}), more than scoring.max_undefined allows ({most:.1%}): "
        f"{shown}{more}. Leave out the scorer, the condition or the pictures, or raise "
        "scoring.max_undefined."
    )


def check_image_ids(found: pl.Series, wanted: pl.Series, path: Path) -> None:
    """Raise ContractError unless ``path`` holds the wanted ids, each once and in their order."""
    if found.equals(wanted):
        return
    _check_ids(found, path)
    # polars deprecates a bare series in is_in: it could mean one value a row.
    lost = wanted.filter(~wanted.is_in(found.implode()))
    extra = found.filter(~found.is_in(wanted.implode()))
    fault = f"lacks {lost[0]!r}" if len(lost) else f"has the unknown id {extra[0]!r}"
    raise ContractError(f"{path} {fault}; it needs exactly the manifest's {len(wanted)} ids")
