# What the rules of every stage share.

import atexit
import os
import re
import sys
from itertools import product

from snakemake.jobs import Job

from amounts import Amounts
from calls import command, file, threads_of, unwatched, wildcard
from failed_jobs import keep_what_is_finished, show_failed
from progress import show_pages, show_progress
from causal_iqa.analyses.registry import Scope, analyses, shown_tables, words_from
from causal_iqa.audit.card.card_page import TEMPLATES as CARD_TEMPLATES
from causal_iqa.audit.pictures.inventory import listing_stamp
from causal_iqa.core.archives import stamp
from causal_iqa.core.conditions import CLEAN, Condition
from causal_iqa.core.device import resolve_device
from causal_iqa.core.kinds import ALL_TABLE_KINDS, TABLE_KINDS, Kind
from causal_iqa.core.packaged import FILES, FROST
from causal_iqa.core.provenance.damage import RECORD
from causal_iqa.core.provenance.fingerprint import code_fingerprint
from causal_iqa.data import panel
from causal_iqa.data.imported import import_fingerprint
from causal_iqa.pictures import imagenette
from causal_iqa.report.html_pages import files_of
from causal_iqa.scorers.needs import Needs

Job.postprocess = keep_what_is_finished

CONDITIONS = [str(condition) for condition in CONFIG.grid()]
PICTURES_SECTION = CONFIG.pictures.model_dump(mode="json")
TASK_MODELS = [name for name, kind in KINDS.items() if kind == Kind.CLASSIFIER]
# Full-reference metrics are scored and analysed for the target paper only.
REFERENCE_SCORERS = [n for n, kind in KINDS.items() if kind == Kind.FULL_REFERENCE]
SOURCES = [name for name in KINDS if name not in REFERENCE_SCORERS]

# Networks run on a GPU where there is one, in an environment of its own.
ON_GPU = resolve_device(CONFIG.scoring.device) == "cuda"
CPU_ENV = "../../envs/cpu.yaml"
NETWORKS_ENV = "../../envs/gpu.yaml" if ON_GPU else CPU_ENV

NEEDS = Needs(CONFIG, Path(RESULTS))
AMOUNTS = Amounts(PICTURES, ON_GPU, NEEDS)

# Where a scoring job writes: the files of all pictures, or those of a shard of them.
TOTAL = CONFIG.scoring.shards
SHARDED = TOTAL > 1
SHARDS = [f"{number}of{TOTAL}" for number in range(1, TOTAL + 1)]
SCORED = "shards/{scorer}/{shard}" if SHARDED else "scores/{scorer}"
KEPT = "shards_softmax/{scorer}/{shard}" if SHARDED else "softmax/{scorer}"

# Suffix of the scoring rules' names, whose scorers they are, whether the softmax is kept.
NETWORKS = TASK_MODELS if WHOLE_SOFTMAX else []
OTHERS = [name for name in KINDS if name not in NETWORKS]
SCORER_PARTS = [("_networks", NETWORKS, True), ("", OTHERS, False)]
SCORER_PARTS = [part for part in SCORER_PARTS if part[1]]


wildcard_constraints:
    scorer="|".join(map(re.escape, KINDS)),
    task_model="|".join(map(re.escape, TASK_MODELS)),
    table="|".join([*ALL_TABLE_KINDS, "accuracy", *shown_tables()]),
    file="|".join(map(re.escape, FILES)),
    shard="|".join(SHARDS),
    set=r"[^/]+",


def job(name, /, **options):
    """Params of a rule that runs a command on this experiment."""
    return command(name, results=lambda wildcards: RESULTS, **options)


def packages_root(wildcards):
    """The folder of the files that are fetched out of packages."""
    return PACKAGES


def spec(wildcards):
    """What a scorer is, as in the configuration."""
    return CONFIG.scorers[wildcards.scorer].model_dump(mode="json")


def scoring(wildcards, threads):
    """The section ``scoring``, as a job runs; what changes a score is watched beside it."""
    return {**CONFIG.scoring.model_dump(mode="json"), "threads": threads}


def scoring_watched(*keys):
    """Values of the section ``scoring`` that make an output stale where they change."""
    return [getattr(CONFIG.scoring, key) for key in keys]


def code_of_scorer(*modules):
    """A fingerprint of what computes the scores of a rule's scorer, and of those modules."""
    own = NEEDS.modules
    return lambda wildcards: code_fingerprint(*modules, *own(wildcards.scorer))


def below_results(paths):
    """Paths as the package has them, below the experiment's folder."""
    return [f"<results>/{path}" for path in paths]


def parquets(folder, conditions):
    """A file for each condition in a folder below the results."""
    return below_results(f"{folder}/{condition}.parquet" for condition in conditions)


def named(conditions):
    """Conditions as a command takes them; what a job's outputs say of them is watched already."""
    return [str(condition) for condition in conditions]


def damage_records(*folders):
    """Where jobs noted that files below the results are not what they should be."""
    paths = [Path(RESULTS) / folder / RECORD for folder in folders]
    return [str(path) for path in paths if path.is_file()]


def packaged_files(scorer):
    """Files out of packages that a scorer reads."""
    return expand("<packages>/{file}", file=NEEDS.packaged(scorer))


# What a job reads of its scorer, and how it runs it.
SCORER_FILES = dict(
    packages=lambda wildcards: packaged_files(wildcards.scorer),
    own=lambda wildcards: NEEDS.own(wildcards.scorer),
    record=lambda wildcards: below_results(NEEDS.record(wildcards.scorer)),
    texts=lambda wildcards: below_results(NEEDS.texts(wildcards.scorer)),
)
SCORER_OPTIONS = dict(
    spec=spec,
    packages=packages_root,
    weights=CONFIG.weights.folder,
    scoring=scoring,
    record=file("record"),
    texts=file("texts"),
)
LOOK = dict(style=CONFIG.figures.style, dpi=CONFIG.figures.dpi)
SCOPE = Scope(CONFIG, KINDS, WHOLE_SOFTMAX)
AUDITED = CONFIG.audit.sets() if CONFIG.audit else {}
SCORES = [parquets(f"scores/{name}", CONDITIONS) for name in SOURCES]
SOFTMAX = [parquets(f"softmax/{name}", CONDITIONS) for name in WHOLE_SOFTMAX]


def audit_cards(wildcards):
    """The page of every set of the user's own."""
    if not AUDITED:
        sys.exit(
            "error: audit: the configuration says of no pictures to audit. Name a folder, a CSV file, a "
            "tar or shards: --config audit=PATH, or  audit: PATH  in the configuration file."
        )
    return expand("<results>/audit/{set}/card.html", set=AUDITED)


def against(wildcards):
    """The set that a set is compared with: the first with the second, the second with none."""
    return list(AUDITED)[1:] if wildcards.set == next(iter(AUDITED), None) else []


# Imported scores are of scorers that run nowhere but in an audit.
WEIGHTS = []
if AUDITED or not CONFIG.scores.import_:
    RUN = SOURCES if CONFIG.scores.import_ else CONFIG.scorers
    WEIGHTS += [file for scorer in RUN for file in below_results(NEEDS.record(scorer))]
if not CONFIG.scores.import_:
    WEIGHTS += imagenette.tar_of(CONFIG.pictures)


def templates(page, *folder):
    """The files that a page is made of, from the working folder."""
    return [os.path.relpath(path) for path in files_of(page, *folder)]
