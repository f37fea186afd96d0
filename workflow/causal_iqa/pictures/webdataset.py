"""WebDataset shards: tars whose files of one name, up to the first dot, are one sample."""

from __future__ import annotations

import json
from pathlib import Path

from causal_iqa.archives import TarMember, read_bytes, tar_members
from causal_iqa.errors import UserError
from causal_iqa.pictures.classes import Labels
from causal_iqa.pictures.picture import SUFFIXES, Picture

LABEL_SUFFIXES = (".cls", ".json", ".txt")
"""Where a sample's label may stand, first come first served; of JSON the key ``label``."""


def list_webdataset(path: Path, labels: Labels) -> list[Picture]:
    """The pictures of one shard, or of all ``*.tar`` in a folder.

    image_id: the sample's key, with '/' written as '_'. Raises UserError naming shard and sample
    where there is no label.
    """
    shards = sorted(path.glob("*.tar")) if path.is_dir() else [path]
    return [picture for shard in shards for picture in _of_shard(shard, labels)]


def _of_shard(shard: Path, labels: Labels) -> list[Picture]:
    samples: dict[str, dict[str, TarMember]] = {}
    for member in tar_members(shard):
        folder, _, name = member.name.rpartition("/")
        stem, dot, suffix = name.partition(".")
        samples.setdefault(f"{folder}/{stem}" if folder else stem, {})[f"{dot}{suffix}".lower()] = (
            member
        )
    pictures = []
    for key, files in samples.items():
        for suffix in SUFFIXES:
            if suffix in files:
                label = labels.index(_label_of(shard, key, files), f"{shard}: sample {key}")
                _, offset, size = files[suffix]
                pictures.append(Picture(key.replace("/", "_"), label, shard, offset, size))
                break
    return pictures


def _label_of(shard: Path, key: str, files: dict[str, TarMember]) -> str:
    for suffix in LABEL_SUFFIXES:
        if suffix not in files:
            continue
        _, offset, size = files[suffix]
        text = read_bytes(shard, offset, size).decode("utf-8")
        if suffix != ".json":
            return text.strip()
        found = json.loads(text)
        if "label" in found:
            return str(found["label"])
    raise UserError(
        f"{shard}: sample {key} has no label; it needs {key}.cls, or {key}.json with the key label"
    )
