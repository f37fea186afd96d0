"""Make the archives of a corruption: every picture of the manifest at the severities asked for."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import polars as pl
from threadpoolctl import threadpool_limits

from causal_iqa.archives import read_bytes, where
from causal_iqa.conditions import Condition
from causal_iqa.contract import Results, read_provenance, read_table
from causal_iqa.corruptions.variants import variants
from causal_iqa.corruptions.weather import read_frost_pictures
from causal_iqa.fingerprint import code_fingerprint
from causal_iqa.packaged import FROST, locate
from causal_iqa.schemas import CLASSES, PICTURES
from causal_iqa.store import Member, condition_provenance, condition_writer

PIXELS = "corruptions.variants"
"""The module whose code decides a condition's bytes; the rest here is book-keeping."""
Source = tuple[str, str, int | None, int, str]
"""Of a picture: image_id, path, offset in it (None: the whole file), bytes, class folder."""
LIBRARIES = ("numpy", "opencv-python-headless", "pillow", "scipy", "numba")


def make_conditions(
    results: Results, conditions: Sequence[Condition], seed: int, packages: Path, workers: int
) -> None:
    """Write the archives of ``conditions`` (one corruption) that are absent or out of date.

    A picture is decoded once for all severities. Its bytes depend on its clean pixels and on
    (seed, image_id, corruption, severity), so neither ``workers`` nor the choice of conditions
    changes them. Raises UserError naming the first unreadable picture; then no archive appears.
    """
    manifest = read_table(results.manifest, PICTURES)
    as_published = bool(read_provenance(results.manifest).get("as_published"))
    folders = _class_folders(manifest, read_table(results.classes, CLASSES))
    wanted = {
        condition: provenance
        for condition in conditions
        if (provenance := _provenance(condition, seed, manifest, folders, as_published))
        != _without_fingerprint(condition_provenance(results.condition(condition)))
    }
    if not wanted:
        print("every archive is up to date")
        return
    frost_pictures = frost_pictures_of(wanted, packages)
    make = partial(_members, tuple(wanted), seed, frost_pictures, as_published)
    with contextlib.ExitStack() as stack:
        writers = [
            stack.enter_context(condition_writer(results.condition(condition), provenance))
            for condition, provenance in wanted.items()
        ]
        places = manifest.select("image_id", "path", "offset", "size").iter_rows()
        pictures = [(*place, folder) for place, folder in zip(places, folders, strict=True)]
        for members in _in_order(make, pictures, workers):
            for add, member in zip(writers, members, strict=True):
                add(member)
    print(f"wrote {', '.join(map(str, wanted))}: {manifest.height} pictures each")


def _class_folders(manifest: pl.DataFrame, classes: pl.DataFrame) -> list[str]:
    """The folder of each picture inside an archive: its wnid, or its class index."""
    names = [
        wnid or str(index) for index, wnid in zip(classes["index"], classes["wnid"], strict=True)
    ]
    return ["unlabelled" if label is None else names[label] for label in manifest["label"]]


def _provenance(
    condition: Condition,
    seed: int,
    manifest: pl.DataFrame,
    folders: list[str],
    as_published: bool,
) -> dict[str, Any]:
    rows = zip(manifest["image_id"], manifest["sha256"], folders, strict=True)
    pictures = hashlib.sha256("\n".join("\0".join(row) for row in rows).encode()).hexdigest()
    return {
        "condition": str(condition),
        "seed": seed,
        "pictures": pictures,
        "as_published": as_published,
        "code": code_fingerprint(PIXELS),
        "versions": {library: version(library) for library in LIBRARIES},
    }


def _without_fingerprint(provenance: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in provenance.items() if key != "fingerprint"}


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
    image_id, path, offset, size, folder = picture
    data = read_bytes(Path(path), offset, size)
    place = where(Path(path), offset)
    jpegs = variants(
        data, place, image_id, conditions, seed, frost_pictures, as_published=as_published
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
