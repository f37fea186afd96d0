"""What an experiment will take, before it starts: counted from the configuration, timed by a probe.

The probe corrupts one picture under every condition that is to be made, and has every scorer score
up to three batches of noise, of which the fastest counts; both on this machine, with the configured
threads, device and batch size. Decoding comes on top: about half a millisecond of a core a picture.
What is not here yet is counted as it was published, and its download is said.
"""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from causal_iqa.core.conditions import Condition
from causal_iqa.core.config import Config
from causal_iqa.core.device import resolve_device
from causal_iqa.core.errors import UserError
from causal_iqa.core.kinds import Kind
from causal_iqa.core.quantities import duration, size
from causal_iqa.core.scorer_config import Classifier, Scorer
from causal_iqa.pictures.classes import read_classes
from causal_iqa.pictures.imagenet_c import published_in
from causal_iqa.pictures.published_sizes import (
    FETCHED,
    Download,
    known_count,
    missing_archives,
    missing_pictures,
)
from causal_iqa.pictures.sources import list_pictures
from causal_iqa.scorers.fetching import WeightsMissing, random_weights, use_folder
from causal_iqa.scorers.published_entries import TORCHVISION
from causal_iqa.scorers.registry import entry_of

if TYPE_CHECKING:
    from causal_iqa.scorers.engine import LoadedScorer

# The side of every condition's pictures (matched.CROP).
SIDE = 224
BATCHES = 3
BATCH, CPU_BATCH = 16, 4
"""Pictures at once in the probe where the configuration leaves it to the machine; on a CPU at most,
where more are no faster."""
ENOUGH = 5.0
"""Seconds of a scorer's batches after which no further one is taken."""
DEVICES = {"cpu": "CPUs", "cuda": "a GPU"}
BYTES_PER_SCORE_ROW = 14
"""Of a score file, zstd: measured on 41.8 million rows of six classifiers, metrics and a dual
encoder (``benchmarks/full_scale.py``)."""


class Making(NamedTuple):
    """Seconds of one core and bytes that a picture takes under a condition."""

    seconds: float
    size: float


class Rate(NamedTuple):
    """What scoring a picture takes; seconds None: not timed. note: why, or what is particular.

    missing: whether its weights are still to be downloaded.
    """

    seconds: float | None
    note: str = ""
    missing: bool = False


def say(config: Config, packages: Path) -> None:
    """Print the plan of an experiment, line by line as it becomes known."""
    use_folder(config.weights.folder)
    for line in describe(config, packages):
        print(line, flush=True)


def describe(config: Config, packages: Path) -> Iterator[str]:
    """The plan's lines, as they become known: the probe comes last."""
    grid = config.grid()
    archives = published_in(config.conditions, planned=True)
    published = {condition for members in archives.values() for condition in members}
    made = [condition for condition in grid if condition not in published]
    jobs = len(config.scoring_jobs())
    pictures, shown = _count_pictures(config)
    yield f"pictures            {shown}"
    yield f"conditions          {len(grid)}: {len(grid) - len(made)} read, {len(made)} made"
    for kind in (Kind.CLASSIFIER, Kind.ZERO_SHOT, Kind.METRIC, Kind.FULL_REFERENCE):
        names = config.of_kind(kind)
        if names:
            yield f"{kind:<19} {len(names)}: {', '.join(names)}"
    yield f"score files         {len(grid) * len(config.scorers):,}"
    yield (
        f"jobs                {len({c.corruption for c in made})} that make conditions, "
        f"{len(archives)} that index archives, "
        f"{jobs * len(config.scorers)} that score ({jobs} a scorer)"
    )
    if pictures is not None:
        yield f"pictures scored     {pictures * len(grid) * len(config.scorers):,}"
    downloads = [*missing_pictures(config.pictures), *missing_archives(archives)]
    for one in downloads:
        yield f"to download         {one.name}, {_size(one.size)}: {one.how}"
    yield ""
    yield "probe on this machine"
    made_here = probe_making(made, packages)
    yield _timed("making conditions", made_here.seconds, pictures)
    rates = {}
    for name, spec in config.scorers.items():
        rate = rates[name] = probe_scorer(config, name, spec, packages)
        scored = None if pictures is None else pictures * len(grid)
        yield _timed(name, rate.seconds, scored, rate.note)
        if rate.missing:
            downloads.append(Download(name, entry_of(spec).weights_size, FETCHED))
    yield ""
    if downloads:
        yield f"to download         {_sum_of(downloads)}"
    if pictures is None:
        yield "disk, time          unknown until the pictures are there"
        return
    disk = pictures * (made_here.size + BYTES_PER_SCORE_ROW * len(grid) * len(config.scorers))
    yield f"disk                {size(disk)} beside what is downloaded"
    timed = [rate.seconds for rate in rates.values() if rate.seconds is not None]
    lost = ", ".join(name for name, rate in rates.items() if rate.seconds is None)
    yield (
        f"scoring             {duration(pictures * len(grid) * sum(timed))}, one job after the "
        f"other, on {DEVICES[resolve_device(config.scoring.device)]}"
        + f"; without {lost}"
        * bool(lost)
    )
    yield f"making conditions   {duration(pictures * made_here.seconds)} of one core"


def _timed(what: str, seconds: float | None, count: int | None, note: str = "") -> str:
    """A line of the probe: what one of so many pictures takes, and all of them."""
    if seconds is None:
        return f"  {what:<20} not timed: {note}"
    # A network takes a second, total variation half a millisecond.
    pace = f"{1e3 * seconds:.2g} ms" if seconds < 0.0995 else f"{1e3 * seconds:.0f} ms"
    pace = pace if seconds < 0.9995 else f"{seconds:.1f} s"
    said = f"  {what:<20} {pace} a picture"
    if count is not None:
        said += f", {duration(count * seconds)} in all"
    return said + f"; {note}" * bool(note)


def _size(count: int | None) -> str:
    return "of unknown size" if count is None else size(count)


def _sum_of(downloads: Sequence[Download]) -> str:
    """``11 GB, and clipiqa, arniqa of unknown size: ...``."""
    known = sum(one.size or 0 for one in downloads)
    unknown = ", ".join(one.name for one in downloads if one.size is None)
    parts = [size(known)] * bool(known) + [f"{unknown} of unknown size"] * bool(unknown)
    return ", and ".join(parts) + ": the target weights fetches weights"


def _count_pictures(config: Config) -> tuple[int | None, str]:
    """So many, or None, and what is said of them."""
    # An archive's MD5 takes long, and nothing is counted by it.
    unverified = config.pictures.model_copy(update={"verify": False})
    try:
        found = len(list_pictures(unverified))
        return found, f"{found:,}"
    except (UserError, OSError) as error:
        known = known_count(config.pictures)
        if known is None:
            return None, f"unknown: {error}"
        return known, f"{known:,} as published; they are not here yet"


def probe_making(conditions: Sequence[Condition], packages: Path) -> Making:
    """Seconds and bytes of one picture under all the conditions together."""
    from causal_iqa.core.jpeg import encode_jpeg
    from causal_iqa.corruptions.generate import frost_pictures_of
    from causal_iqa.corruptions.variants import variants

    picture = encode_jpeg(_noise(1)[0])
    frost = frost_pictures_of(conditions, packages)
    arguments = (picture, "the probe's picture", "probe", conditions, 0, frost)
    variants(*arguments)  # compiles what is compiled at its first call
    start = time.perf_counter()
    jpegs = variants(*arguments)
    return Making(time.perf_counter() - start, float(sum(map(len, jpegs))))


def probe_scorer(config: Config, name: str, spec: Scorer, packages: Path) -> Rate:
    """Seconds a picture of one scorer, decoding left out.

    A network of torchvision's whose weights are not here is timed with random ones.
    """
    from causal_iqa.scorers.engine import load, resolve

    def timed() -> float:
        device, classes = resolve(config.scoring), read_classes(config.pictures.classes)
        # Libraries say that they download, before they are kept from it.
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            loaded = load(spec, classes, packages, device, config.scoring.precision)
        return _fastest(loaded, config, spec)

    try:
        return Rate(timed())
    except WeightsMissing:
        note = f"its weights are to be downloaded, {_size(entry_of(spec).weights_size)}"
        if not (isinstance(spec, Classifier) and spec.model.startswith(TORCHVISION)):
            return Rate(None, note, missing=True)
        with random_weights():
            return Rate(timed(), f"{note}, and were random here", missing=True)
    except UserError as error:
        return Rate(None, str(error))


def _fastest(loaded: LoadedScorer, config: Config, spec: Scorer) -> float:
    """Seconds per picture of the fastest of some batches, which fit into memory as a job's do."""
    import torch

    from causal_iqa.scorers.memory import WithinMemory

    size = BATCH if config.scoring.batch_size == "auto" else config.scoring.batch_size
    pictures = _noise(min(size, CPU_BATCH) if loaded.device == "cpu" else size)
    if spec.kind == Kind.FULL_REFERENCE:
        pictures = np.concatenate([pictures, pictures[::-1]], axis=3)
    labels = np.zeros(len(pictures))
    scorer, taken = WithinMemory(loaded), []
    with torch.inference_mode():
        for _ in range(BATCHES):
            start = time.perf_counter()
            scorer.score(torch.stack([loaded.prepare(picture) for picture in pictures]), labels)
            taken.append(time.perf_counter() - start)
            if sum(taken) > ENOUGH:
                break
    return min(taken) / len(pictures)


def _noise(count: int) -> np.ndarray:
    """RGB uint8 [count, SIDE, SIDE, 3] with structure at several scales."""
    rng = np.random.default_rng(0)
    # 14 squares of 16 pixels are SIDE.
    coarse = rng.integers(0, 256, (count, 14, 14, 3)).repeat(16, axis=1).repeat(16, axis=2)
    fine = rng.integers(-20, 21, (count, SIDE, SIDE, 3))
    noise: np.ndarray = np.clip(coarse + fine, 0, 255).astype(np.uint8)
    return noise
