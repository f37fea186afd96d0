"""WebDataset shards: tars whose files of one name, up to the first dot, are one sample."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from causal_iqa.core.archives import read_bytes
from causal_iqa.core.errors import UserError
from causal_iqa.pictures.classes import Labels
from causal_iqa.pictures.finding import Entry, Skipped, aside, below, inside
from causal_iqa.pictures.lists import read_json_object
from causal_iqa.pictures.picture import Picture

LABEL_SUFFIXES = (".cls", ".json", ".txt")
"""Where a sample's label may stand, first come first served; of JSON the key ``label``."""


def shards_of(path: Path) -> list[Path]:
    """One shard, or all ``*.tar`` below a folder."""
    if not path.is_dir():
        return [path]
    return sorted(entry.path for entry in below(path) if is_shard(entry))


def list_webdataset(path: Path, labels: Labels) -> Iterator[Picture | Skipped]:
    """The pictures of one shard, or of all ``*.tar`` below a folder.

    image_id: the sample's key, with '/' written as '_'. Raises UserError naming shard and sample
    where there is no label.
    """
    if path.is_dir():
        for entry in below(path):
            if not is_shard(entry):
                yield Skipped(entry.name, entry.skipped or "not in a shard")
    for shard in shards_of(path):
        name = shard.relative_to(path).as_posix() if path.is_dir() else shard.name
        yield from _of_shard(shard, name, labels)


def is_shard(entry: Entry) -> bool:
    """Whether an entry of a folder is a tar."""
    return (
        entry.path.suffix.lower() == ".tar" and entry.path.is_file() and not aside(entry.path.name)
    )


def sample_of(name: str) -> tuple[str, str]:
    """The key of the sample that a member belongs to, and its suffix there, in small letters."""
    folder, slash, file = name.rpartition("/")
    stem, dot, suffix = file.partition(".")
    return f"{folder}{slash}{stem}", f"{dot}{suffix}".lower()


def _of_shard(shard: Path, name: str, labels: Labels) -> Iterator[Picture | Skipped]:
    """name: of the shard, in ids and in the names of what is passed over."""
    samples: dict[str, dict[str, Entry]] = {}
    for entry in inside(shard):
        if entry.skipped and sample_of(entry.name)[1] not in LABEL_SUFFIXES:
            yield Skipped(f"{name}:{entry.name}", entry.skipped)
        else:
            key, suffix = sample_of(entry.name)
            sample = samples.setdefault(key, {})
            if suffix in sample:
                yield Skipped(f"{name}:{entry.name}", f"beside {sample[suffix].name}")
            else:
                sample[suffix] = entry
    for key, files in samples.items():
        # the picture's own name comes first: a mask or a second view has a longer one
        pictures = sorted(
            (suffix for suffix in files if not files[suffix].skipped), key=lambda s: s.count(".")
        )
        for suffix in pictures[1:]:
            yield Skipped(f"{name}:{files[suffix].name}", "a further picture of its sample")
        if not pictures:
            for entry in files.values():
                yield Skipped(f"{name}:{entry.name}", "of a sample without a picture")
            continue
        found = files[pictures[0]]
        label = labels.index(_label_of(shard, key, files), f"{shard}: sample {key}")
        yield Picture(
            key.replace("/", "_"), label, shard, found.offset, found.size, name.removesuffix(".tar")
        )


def _label_of(shard: Path, key: str, files: dict[str, Entry]) -> str:
    for suffix in LABEL_SUFFIXES:
        if suffix not in files:
            continue
        where = f"{shard}: {files[suffix].name}"
        try:
            text = read_bytes(shard, files[suffix].offset, files[suffix].size).decode("utf-8")
        except UnicodeDecodeError:
            raise UserError(f"{where} is no text in UTF-8; it should be the label") from None
        if suffix != ".json":
            return text.strip()
        found = read_json_object(text, where)
        if "label" in found:
            return str(found["label"])
    raise UserError(
        f"{shard}: sample {key} has no label; it needs {key}.cls, or {key}.json with the key label"
    )
