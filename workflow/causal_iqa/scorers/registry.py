"""Every scorer by the one string that the configuration names it with. Imports no torch.

An entry says what a table must know about a scorer (does it need labels, whose weights does it
share, which way is better) and what must be on disk before it can run. The code that runs it
stands in ``classifiers``, ``zero_shot`` and ``metrics``.
"""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path

from causal_iqa.config import Scorer
from causal_iqa.errors import UserError, nearest


@dataclass(frozen=True)
class Entry:
    """What is known of a scorer without running it.

    files: packaged files that it reads. outputs: number of classes (None: any, or no classifier).
    weights_group: scorers of one group share weights, so a pair of them is circular.
    """

    title: str
    files: tuple[str, ...] = ()
    outputs: int | None = None
    lower_better: bool | None = None
    trained_on_labels: bool | None = None
    weights_group: str | None = None


def _imagenet(title: str, file: str) -> Entry:
    return Entry(
        title,
        files=(file,),
        outputs=1000,
        lower_better=False,
        trained_on_labels=True,
        weights_group=Path(file).stem,
    )


CLASSIFIERS: dict[str, Entry] = {
    "package:efficientnet_lite0": _imagenet("EfficientNet-Lite0", "efficientnet_lite0.pth"),
    "package:efficientnet_lite1": _imagenet("EfficientNet-Lite1", "efficientnet_lite1.pth"),
    "package:efficientnet_lite2": _imagenet("EfficientNet-Lite2", "efficientnet_lite2.pth"),
    "package:squeezenet1_1": _imagenet("SqueezeNet 1.1", "squeezenet1_1.pkl"),
}
ZERO_SHOT: dict[str, Entry] = {
    "assembled:lite0-minilm": Entry(
        "Assembled dual encoder (Lite0 + MiniLM)",
        files=("efficientnet_lite0.pth", "all_minilm_l6_v2.zip"),
        lower_better=False,
        trained_on_labels=True,
        weights_group="efficientnet_lite0",
    ),
}
METRICS: dict[str, Entry] = {
    "brisque": Entry(
        "BRISQUE", files=("brisque_svm.txt",), lower_better=True, trained_on_labels=False
    ),
    "niqe": Entry(
        "NIQE", files=("niqe_pristine.npz",), lower_better=True, trained_on_labels=False
    ),
    "piqe": Entry("PIQE", lower_better=True, trained_on_labels=False),
    "tv_l1_mean": Entry("TV (mean |dx|+|dy|)", lower_better=None, trained_on_labels=False),
    "tv_l1_sum": Entry("TV (sum |dx|+|dy|)", lower_better=None, trained_on_labels=False),
    "tv_l2": Entry("TV (root of the summed squares)", lower_better=None, trained_on_labels=False),
}
PYIQA = "pyiqa:"


def entry_of(spec: Scorer) -> Entry:
    """The registry's entry for a configured scorer. Raises UserError with the nearest names."""
    if spec.kind == "metric":
        return _metric_entry(spec.metric)
    known = CLASSIFIERS if spec.kind == "classifier" else ZERO_SHOT
    if spec.model not in known:
        raise UserError(f"unknown {spec.kind} model {spec.model!r}; {nearest(spec.model, known)}")
    return known[spec.model]


def _metric_entry(name: str) -> Entry:
    if name in METRICS:
        return METRICS[name]
    table = pyiqa_metrics()
    if name.removeprefix(PYIQA) in table and name.startswith(PYIQA):
        return Entry(
            name.removeprefix(PYIQA),
            lower_better=table[name.removeprefix(PYIQA)],
            trained_on_labels=False,
        )
    known = [*METRICS, *(PYIQA + metric for metric in table)]
    raise UserError(f"unknown metric {name!r}; {nearest(name, known)}")


def pyiqa_metrics() -> dict[str, bool]:
    """pyiqa's no-reference metrics and whether lower is better, read without importing it."""
    spec = importlib.util.find_spec("pyiqa")
    if spec is None or spec.origin is None:
        return {}
    text = (Path(spec.origin).parent / "default_model_configs.py").read_text(encoding="utf-8")
    entries = re.findall(r"^        '([\w.+-]+)': \{\n(.*?)^        \},", text, re.M | re.S)
    return {
        name: "'lower_better': True" in body for name, body in entries if "'NR'" in body
    }
