"""Every scorer by the one string that the configuration names it with. Imports no torch.

An entry says what a table must know about a scorer (does it need labels, whose weights does it
share, which way is better), what must be on disk before it can run, and which function loads it.
The loaders are named, not imported: they stand in ``classifiers``, ``dual_encoders``, ``metrics``
and ``pyiqa_metrics``, and what they import is all that a scorer's code fingerprint covers. A new
entry here makes no score stale.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl

from causal_iqa.core.columns import SCORERS
from causal_iqa.core.errors import UserError, nearest
from causal_iqa.core.kinds import Kind
from causal_iqa.core.scorer_config import Scorer
from causal_iqa.scorers.entries import TORCH, Entry
from causal_iqa.scorers.published_entries import (
    OPEN_CLIP,
    TIMM,
    TORCHVISION,
    open_clip_entry,
    timm_entry,
    torchvision_entry,
    user_file,
)

_PYIQA = (*TORCH, "pyiqa", "scipy")
TOTAL_VARIATION = "metrics:total_variation"
PYIQA_METRIC = "pyiqa_metrics:pyiqa_metric"
FULL_REFERENCE_METRIC = "full_reference:full_reference"


def _imagenet(title: str, loader: str, library: str, file: str) -> Entry:
    return Entry(
        title,
        f"classifiers:{loader}",
        (*TORCH, library),
        files=(file,),
        outputs=1000,
        lower_better=False,
        trained_on_labels=True,
        weights_group=Path(file).stem,
    )


def _lite(number: int) -> Entry:
    file = f"efficientnet_lite{number}.pth"
    return _imagenet(f"EfficientNet-Lite{number}", "efficientnet_lite", "timm", file)


def _metric(
    title: str, loader: str, lower_better: bool | None, value_range: str | None, *files: str
) -> Entry:
    return Entry(
        title,
        loader,
        TORCH if loader == TOTAL_VARIATION else _PYIQA,
        files,
        lower_better=lower_better,
        trained_on_labels=False,
        value_range=value_range,
    )


CLASSIFIERS: dict[str, Entry] = {
    "package:efficientnet_lite0": _lite(0),
    "package:efficientnet_lite1": _lite(1),
    "package:efficientnet_lite2": _lite(2),
    "package:squeezenet1_1": _imagenet(
        "SqueezeNet 1.1", "squeezenet", "torchvision", "squeezenet1_1.pkl"
    ),
}
ZERO_SHOT: dict[str, Entry] = {
    "assembled:lite0-minilm": Entry(
        "Lite0 + MiniLM (assembled)",
        "dual_encoders:lite0_minilm",
        (*TORCH, "torchvision", "timm", "open_clip_torch", "transformers", "tokenizers"),
        files=("efficientnet_lite0.pth", "all_minilm_l6_v2.zip"),
        lower_better=False,
        trained_on_labels=True,
        weights_group="efficientnet_lite0",
    ),
}
METRICS: dict[str, Entry] = {
    "brisque": _metric("BRISQUE", "pyiqa_metrics:brisque", True, "~0 to ~150", "brisque_svm.txt"),
    "niqe": _metric("NIQE", "pyiqa_metrics:niqe", True, "~0 to ~100", "niqe_pristine.npz"),
    "piqe": _metric("PIQE", PYIQA_METRIC, True, "0 to 100"),
    "tv_l1_mean": _metric("TV (mean |dx| + mean |dy|)", TOTAL_VARIATION, None, "0 to 2"),
    "tv_l1_sum": _metric("TV (sum |dx|+|dy|)", TOTAL_VARIATION, None, "0 or more"),
    "tv_l2": _metric("TV (root of the summed squares)", TOTAL_VARIATION, None, "0 or more"),
}
FULL_REFERENCE_METRICS: dict[str, Entry] = {
    "psnr": _metric("PSNR", FULL_REFERENCE_METRIC, False, "~0 to ~80 dB"),
    "ssim": _metric("SSIM", FULL_REFERENCE_METRIC, False, "~0 to 1"),
    "ms_ssim": _metric("MS-SSIM", FULL_REFERENCE_METRIC, False, "~0 to 1"),
    "gmsd": _metric("GMSD", FULL_REFERENCE_METRIC, True, "0 to ~1"),
    "vif": _metric("VIF", FULL_REFERENCE_METRIC, False, "0 to ~1"),
    "fsim": _metric("FSIM", FULL_REFERENCE_METRIC, False, "0 to 1"),
}
PIQ: dict[str, tuple[bool | None, str]] = {
    "clip_iqa": (False, "0 to 1"),
    "brisque": (True, "~0 to ~150"),
    "total_variation": (None, "0 or more"),
}
"""piq's metrics: whether lower is better, and the range."""
PYIQA = "pyiqa:"


def entry_of(spec: Scorer) -> Entry:
    """The registry's entry for a configured scorer. Raises UserError with the nearest names."""
    if spec.kind == Kind.METRIC:
        return _metric_entry(spec.metric, METRICS, PYIQA_METRIC, "NR")
    if spec.kind == Kind.FULL_REFERENCE:
        return _metric_entry(spec.metric, FULL_REFERENCE_METRICS, FULL_REFERENCE_METRIC, "FR")
    if spec.kind == Kind.ZERO_SHOT:
        given = {spec.templates, spec.class_names}
        texts = tuple(sorted(user_file(file) for file in given if isinstance(file, Path)))
        if spec.model.startswith(OPEN_CLIP):
            entry = open_clip_entry(spec.model)
            return replace(entry, user_files=entry.user_files + texts)
        if spec.model in ZERO_SHOT:
            return replace(ZERO_SHOT[spec.model], user_files=texts)
    if spec.kind == Kind.CLASSIFIER:
        if spec.model.startswith(TORCHVISION):
            return torchvision_entry(spec.model)
        if spec.model.startswith(TIMM):
            return timm_entry(spec.model)
    known = CLASSIFIERS if spec.kind == Kind.CLASSIFIER else ZERO_SHOT
    if spec.model not in known:
        raise UserError(f"unknown {spec.kind} model {spec.model!r}; {nearest(spec.model, known)}")
    return known[spec.model]


def _metric_entry(name: str, own: Mapping[str, Entry], loader: str, mode: str) -> Entry:
    if name in own:
        return own[name]
    table = pyiqa_metrics(mode)
    if name.removeprefix(PYIQA) in table and name.startswith(PYIQA):
        short = name.removeprefix(PYIQA)
        return replace(_metric(short, loader, *table[short]), fetched=True)
    if mode == "NR" and name in (f"piq:{metric}" for metric in PIQ):
        short = name.removeprefix("piq:")
        entry = _metric(f"{short} (piq)", "piq_metrics:piq_metric", *PIQ[short])
        return replace(entry, libraries=(*TORCH, "piq"), fetched=True)
    known = [*own, *(PYIQA + metric for metric in table), *(f"piq:{metric}" for metric in PIQ)]
    raise UserError(f"unknown metric {name!r}; {nearest(name, known)}")


def pyiqa_metrics(mode: str) -> dict[str, tuple[bool, str | None]]:
    """pyiqa's metrics of a mode (NR, FR): whether lower is better, and the range it states.

    Read without importing it, which takes seconds.
    """
    spec = importlib.util.find_spec("pyiqa")
    if spec is None or spec.origin is None:
        return {}
    text = (Path(spec.origin).parent / "default_model_configs.py").read_text(encoding="utf-8")
    # Eight spaces: entries of its one dict, and nothing that is nested in them.
    entries = re.findall(r"^        '([\w.+-]+)': \{\n(.*?)^        \},", text, re.M | re.S)
    return {
        name: ("'lower_better': True" in body, _stated_range(body))
        for name, body in entries
        if f"'{mode}'" in body
    }


def _stated_range(body: str) -> str | None:
    """``'score_range': '0, ~1'`` -> ``0 to ~1``; a ``~`` alone is pyiqa's word for no bound."""
    found = re.search(r"'score_range': '([^',]+), ([^',]+)'", body)
    if found is None:
        return None
    least, greatest = found.groups()
    if greatest == "~":
        return f"{least} or more"
    return f"at most {greatest}" if least == "~" else f"{least} to {greatest}"


def modules_of(spec: Scorer) -> tuple[str, ...]:
    """The modules whose code makes a scorer's numbers, for ``fingerprint.code_fingerprint``."""
    # decode alone, so that another constant of core.jpeg makes no score stale.
    return ("core.jpeg:decode", f"scorers.{entry_of(spec).loader.partition(':')[0]}")


def scorer_table(scorers: Mapping[str, Scorer]) -> pl.DataFrame:
    """What the analyses must know of each scorer, as ``scorers.csv`` of the file contract."""
    rows = []
    for name, spec in scorers.items():
        entry = entry_of(spec)
        facts = (entry.lower_better, entry.trained_on_labels, entry.weights_group)
        rows.append((name, spec.kind, *facts, False, entry.title, entry.value_range))
    return pl.DataFrame(rows, schema=SCORERS, orient="row")
