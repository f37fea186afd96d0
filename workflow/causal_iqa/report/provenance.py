"""Where a report's numbers come from: configuration, library versions, weights."""

from __future__ import annotations

from importlib.metadata import version

from causal_iqa.core.config import Config
from causal_iqa.core.packaged import FILES, FROST
from causal_iqa.report.report_page import Provenance
from causal_iqa.scorers.registry import entry_of

LIBRARIES = (
    *("causal-iqa", "numpy", "scipy", "scikit-learn", "numba", "pillow", "opencv-python-headless"),
    *("polars", "torch", "torchvision", "timm", "open_clip_torch", "pyiqa", "snakemake"),
)


def provenance(config: Config) -> Provenance:
    """What the page says of its sources, for a checked configuration."""
    imported = config.scores.import_ is not None
    # Of imported scores it is not known what made them, whatever the configuration has.
    scorers = {} if imported else config.scorers
    files_of = {name: entry_of(spec).files for name, spec in scorers.items()}
    read = {name for files in files_of.values() for name in files}
    # Frost's photographs come out of a package as weights do.
    if "frost" in config.conditions.corruptions and not imported:
        read |= set(FROST)
    return Provenance(
        config=config.model_dump(mode="json", by_alias=True),
        versions={library: version(library) for library in LIBRARIES},
        weights={name: FILES[name] for name in sorted(read)},
        files_of=files_of,
    )
