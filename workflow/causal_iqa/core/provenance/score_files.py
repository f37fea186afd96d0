"""Score files are believed where what they say of themselves fits where they stand.

A file's provenance holds its scorer's specification (``scorer``), the fingerprint of its condition
(``condition``) and a digest of its pictures' ids (``pictures``). A file from elsewhere may say
nothing of itself; what it does say must not contradict.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from causal_iqa.core.condition_archive import index_path
from causal_iqa.core.conditions import Condition
from causal_iqa.core.contract import ContractError, Results, read_provenance
from causal_iqa.core.provenance.damage import AGAIN, note


class ScoreFile(NamedTuple):
    """A file of scores, whose they are by its place, and what it says of itself."""

    path: Path
    scorer: str
    condition: Condition
    said: dict[str, Any]


def require(
    files: Sequence[ScoreFile],
    results: Results,
    image_ids: pl.Series,
    spec: dict[str, Any] | None = None,
) -> None:
    """Raise ContractError for ``contradictions``, after noting them; arguments as there.

    Without ``spec`` the scores are imported: nothing here makes them again.
    """
    faults = list(contradictions(files, results, image_ids, spec))
    if not faults:
        return
    more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
    if spec is None:
        raise ContractError(f"{faults[0]}{more}. Put it right where it was imported from.")
    note(results.root / "scores" / files[0].scorer, faults)
    raise ContractError(f"{faults[0]}{more}. {AGAIN}: it computes it anew.")


def files_of(results: Results, scorer: str, conditions: Iterable[Condition]) -> list[ScoreFile]:
    """The score files of one scorer, with what each says of itself."""
    places = [(results.scores(scorer, condition), condition) for condition in conditions]
    return [ScoreFile(path, scorer, c, read_provenance(path)) for path, c in places]


def digest(rows: Iterable[Any]) -> str:
    """Of any rows, in their order; of the ids it is what a score file knows its pictures by."""
    found = hashlib.sha256()
    for row in rows:
        found.update(f"{row!r}\n".encode())  # repr: a break within an id is escaped
    return found.hexdigest()[:16]


def contradictions(
    files: Sequence[ScoreFile],
    results: Results,
    image_ids: pl.Series,
    spec: dict[str, Any] | None = None,
) -> Iterator[str]:
    """Each file that cannot be what its place says, in words that name it and what it is.

    results: where conditions' indices may stand, which say their fingerprints; without them,
    two conditions of one fingerprint are named. spec: the scorer that was asked for; None: what
    most of a scorer's files say.
    """
    yield from _other_scorers(files, spec)
    pictures = digest(image_ids)
    for file in files:
        if file.said.get("pictures", pictures) != pictures:
            yield f"{file.path} was computed from other pictures than the manifest's"
    yield from _other_conditions(files, results)


def _other_scorers(files: Sequence[ScoreFile], spec: dict[str, Any] | None) -> Iterator[str]:
    for scorer in dict.fromkeys(file.scorer for file in files):
        said = [(file, _text(file.said.get("scorer"))) for file in files if file.scorer == scorer]
        known = Counter(text for _, text in said if text is not None)
        wanted = _text(spec) if spec else max(known, key=known.__getitem__, default=None)
        for file, text in said:
            if text is None and spec is not None:
                yield f"{file.path} does not say which scorer it is of"
            elif text is not None and text != wanted:
                yield f"{file.path} holds scores of another scorer: {text}, not {wanted}"


def _text(spec: dict[str, Any] | None) -> str | None:
    # A file's provenance comes back with its keys sorted, a configuration's spec does not.
    return None if spec is None else json.dumps(spec, sort_keys=True)


def _other_conditions(files: Sequence[ScoreFile], results: Results) -> Iterator[str]:
    right = {
        condition: fingerprint
        for condition in dict.fromkeys(file.condition for file in files)
        if (fingerprint := _fingerprint(results, condition)) is not None
    }
    named = {fingerprint: condition for condition, fingerprint in right.items()}
    first: dict[tuple[str, str], ScoreFile] = {}
    for file in files:
        found = file.said.get("condition")
        if found is None:
            continue
        # a copy is most likely of the scorer's own files
        other = first.setdefault((file.scorer, found), first.get(("", found), file))
        first.setdefault(("", found), file)
        if named.get(found, file.condition) != file.condition:
            yield f"{file.path} holds scores of another condition, {named[found]}"
        elif right.get(file.condition, found) != found:
            yield f"{file.path} was computed from another archive of {file.condition}"
        elif other.condition != file.condition:
            yield f"{file.path} holds the same condition as {other.path}: one is a copy"


def _fingerprint(results: Results, condition: Condition) -> str | None:
    """Of a condition whose index is there."""
    found: str | None = read_provenance(index_path(results.condition(condition))).get("fingerprint")
    return found


def twins(scorers: Iterable[Sequence[ScoreFile]]) -> Iterator[str]:
    """Two scorers whose files say that they are of one: a folder was copied.

    scorers: the files of each. Files that say nothing of a scorer are passed over.
    """
    first: dict[str, ScoreFile] = {}
    for files in scorers:
        for file in files:
            if "scorer" not in file.said:
                continue
            other = first.setdefault(_text(file.said) or "", file)
            if other.scorer != file.scorer:
                yield f"{file.path} says of itself what {other.path} does: one is a copy"
                break  # its other files say the same
