"""ImageNet-C as published: its archives, or folders unpacked of them, read in place.

Zenodo 2235448 (CC BY 4.0) holds five tars; their members are
``<corruption>/<severity>/<wnid>/ILSVRC2012_val_NNNNNNNN.JPEG``. Nothing is unpacked or copied: an
index says where every picture of a condition lies, as for the archives that this project makes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from causal_iqa.core.archives import TarMember, stamp, tar_members
from causal_iqa.core.bounds import ConditionList
from causal_iqa.core.columns import CLASSES, INDEX, MANIFEST
from causal_iqa.core.condition_archive import index_path
from causal_iqa.core.conditions import GROUPS, Condition, grid
from causal_iqa.core.contract import Results, read_table, write_table
from causal_iqa.core.errors import UserError
from causal_iqa.pictures.checksums import check_md5, md5_of
from causal_iqa.pictures.finding import below

if TYPE_CHECKING:
    from causal_iqa.core.config import Conditions

MD5 = {
    "noise": "e80562d7f6c3f8834afb1ecf27252745",
    "blur": "2d8e81fdd8e07fef67b9334fa635e45c",
    "weather": "33ffea4db4d93fe4a428c40a6ce0c25d",
    "digital": "89157860d7b10d5797849337ca2e5c03",
    "extra": "d492dfba5fc162d8ec2c3cd8ee672984",
}
"""Of each group's tar, as published."""


def find(folder: Path, corruption: str) -> Path | None:
    """Where a corruption lies below ``folder``: its own folder, or the tar that holds it.

    Folders are looked for as ``CORRUPTION/`` and ``GROUP/CORRUPTION/``, tars as ``GROUP.tar``.
    """
    tar = archive_of(folder, corruption)
    for place in (folder / corruption, folder / tar.stem / corruption):
        if place.is_dir():
            return place
    return tar if tar.is_file() else None


def archive_of(folder: Path, corruption: str) -> Path:
    """Where the published archive of a corruption belongs."""
    group = next(name for name, members in GROUPS.items() if corruption in members)
    return folder / f"{group}.tar"


def require(folder: Path, corruptions: Iterable[str]) -> dict[str, Path]:
    """``find`` of each corruption. Raises UserError naming those that are nowhere."""
    found = {corruption: find(folder, corruption) for corruption in corruptions}
    lost = [corruption for corruption, place in found.items() if place is None]
    if lost:
        raise UserError(
            f"conditions.path: {folder} holds neither a folder nor the archive of "
            f"{', '.join(lost)}. Get the archives from https://zenodo.org/records/2235448, leave "
            "these corruptions out, or set conditions.source: mixed to make them."
        )
    return {corruption: place for corruption, place in found.items() if place is not None}


def published_in(config: Conditions, *, planned: bool = False) -> dict[Path, list[Condition]]:
    """Archive or folder -> the configured conditions that are read from it.

    planned: archives of source ``imagenet-c`` need not be there yet. Raises UserError where they
    need to be and a corruption is absent.
    """
    if config.path is None:
        return {}
    if config.source == "imagenet-c" and not planned:
        places = require(config.path, config.corruptions)
    else:
        found = {corruption: find(config.path, corruption) for corruption in config.corruptions}
        if config.source == "imagenet-c":
            found = {c: place or archive_of(config.path, c) for c, place in found.items()}
        places = {corruption: place for corruption, place in found.items() if place is not None}
    published: dict[Path, list[Condition]] = {}
    for condition in grid(config.corruptions, config.severities):
        if condition.corruption in places:
            published.setdefault(places[condition.corruption], []).append(condition)
    return published


def write_indices(
    results: Results, source: Path, conditions: ConditionList, *, verify: bool
) -> None:
    """Write the index of each condition that lies in ``source``, a tar or a corruption's folder.

    verify: compare a tar with its published MD5 first. Raises UserError naming the first
    condition or picture of the manifest that is absent, doubled or in another class's folder;
    then no index appears. Pictures beyond the manifest's are left aside.
    """
    manifest = read_table(results.manifest, MANIFEST)
    classes = read_table(results.classes, CLASSES)
    wnids = dict(classes.select("index", "wnid").iter_rows())
    wanted = {
        image_id: wnids[label] for image_id, label in manifest.select("image_id", "label").rows()
    }
    if source.is_dir():
        members, fingerprint = _in_folder(source)
    else:
        members = tar_members(source)
        fingerprint = (
            check_md5(source, MD5[source.stem], "conditions.verify") if verify else md5_of(source)
        )
    found = _by_condition(members, source)
    frames = {
        condition: _index(found.get(condition, []), wanted, condition, source)
        for condition in conditions
    }
    for condition, frame in frames.items():
        # With the rows, since all conditions of a group share one archive.
        facts = hashlib.sha256(f"{fingerprint}\0{frame.rows()}".encode()).hexdigest()
        provenance: dict[str, Any] = {
            "condition": str(condition),
            "archive": str(source.resolve()),
            "archive_fingerprint": fingerprint,
            "fingerprint": facts,
        }
        write_table(frame, index_path(results.condition(condition)), INDEX, provenance)


def _in_folder(source: Path) -> tuple[list[TarMember], str]:
    """The files of a corruption's folder and a digest of their names, sizes and times."""
    digest = hashlib.sha256()
    members = []
    # below() has no order, but a digest is of one.
    for file in sorted(entry.path for entry in below(source) if not entry.skipped):
        name = f"{source.name}/{file.relative_to(source)}"
        digest.update(f"{name}\0{stamp(file)}\n".encode())
        members.append(TarMember(name, 0, file.stat().st_size))
    return members, digest.hexdigest()


def _by_condition(members: list[TarMember], source: Path) -> dict[Condition, list[TarMember]]:
    found: dict[Condition, list[TarMember]] = {}
    for member in members:
        parts = member.name.split("/")
        # Read from the end: the tar may have been packed with folders above.
        if len(parts) < 4 or not parts[-3].isdecimal():
            raise UserError(
                f"{source}: member {member.name} is not CORRUPTION/SEVERITY/WNID/PICTURE.JPEG"
            )
        found.setdefault(Condition(parts[-4], int(parts[-3])), []).append(member)
    return found


def _index(
    members: list[TarMember], wanted: dict[str, str], condition: Condition, source: Path
) -> pl.DataFrame:
    rows: dict[str, tuple[str, str, int, int]] = {}
    for name, offset, size in members:
        _, wnid, file = name.rsplit("/", 2)
        image_id = Path(file).stem
        if image_id not in wanted:
            continue
        if image_id in rows:
            raise UserError(f"{source}: {condition} holds picture {image_id!r} twice")
        if wnid != wanted[image_id]:
            raise UserError(
                f"{source}: {name} stands in the folder of another class; the manifest says "
                f"{wanted[image_id]}"
            )
        rows[image_id] = (image_id, name, offset, size)
    for image_id in wanted:
        if image_id not in rows:
            held = f"has {len(rows)} of" if rows else "has none of"
            raise UserError(
                f"{source}: {condition} lacks picture {image_id!r}; it {held} the manifest's "
                f"{len(wanted)} pictures"
            )
    return pl.DataFrame([rows[key] for key in sorted(rows)], schema=INDEX, orient="row")
