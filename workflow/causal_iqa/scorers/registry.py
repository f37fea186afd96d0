"""Every scorer by the one string that the configuration names it with. Imports no torch.

An entry says what a table must know about a scorer (does it need labels, whose weights does it
share, which way is better), what must be on disk before it can run, and which function loads it.
The loaders are named, not imported: they stand in ``classifiers``, ``dual_encoders``, ``metrics``
and ``pyiqa_metrics``, and what they import is all that a scorer's code fingerprint covers. A new
entry here makes no score stale.
"""

from __future__ import annotations

import importlib.util
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from causal_iqa.config import Scorer
from causal_iqa.errors import UserError, nearest
from causal_iqa.schemas import SCORERS
from causal_iqa.scorers.torchvision_catalogue import catalogue

_TORCH = ("torch", "numpy", "pillow")
_PYIQA = (*_TORCH, "pyiqa", "scipy")
TOTAL_VARIATION = "metrics:total_variation"
PYIQA_METRIC = "pyiqa_metrics:pyiqa_metric"
FULL_REFERENCE_METRIC = "full_reference:full_reference"


@dataclass(frozen=True)
class Entry:
    """What is known of a scorer without running it.

    loader: ``module:function`` below this package, (options, Setting) -> LoadedScorer.
    libraries: distributions whose version can change a score. files: packaged files that it
    reads. user_files: files of the user's that it reads. fetched: whether it reads published
    weights from the weights folder. outputs: number of classes (None: any, or no classifier).
    weights_group: scorers of one group share weights, so a pair of them is circular.
    """

    title: str
    loader: str
    libraries: tuple[str, ...] = _TORCH
    files: tuple[str, ...] = ()
    user_files: tuple[Path, ...] = ()
    fetched: bool = False
    outputs: int | None = None
    lower_better: bool | None = None
    trained_on_labels: bool | None = None
    weights_group: str | None = None


def _imagenet(title: str, loader: str, library: str, file: str) -> Entry:
    return Entry(
        title,
        f"classifiers:{loader}",
        (*_TORCH, library),
        files=(file,),
        outputs=1000,
        lower_better=False,
        trained_on_labels=True,
        weights_group=Path(file).stem,
    )


def _lite(number: int) -> Entry:
    file = f"efficientnet_lite{number}.pth"
    return _imagenet(f"EfficientNet-Lite{number}", "efficientnet_lite", "timm", file)


def _metric(title: str, loader: str, lower_better: bool | None, *files: str) -> Entry:
    return Entry(
        title,
        loader,
        _TORCH if loader == TOTAL_VARIATION else _PYIQA,
        files,
        lower_better=lower_better,
        trained_on_labels=False,
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
        (*_TORCH, "torchvision", "timm", "open_clip_torch", "transformers", "tokenizers"),
        files=("efficientnet_lite0.pth", "all_minilm_l6_v2.zip"),
        lower_better=False,
        trained_on_labels=True,
        weights_group="efficientnet_lite0",
    ),
}
METRICS: dict[str, Entry] = {
    "brisque": _metric("BRISQUE", "pyiqa_metrics:brisque", True, "brisque_svm.txt"),
    "niqe": _metric("NIQE", "pyiqa_metrics:niqe", True, "niqe_pristine.npz"),
    "piqe": _metric("PIQE", PYIQA_METRIC, True),
    "tv_l1_mean": _metric("TV (mean |dx| + mean |dy|)", TOTAL_VARIATION, None),
    "tv_l1_sum": _metric("TV (sum |dx|+|dy|)", TOTAL_VARIATION, None),
    "tv_l2": _metric("TV (root of the summed squares)", TOTAL_VARIATION, None),
}
FULL_REFERENCE_METRICS: dict[str, Entry] = {
    "psnr": _metric("PSNR", FULL_REFERENCE_METRIC, False),
    "ssim": _metric("SSIM", FULL_REFERENCE_METRIC, False),
    "ms_ssim": _metric("MS-SSIM", FULL_REFERENCE_METRIC, False),
    "gmsd": _metric("GMSD", FULL_REFERENCE_METRIC, True),
    "vif": _metric("VIF", FULL_REFERENCE_METRIC, False),
    "fsim": _metric("FSIM", FULL_REFERENCE_METRIC, False),
}
PIQ = {"clip_iqa": False, "brisque": True, "total_variation": None}
"""piq's metrics, and whether lower is better."""
PYIQA = "pyiqa:"
OPEN_CLIP = "open_clip:"
TORCHVISION = "torchvision:"
TIMM = "timm:"
OPEN_CLIP_LOADER = "dual_encoders:from_open_clip"


def entry_of(spec: Scorer) -> Entry:
    """The registry's entry for a configured scorer. Raises UserError with the nearest names."""
    if spec.kind == "metric":
        return _metric_entry(spec.metric, METRICS, PYIQA_METRIC, "NR")
    if spec.kind == "fr_metric":
        return _metric_entry(spec.metric, FULL_REFERENCE_METRICS, FULL_REFERENCE_METRIC, "FR")
    if spec.kind == "zero_shot":
        given = {spec.templates, spec.class_names}
        texts = tuple(sorted(_user_file(file) for file in given if isinstance(file, Path)))
        if spec.model.startswith(OPEN_CLIP):
            entry = _open_clip_entry(spec.model)
            return replace(entry, user_files=entry.user_files + texts)
        if spec.model in ZERO_SHOT:
            return replace(ZERO_SHOT[spec.model], user_files=texts)
    if spec.kind == "classifier":
        if spec.model.startswith(TORCHVISION):
            return _torchvision_entry(spec.model)
        if spec.model.startswith(TIMM):
            return _timm_entry(spec.model)
    known = CLASSIFIERS if spec.kind == "classifier" else ZERO_SHOT
    if spec.model not in known:
        raise UserError(f"unknown {spec.kind} model {spec.model!r}; {nearest(spec.model, known)}")
    return known[spec.model]


def _metric_entry(name: str, own: Mapping[str, Entry], loader: str, mode: str) -> Entry:
    if name in own:
        return own[name]
    table = pyiqa_metrics(mode)
    if name.removeprefix(PYIQA) in table and name.startswith(PYIQA):
        short = name.removeprefix(PYIQA)
        return replace(_metric(short, loader, table[short]), fetched=True)
    if mode == "NR" and name in (f"piq:{metric}" for metric in PIQ):
        title, lower_better = f"{name.removeprefix('piq:')} (piq)", PIQ[name.removeprefix("piq:")]
        entry = _metric(title, "piq_metrics:piq_metric", lower_better)
        return replace(entry, libraries=(*_TORCH, "piq"), fetched=True)
    known = [*own, *(PYIQA + metric for metric in table), *(f"piq:{metric}" for metric in PIQ)]
    raise UserError(f"unknown metric {name!r}; {nearest(name, known)}")


def pyiqa_metrics(mode: str) -> dict[str, bool]:
    """pyiqa's metrics of a mode (NR, FR) and whether lower is better, read without importing it."""
    spec = importlib.util.find_spec("pyiqa")
    if spec is None or spec.origin is None:
        return {}
    text = (Path(spec.origin).parent / "default_model_configs.py").read_text(encoding="utf-8")
    entries = re.findall(r"^        '([\w.+-]+)': \{\n(.*?)^        \},", text, re.M | re.S)
    return {name: "'lower_better': True" in body for name, body in entries if f"'{mode}'" in body}


def _user_file(path: Path) -> Path:
    if not path.is_file():
        raise UserError(f"there is no file {path}")
    return path


def _torchvision_entry(name: str) -> Entry:
    """``torchvision:BUILDER``, ``torchvision:BUILDER/WEIGHTS`` or ``torchvision:BUILDER@FILE``."""
    given, _, file = name.removeprefix(TORCHVISION).partition("@")
    builder, _, member = given.partition("/")
    known = catalogue()
    if builder not in known:
        raise UserError(f"torchvision has no network {builder!r}; {nearest(builder, known)}")
    if member and member not in known[builder]:
        raise UserError(
            f"{builder} has no weights {member!r}; {nearest(member, known[builder])}. Give "
            f"{TORCHVISION}{builder}/WEIGHTS"
        )
    published = known[builder][member or "DEFAULT"]
    entry = Entry(
        f"{builder} ({published.member})",
        "networks:from_torchvision",
        (*_TORCH, "torchvision"),
        lower_better=False,
        trained_on_labels=True,
    )
    if file:
        own = _user_file(Path(file))
        return replace(
            entry, title=f"{builder} ({own.name})", user_files=(own,), weights_group=str(own)
        )
    return replace(entry, outputs=1000, fetched=True, weights_group=published.file)


def _timm_entry(name: str) -> Entry:
    """``timm:NAME`` with its pretrained weights, or ``timm:NAME@FILE``.

    Names are checked once timm is imported, when the weights are fetched.
    """
    given, _, file = name.removeprefix(TIMM).partition("@")
    entry = Entry(
        given,
        "networks:from_timm",
        (*_TORCH, "timm", "torchvision"),
        lower_better=False,
        trained_on_labels=True,
    )
    if file:
        own = _user_file(Path(file))
        return replace(
            entry, title=f"{given} ({own.name})", user_files=(own,), weights_group=str(own)
        )
    return replace(entry, fetched=True, weights_group=name)


def _open_clip_entry(name: str) -> Entry:
    """``open_clip:MODEL/TAG`` with published weights, or ``open_clip:MODEL@FILE``.

    OpenAI's weights were trained with QuickGELU, which open_clip's plain model names do not have:
    loaded into one of those they give wrong scores without a word, so that pair is refused.
    """
    given, _, path = name.removeprefix(OPEN_CLIP).partition("@")
    model, _, tag = given.partition("/")
    configs = _open_clip_configs()
    if model not in configs:
        raise UserError(f"unknown open_clip model {model!r}; {nearest(model, configs)}")
    if bool(tag) == bool(path):
        raise UserError(
            f"{name}: give open_clip:MODEL/TAG, a tag of open_clip.list_pretrained(), or "
            "open_clip:MODEL@FILE, with the weights in a file"
        )
    quick = json.loads(configs[model].read_text(encoding="utf-8")).get("quick_gelu", False)
    openai = tag == "openai" or (bool(path) and _is_openai(_user_file(Path(path))))
    if openai and not quick:
        wanted = f"{model}-quickgelu" + (f"/{tag}" if tag else f"@{path}")
        raise UserError(
            f"{name}: OpenAI's weights need QuickGELU, which {model} does not have. "
            f"Use {OPEN_CLIP}{wanted}"
        )
    return Entry(
        f"{model}{f' {tag}' if tag else ''} (zero-shot)",
        OPEN_CLIP_LOADER,
        (*_TORCH, "torchvision", "timm", "open_clip_torch"),
        user_files=(Path(path),) if path else (),
        fetched=bool(tag),
        lower_better=False,
        trained_on_labels=False,
        weights_group=f"{model}/{tag}" if tag else str(Path(path)),
    )


def _open_clip_configs() -> dict[str, Path]:
    spec = importlib.util.find_spec("open_clip")
    if spec is None or spec.origin is None:
        return {}
    folder = Path(spec.origin).parent / "model_configs"
    return {path.stem: path for path in sorted(folder.glob("*.json"))}


def _is_openai(path: Path) -> bool:
    """Known by ``openai`` in the path, or by being a TorchScript archive, as only OpenAI's are."""
    if "openai" in str(path.resolve()).lower():
        return True
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any("/code/" in member for member in archive.namelist())


def modules_of(spec: Scorer) -> tuple[str, ...]:
    """The modules whose code makes a scorer's numbers, for ``fingerprint.code_fingerprint``."""
    return ("jpeg", f"scorers.{entry_of(spec).loader.partition(':')[0]}")


def scorer_table(scorers: Mapping[str, Scorer]) -> pl.DataFrame:
    """What the analyses must know of each scorer, as ``scorers.csv`` of the file contract."""
    rows = []
    for name, spec in scorers.items():
        entry = entry_of(spec)
        facts = (entry.lower_better, entry.trained_on_labels, entry.weights_group)
        rows.append((name, spec.kind, *facts, False, entry.title))
    return pl.DataFrame(rows, schema=SCORERS, orient="row")
