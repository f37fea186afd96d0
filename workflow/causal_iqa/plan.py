"""What an experiment will take, before it starts: counted from the configuration, timed by a probe.

The probe corrupts one picture under every condition that is to be made, and has every scorer score
three batches of noise, of which the fastest counts; both on this machine, with the configured
threads, device and batch size. Decoding comes on top: about half a millisecond of a core a picture.
"""

from __future__ import annotations

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
from causal_iqa.core.scorer_config import Scorer
from causal_iqa.pictures.classes import read_classes
from causal_iqa.pictures.imagenet_c import published_in
from causal_iqa.pictures.sources import list_pictures
from causal_iqa.scorers.fetching import use_folder

if TYPE_CHECKING:
    from causal_iqa.scorers.engine import LoadedScorer

# The side of every condition's pictures (matched.CROP).
SIDE = 224
BATCHES = 3
BATCH = 16
"""Pictures at once in the probe where the configuration leaves it to the machine."""
BYTES_PER_SCORE_ROW = 14
"""Of a score file, zstd: measured on 41.8 million rows of six classifiers, metrics and a dual
encoder (``benchmarks/full_scale.py``)."""


class Making(NamedTuple):
    """Seconds of one core and bytes that a picture takes under a condition."""

    seconds: float
    size: float


class Rate(NamedTuple):
    """What scoring a picture takes; seconds None: unknown, and why."""

    scorer: str
    seconds: float | None
    why: str = ""


def say(config: Config, packages: Path) -> None:
    """Print the plan of an experiment, line by line as it becomes known."""
    use_folder(config.weights.folder)
    for line in describe(config, packages):
        print(line, flush=True)


def describe(config: Config, packages: Path) -> Iterator[str]:
    """The plan's lines, as they become known: the probe comes last."""
    grid = config.grid()
    published = [c for members in published_in(config.conditions).values() for c in members]
    made = [condition for condition in grid if condition not in published]
    jobs = len(config.scoring_jobs())
    pictures, why = _count_pictures(config)
    shown = f"{pictures:,}" if pictures is not None else f"unknown: {why}"
    yield f"pictures            {shown}"
    yield f"conditions          {len(grid)}: {len(published)} read, {len(made)} made"
    for kind in (Kind.CLASSIFIER, Kind.ZERO_SHOT, Kind.METRIC, Kind.FULL_REFERENCE):
        names = config.of_kind(kind)
        if names:
            yield f"{kind:<19} {len(names)}: {', '.join(names)}"
    yield f"score files         {len(grid) * len(config.scorers):,}"
    yield (
        f"jobs                {len({c.corruption for c in made})} that make conditions, "
        f"{len(published_in(config.conditions))} that index archives, "
        f"{jobs * len(config.scorers)} that score ({jobs} a scorer)"
    )
    if pictures is None:
        return
    yield f"pictures scored     {pictures * len(grid) * len(config.scorers):,}"
    yield ""
    yield "probe on this machine"
    made_here = probe_making(made, packages)
    hours = pictures * made_here.seconds / 3600
    disk = pictures * (made_here.size + BYTES_PER_SCORE_ROW * len(grid) * len(config.scorers))
    milliseconds = f"{1e3 * made_here.seconds:.0f} ms a picture"
    yield f"  {'making conditions':<20} {milliseconds}, {hours:.2f} CPU-hours"
    device = resolve_device(config.scoring.device)
    total = 0.0
    for name, spec in config.scorers.items():
        rate = probe_scorer(config, name, spec, packages)
        if rate.seconds is None:
            yield f"  {name:<20} not timed: {rate.why}"
            continue
        spent = pictures * len(grid) * rate.seconds / 3600
        total += spent
        yield f"  {name:<20} {1e3 * rate.seconds:.2f} ms a picture, {spent:.2f} {device}-hours"
    yield ""
    yield f"disk                {disk / 1e9:.2f} GB"
    yield f"scoring             {total:.2f} {device}-hours with {config.scoring.threads} thread(s)"
    yield f"making conditions   {hours:.2f} CPU-hours"


def _count_pictures(config: Config) -> tuple[int | None, str]:
    # An archive's MD5 takes long, and nothing is counted by it.
    unverified = config.pictures.model_copy(update={"verify": False})
    try:
        return len(list_pictures(unverified)), ""
    except (UserError, OSError) as error:
        return None, str(error)


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
    """Seconds a picture of one scorer, decoding left out; None with the reason where it fails."""
    from causal_iqa.scorers.engine import load, resolve

    try:
        device = resolve(config.scoring)
        loaded = load(
            spec, read_classes(config.pictures.classes), packages, device, config.scoring.precision
        )
        return Rate(name, _fastest(loaded, config, spec))
    except UserError as error:
        return Rate(name, None, str(error))


def _fastest(loaded: LoadedScorer, config: Config, spec: Scorer) -> float:
    """Seconds per picture of the fastest of some batches, which fit into memory as a job's do."""
    import torch

    from causal_iqa.scorers.memory import WithinMemory

    pictures = _noise(BATCH if config.scoring.batch_size == "auto" else config.scoring.batch_size)
    if spec.kind == Kind.FULL_REFERENCE:
        pictures = np.concatenate([pictures, pictures[::-1]], axis=3)
    labels = np.zeros(len(pictures))
    scorer, taken = WithinMemory(loaded), []
    with torch.inference_mode():
        for _ in range(BATCHES):
            start = time.perf_counter()
            scorer.score(torch.stack([loaded.prepare(picture) for picture in pictures]), labels)
            taken.append(time.perf_counter() - start)
    return min(taken) / len(pictures)


def _noise(count: int) -> np.ndarray:
    """RGB uint8 [count, SIDE, SIDE, 3] with structure at several scales."""
    rng = np.random.default_rng(0)
    # 14 squares of 16 pixels are SIDE.
    coarse = rng.integers(0, 256, (count, 14, 14, 3)).repeat(16, axis=1).repeat(16, axis=2)
    fine = rng.integers(-20, 21, (count, SIDE, SIDE, 3))
    noise: np.ndarray = np.clip(coarse + fine, 0, 255).astype(np.uint8)
    return noise
