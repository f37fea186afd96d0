"""Make the archives of a corruption: every picture of the manifest at the severities asked for."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from threadpoolctl import threadpool_limits

from causal_iqa.core.archives import read_bytes, where
from causal_iqa.core.bounds import ConditionList, Count, Seed
from causal_iqa.core.columns import CLASSES, PICTURES
from causal_iqa.core.condition_archive import (
    Member,
    condition_provenance,
    condition_writer,
    sha256_of,
)
from causal_iqa.core.conditions import Condition
from causal_iqa.core.contract import Results, read_table
from causal_iqa.core.errors import UserError
from causal_iqa.core.packaged import FROST, locate
from causal_iqa.core.progress import Progress
from causal_iqa.core.provenance.damage import AGAIN, note
from causal_iqa.core.provenance.recipe import (
    class_folders,
    is_as_published,
    library_versions,
    made_from,
)
from causal_iqa.corruptions.variants import variants
from causal_iqa.corruptions.weather import read_frost_pictures

Source = tuple[str, str, int | None, int, str, str]
"""Of a picture: image_id, path, offset in it (None: the whole file), bytes, SHA-256, its folder."""


class PictureChanged(UserError):
    """A picture's bytes are not those that the manifest knows it by."""


def make_conditions(
    results: Results, conditions: ConditionList, seed: Seed, packages: Path, workers: Count
) -> None:
    """Write the archives of ``conditions`` (one corruption) that are absent or out of date.

    A picture is decoded once for all severities. Its bytes depend on its clean pixels and on
    (seed, image_id, corruption, severity), so neither ``workers`` nor the choice of conditions
    changes them. Raises UserError naming the first picture that is unreadable or was changed since
    the manifest was written; then no archive appears.
    """
    manifest = read_table(results.manifest, PICTURES)
    classes = read_table(results.classes, CLASSES)
    as_published = is_as_published(results.manifest)
    versions = library_versions()
    wanted = {
        condition: provenance
        for condition, facts in made_from(conditions, seed, manifest, classes, as_published).items()
        if not _is_made(results.condition(condition), provenance := {**facts, "versions": versions})
    }
    if not wanted:
        print("every archive is up to date")
        return
    frost_pictures = frost_pictures_of(wanted, packages)
    make = partial(_members, tuple(wanted), seed, frost_pictures, as_published)
    # All archives are open together, so that a picture is decoded once for them all.
    with contextlib.ExitStack() as stack:
        writers = [
            stack.enter_context(condition_writer(results.condition(condition), provenance))
            for condition, provenance in wanted.items()
        ]
        places = manifest.select("image_id", "path", "offset", "size", "sha256").iter_rows()
        folders = class_folders(manifest, classes)
        pictures = [(*place, folder) for place, folder in zip(places, folders, strict=True)]
        progress = Progress(len(pictures))
        try:
            for members in _in_order(make, pictures, workers):
                for add, member in zip(writers, members, strict=True):
                    add(member)
                progress.add(1)
        except PictureChanged as error:
            note(results.root, [str(error)])
            raise
    print(f"wrote {', '.join(map(str, wanted))}: {manifest.height} pictures each")


def _is_made(tar: Path, provenance: dict[str, Any]) -> bool:
    """Whether an archive is there, whole to the last bit, and of what it would be made from."""
    found = condition_provenance(tar)
    fingerprint = found.pop("fingerprint", None)
    return found == provenance and fingerprint == sha256_of(tar)


def frost_pictures_of(wanted: Iterable[Condition], packages: Path) -> tuple[np.ndarray, ...] | None:
    """The photographs that frost draws from; None where no condition is frost."""
    if not any(condition.corruption == "frost" for condition in wanted):
        return None
    folders = {locate(name, packages).parent for name in FROST}
    return read_frost_pictures(folders.pop())


def _members(
    conditions: tuple[Condition, ...],
    seed: int,
    frost_pictures: tuple[np.ndarray, ...] | None,
    as_published: bool,
    picture: Source,
) -> list[Member]:
    image_id, path, offset, size, sha256, folder = picture
    data, place = read_bytes(Path(path), offset, size), where(Path(path), offset)
    jpegs = variants(
        data, place, image_id, conditions, seed, frost_pictures, as_published=as_published
    )
    if hashlib.sha256(data).hexdigest() != sha256:
        raise PictureChanged(
            f"{place} was changed since it was listed in manifest.parquet. {AGAIN}: it lists the "
            "pictures anew."
        )
    return [
        Member(image_id, f"{condition}/{folder}/{image_id}.JPEG", jpeg)
        for condition, jpeg in zip(conditions, jpegs, strict=True)
    ]


def _in_order(
    make: Callable[[Source], list[Member]],
    pictures: list[Source],
    workers: int,
) -> Iterator[list[Member]]:
    """``make`` over all pictures, in their order, on ``workers`` single-threaded processes."""
    if workers == 1:
        _use_one_thread()
        yield from map(make, pictures)
        return
    with ProcessPoolExecutor(workers, initializer=_use_one_thread) as pool:
        yield from pool.map(make, pictures, chunksize=8)


def _use_one_thread() -> None:
    """Small matrices and pictures: more threads than processes only get in each other's way."""
    cv2.setNumThreads(1)
    threadpool_limits(1)
