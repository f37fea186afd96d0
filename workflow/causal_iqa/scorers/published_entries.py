"""Networks by the names that torchvision, timm and open_clip gave them, published weights or not.

Names are checked without importing the libraries, where those allow it.
"""

from __future__ import annotations

import importlib.util
import json
import zipfile
from dataclasses import replace
from pathlib import Path

from causal_iqa.core.errors import UserError, nearest
from causal_iqa.scorers.entries import TORCH, Entry
from causal_iqa.scorers.torchvision_catalogue import catalogue

OPEN_CLIP = "open_clip:"
OPEN_CLIP_LOADER = "dual_encoders:from_open_clip"
TORCHVISION = "torchvision:"
TIMM = "timm:"


def user_file(path: Path) -> Path:
    """A file of the user's. Raises UserError where there is none."""
    if not path.is_file():
        raise UserError(f"there is no file {path}")
    return path


def torchvision_entry(name: str) -> Entry:
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
        (*TORCH, "torchvision"),
        lower_better=False,
        trained_on_labels=True,
    )
    if file:
        return _with_checkpoint(entry, builder, Path(file))
    # By its file, since DEFAULT and the member that it stands for are the same weights.
    return replace(
        entry,
        outputs=1000,
        fetched=True,
        weights_size=published.size,
        weights_group=published.file,
    )


def timm_entry(name: str) -> Entry:
    """``timm:NAME`` with its pretrained weights, or ``timm:NAME@FILE``.

    Names are checked once timm is imported, when the weights are fetched.
    """
    given, _, file = name.removeprefix(TIMM).partition("@")
    entry = Entry(
        given,
        "networks:from_timm",
        (*TORCH, "timm", "torchvision"),
        lower_better=False,
        trained_on_labels=True,
    )
    if file:
        return _with_checkpoint(entry, given, Path(file))
    return replace(entry, fetched=True, weights_group=name)


def _with_checkpoint(entry: Entry, network: str, file: Path) -> Entry:
    """A network's entry with weights of the user's own."""
    title = f"{network} ({file.name})"
    return replace(entry, title=title, user_files=(user_file(file),), weights_group=str(file))


def open_clip_entry(name: str) -> Entry:
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
    openai = tag == "openai" or (bool(path) and _is_openai(user_file(Path(path))))
    if openai and not quick:
        wanted = f"{model}-quickgelu" + (f"/{tag}" if tag else f"@{path}")
        raise UserError(
            f"{name}: OpenAI's weights need QuickGELU, which {model} does not have. "
            f"Use {OPEN_CLIP}{wanted}"
        )
    return Entry(
        f"{model}{f' {tag}' if tag else ''} (zero-shot)",
        OPEN_CLIP_LOADER,
        (*TORCH, "torchvision", "timm", "open_clip_torch"),
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
