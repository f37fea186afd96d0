"""Classes: what a network's outputs mean, and which of them a user's own label is."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from causal_iqa.core.columns import CLASSES
from causal_iqa.core.errors import UserError, nearest
from causal_iqa.pictures.lists import read_csv


def imagenet_classes() -> pl.DataFrame:
    """ImageNet-1k's classes ``index, wnid, name``, in the order of the sorted wnids.

    Read from the lists that timm carries (``timm/data/_info``), without importing timm. The name
    is WordNet's first lemma.
    """
    spec = importlib.util.find_spec("timm")
    if spec is None or spec.origin is None:
        raise UserError("timm is not installed; it carries ImageNet's class list")
    info = Path(spec.origin).parent / "data" / "_info"
    wnids = (info / "imagenet_synsets.txt").read_text(encoding="utf-8").split()
    lemmas = dict(
        line.split("\t", 1)
        for line in (info / "imagenet_synset_to_lemma.txt").read_text("utf-8").splitlines()
    )
    names = [lemmas[wnid].split(",")[0] for wnid in wnids]
    return pl.DataFrame({"index": range(len(wnids)), "wnid": wnids, "name": names}, schema=CLASSES)


def read_classes(path: Path | None) -> pl.DataFrame:
    """The classes of a CSV ``index,wnid,name``, or ImageNet's where there is none.

    Raises UserError where the indices are not 0, 1, 2, ... in order.
    """
    if path is None:
        return imagenet_classes()
    if not path.is_file():
        raise UserError(f"pictures.classes: {path} is not a file")
    rows = read_csv(path, list(CLASSES))
    indexed = [(_index(path, line, row), row["wnid"], row["name"]) for line, row in rows]
    classes = pl.DataFrame(indexed, schema=CLASSES, orient="row")
    if classes.is_empty():
        raise UserError(f"{path} lists no class; give a row index,wnid,name for each output")
    if classes["index"].to_list() != list(range(classes.height)):
        raise UserError(f"{path}: index must count 0, 1, 2, ... in order; it is a list of outputs")
    return classes


def read_names(path: Path) -> list[str]:
    """Names of classes, a line each; empty lines at the end do not count."""
    return read_lines(path, "audit.classes")


def read_lines(path: Path, key: str) -> list[str]:
    """The lines of a text file; empty ones at its end do not count.

    Raises UserError naming ``key`` and file where it is no text.
    """
    if not path.is_file():
        raise UserError(f"{key}: {path} is not a file; it needs a text with one a line")
    content = path.read_bytes()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UserError(f"{key}: {path}, line {line}: this is no UTF-8 text") from error
    return [line.strip() for line in text.rstrip().splitlines()]


def read_class_map(path: Path, classes: pl.DataFrame) -> dict[str, int]:
    """The user's class names -> indices of ``classes``, from a CSV ``class,index``."""
    if not path.is_file():
        raise UserError(f"pictures.class_map: {path} is not a file")
    mapped: dict[str, int] = {}
    for line, row in read_csv(path, ("class", "index")):
        name, index = row["class"], _index(path, line, row)
        if index >= classes.height:
            raise UserError(
                f"{path}, line {line}: class {name!r} maps to {index}; allowed: 0 to "
                f"{classes.height - 1}"
            )
        if name in mapped:
            raise UserError(f"{path}, line {line}: class {name!r} stands more than once")
        mapped[name] = index
    if not mapped:
        raise UserError(f"{path} maps no class; give a row class,index for each of yours")
    return mapped


def _index(path: Path, line: int, row: Mapping[str, str]) -> int:
    # Not int() in a try: that takes "+1", "-1" and "1_0" as well.
    if not row["index"].isdecimal():
        raise UserError(
            f"{path}, line {line}: index is {row['index']!r}; it needs a whole number from 0 on"
        )
    return int(row["index"])


class Labels:
    """Finds the class index of a label as a user writes it: mapped name, wnid, index or name."""

    def __init__(self, classes: pl.DataFrame, class_map: dict[str, int] | None) -> None:
        self._count = classes.height
        self._map = class_map
        self._wnids = {w: i for i, w in zip(classes["index"], classes["wnid"], strict=True) if w}
        # ImageNet has "crane" twice: a name of two classes means neither.
        names = classes.filter(~pl.col("name").is_duplicated())
        self._names = {n: i for i, n in zip(names["index"], names["name"], strict=True) if n}

    def knows(self, label: str) -> bool:
        """Whether ``label`` is a class."""
        return label in (self._names | self._wnids if self._map is None else self._map)

    def index(self, label: str, where: str) -> int:
        """The class index of ``label``. Raises UserError naming ``where`` it stood."""
        if self._map is not None:
            if label not in self._map:
                known = nearest(label, sorted(self._map))
                raise UserError(f"{where}: class {label!r} is not in pictures.class_map; {known}")
            return self._map[label]
        if label.isdecimal():
            if int(label) < self._count:
                return int(label)
            raise UserError(f"{where}: label {label} is outside the classes 0 to {self._count - 1}")
        for indices in (self._wnids, self._names):
            if label in indices:
                return int(indices[label])
        raise UserError(
            f"{where}: {label!r} is no wnid, index or unambiguous name of the {self._count} "
            "classes. Give pictures.class_map, a CSV class,index from your names to indices."
        )
