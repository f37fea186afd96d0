"""An audited set's pictures for other programs: spreadsheets, FiftyOne, Croissant."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from causal_iqa.audit.calibration import quality_columns, task_networks
from causal_iqa.audit.files import LISTING, AuditFiles
from causal_iqa.core.columns import CLASSES
from causal_iqa.core.contract import Results, atomic, read_parquet, read_table
from causal_iqa.data.panel import Panel

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins so is a formula, or hides one, where a spreadsheet opens it."""
_FIELD = "fiftyone.core.fields."
_FLOAT = f"{_FIELD}FloatField"
_LABEL = f"{_FIELD}EmbeddedDocumentField(fiftyone.core.labels.Classification)"
_STANDARD = {
    "filepath": f"{_FIELD}StringField",
    "tags": f"{_FIELD}ListField({_FIELD}StringField)",
}
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "sc": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    **{
        name: f"cr:{name}"
        for name in ("column", "extract", "field", "fileObject", "key", "recordSet", "source")
    },
}


def write_exports(root: Path, name: str, names: Sequence[str] | None = None) -> None:
    """Write ``pictures.csv``, ``fiftyone.json`` and ``croissant.json`` of an audited set.

    root: the experiment's results; ``audit/<name>/pictures.parquet`` is what is exported.
    names: of the classes that the networks predict; None: those of ``classes.csv``.

    - ``pictures.csv``: its rows and columns, UTF-8, one row of headers. A text that begins with
      =, +, -, @, a tab or a carriage return has an apostrophe before it, or a spreadsheet might run
      it; whoever reads the file with a program takes that apostrophe off;
    - ``fiftyone.json``: for ``fiftyone.Dataset.from_json``. The pictures that are files of their
      own, as a field ``scorer_variant`` a quality score, a field ``network`` for what it predicts
      (class name and largest probability) and ``network_p_correct``. File paths are as listed; a
      relative one is relative to where the workflow ran (``rel_dir``);
    - ``croissant.json``: what is in ``pictures.csv``, in MLCommons' Croissant 1.0. It says
      nothing of a licence, an author or a date.

    Raises ContractError for a table that is absent or not as its schema says.
    """
    results = Results(root)
    files = AuditFiles(results.audit(name))
    # No conditions: only scorers and their kinds are asked for.
    panel = Panel(root, [])
    listing = read_table(files.listing, LISTING)
    classes = names or read_table(results.classes, CLASSES)["name"].to_list()
    pictures = read_parquet(files.pictures)
    table = files.root / "pictures.csv"
    with atomic(table) as temporary:
        _without_formulas(pictures).write_csv(temporary)
    samples = fiftyone(name, pictures, listing, panel, classes)
    _write_json(samples, files.root / "fiftyone.json")
    _write_json(croissant(name, pictures, table.read_bytes()), files.root / "croissant.json")


def _write_json(content: Mapping[str, Any], target: Path) -> None:
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    with atomic(target) as temporary:
        temporary.write_text(f"{text}\n", encoding="utf-8")


def _without_formulas(pictures: pl.DataFrame) -> pl.DataFrame:
    texts = [name for name, dtype in pictures.schema.items() if dtype == pl.String]
    return pictures.with_columns(
        pl.when(pl.any_horizontal(pl.col(text).str.starts_with(sign) for sign in FORMULA))
        .then("'" + pl.col(text))
        .otherwise(text)
        .alias(text)
        for text in texts
    )


def fiftyone(
    name: str,
    pictures: pl.DataFrame,
    listing: pl.DataFrame,
    panel: Panel,
    classes: Sequence[str],
) -> dict[str, Any]:
    """A FiftyOne dataset of the pictures that are files of their own.

    Tags of a sample: its status, and 'outside', 'near duplicate' where it is one.
    """
    networks, qualities = task_networks(panel), quality_columns(panel)
    numbers = [
        *(f"{source}.{variant}" for source, variant in qualities),
        *(column for column in pictures.columns if column.endswith(".p_correct")),
    ]
    fields = {column: _field(column) for column in numbers}
    # FiftyOne opens files; a picture within a tar has none.
    own = listing.filter(pl.col("offset").is_null(), pl.col("path") != "").select("name", "path")
    rows = pictures.join(own, on="name", how="inner", maintain_order="left")
    samples = []
    for row in rows.iter_rows(named=True):
        sample: dict[str, Any] = {
            "filepath": row["path"],
            "tags": _tags(row),
            "_media_type": "image",
            **{field: row[column] for column, field in fields.items()},
        }
        for network in networks:
            sample[_field(network)] = _classification(row, network, classes)
        samples.append(sample)
    schema = {
        **_STANDARD,
        **dict.fromkeys(fields.values(), _FLOAT),
        **dict.fromkeys(map(_field, networks), _LABEL),
    }
    return {
        "name": name,
        "media_type": "image",
        "num_samples": len(samples),
        "sample_fields": schema,
        "info": {},
        "samples": samples,
    }


def _field(name: str) -> str:
    """A field's name in FiftyOne's data base, where a dot parts levels."""
    return name.replace(".", "_")


def _tags(row: Mapping[str, Any]) -> list[str]:
    outside = ["outside"] if row["outside"] else []
    return [row["status"], *outside, *(["near duplicate"] if row["duplicate_of"] else [])]


def _classification(
    row: Mapping[str, Any], network: str, classes: Sequence[str]
) -> dict[str, Any] | None:
    index = row[f"{network}.prediction"]
    if index is None:
        return None
    label = (classes[index] if index < len(classes) else "") or str(index)
    confidence = row[f"{network}.max_prob"]
    return {"_cls": "Classification", "tags": [], "label": label, "confidence": confidence}


def croissant(name: str, pictures: pl.DataFrame, table: bytes) -> dict[str, Any]:
    """The description of ``pictures.csv``, whose bytes ``table`` are, in JSON-LD."""
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "name": name,
        "description": f"Quality scores, predictions and, where an estimator gives it, the "
        f"probability of a correct prediction of {pictures.height} pictures. The pictures "
        "themselves are not part of it.",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": "pictures.csv",
                "name": "pictures.csv",
                "contentUrl": "pictures.csv",
                "contentSize": f"{len(table)} B",
                "encodingFormat": "text/csv",
                "sha256": hashlib.sha256(table).hexdigest(),
            }
        ],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": "pictures",
                "name": "pictures",
                "key": {"@id": "pictures/name"},
                "field": [
                    _record_field(column, dtype) for column, dtype in pictures.schema.items()
                ],
            }
        ],
    }


def _record_field(column: str, dtype: pl.DataType) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"pictures/{column}",
        "name": column,
        "dataType": _type(dtype),
        "source": {"fileObject": {"@id": "pictures.csv"}, "extract": {"column": column}},
    }


def _type(dtype: pl.DataType) -> str:
    if dtype == pl.Boolean:
        return "sc:Boolean"
    if dtype.is_integer():
        return "sc:Integer"
    return "sc:Float" if dtype.is_float() else "sc:Text"
