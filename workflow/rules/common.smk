# What the rules of every stage share.

import atexit
import json
import re
import sys
from itertools import product
from pathlib import Path

from snakemake.jobs import Job

from calls import file, job, threads_of, unwatched, wildcard
from failed_jobs import keep_what_is_finished, show_failed
from causal_iqa.analyses.registry import Scope, analyses, shown_tables, words_from
from causal_iqa.core.kinds import ALL_TABLE_KINDS, FULL_REFERENCE, TABLE_KINDS
from causal_iqa.core.archives import stamp
from causal_iqa.audit.pictures.inventory import listing_stamp
from causal_iqa.core.provenance.damage import RECORD
from causal_iqa.core.device import resolve_device
from causal_iqa.data import panel
from causal_iqa.data.imported import import_fingerprint
from causal_iqa.core.provenance.fingerprint import code_fingerprint
from causal_iqa.pictures import imagenette
from causal_iqa.core.packaged import FILES, FROST, fetched
from causal_iqa.scorers import registry
from causal_iqa.scorers.freshness import read_record
from causal_iqa.scorers.published_entries import OPEN_CLIP_LOADER

Job.postprocess = keep_what_is_finished

CONDITIONS = [str(condition) for condition in CONFIG.grid()]
TASK_MODELS = [name for name, kind in KINDS.items() if kind == "classifier"]
# Full-reference metrics are scored and analysed for the target paper only.
REFERENCE_SCORERS = [name for name, kind in KINDS.items() if kind == FULL_REFERENCE]
SOURCES = [name for name in KINDS if name not in REFERENCE_SCORERS]
SCORES = expand(
    "<results>/scores/{scorer}/{condition}.parquet",
    scorer=SOURCES,
    condition=CONDITIONS,
)

# Networks run on a GPU where there is one, in an environment of its own.
ON_GPU = resolve_device(CONFIG.scoring.device) == "cuda"
CPU_ENV = "../../envs/cpu.yaml"
NETWORKS_ENV = "../../envs/gpu.yaml" if ON_GPU else CPU_ENV

# Where a scoring job writes: the files of all pictures, or those of a shard of them.
SHARDS = [
    f"{number + 1}of{CONFIG.scoring.shards}" for number in range(CONFIG.scoring.shards)
]
SHARDED = len(SHARDS) > 1
SCORED = "shards/{scorer}/{shard}" if SHARDED else "scores/{scorer}"
KEPT = "shards_softmax/{scorer}/{shard}" if SHARDED else "softmax/{scorer}"

# Suffix of the scoring rules' names, whose scorers they are, whether the softmax is kept.
OTHERS = [name for name in KINDS if name not in TASK_MODELS]
SCORER_PARTS = [("", [*KINDS], False)]
if WHOLE_SOFTMAX:
    SCORER_PARTS = [("_networks", TASK_MODELS, True)]
    SCORER_PARTS += [("", OTHERS, False)] if OTHERS else []
SOFTMAX = expand(
    "<results>/softmax/{scorer}/{condition}.parquet",
    scorer=WHOLE_SOFTMAX,
    condition=CONDITIONS,
)


wildcard_constraints:
    scorer="|".join(map(re.escape, KINDS)),
    task_model="|".join(map(re.escape, TASK_MODELS)),
    table="|".join([*ALL_TABLE_KINDS, "accuracy", *shown_tables()]),
    file="|".join(map(re.escape, FILES)),
    shard="|".join(SHARDS),
    set=r"[^/]+",


def thousands_of_pictures():
    """Of those in archives, which are not counted yet: as many as ImageNet's."""
    return (50_000 if PICTURES is None else PICTURES) / 1000


def grow(amount, a_thousand=0):
    """So much of a resource, and so much a thousand pictures; more with every attempt at a job."""
    total = round(amount + a_thousand * thousands_of_pictures())
    return lambda wildcards, attempt: attempt * total


# Measured with 20 pictures: 90 to 390 MB and at most 9 s but for scoring (see score.smk), which is
# start-up; a page or figure of 50,000 pictures takes no more.
LIGHT = dict(mem_mb=grow(800), runtime=grow(60))
# What reads every score took at most 2.1 GB and 6 min of 50,000 pictures under 76 conditions, and
# 0.6 GB and 6 min to try estimators on 5,000.
EVERY_SCORE = dict(mem_mb=grow(800, 60), runtime=grow(30, 4))


CALL = "{params.call} > {log} 2>&1"
CALL_AND_SAY = "{params.call} 2>&1 | tee {log}"


# What most rules are: a command on CPUs. It is used, not run.
rule command:
    log:
        "<logs>/command.log",
    conda:
        CPU_ENV
    resources:
        **LIGHT,
    shell:
        CALL


def results_root(wildcards):
    """The experiment's folder; the package knows where each file stands below it."""
    return RESULTS


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
    return lambda wildcards: code_fingerprint(
        *modules, *registry.modules_of(CONFIG.scorers[wildcards.scorer])
    )


def parquets(folder, conditions):
    """A file for each condition in a folder below the results."""
    return [f"<results>/{folder}/{condition}.parquet" for condition in conditions]


def generated_severities():
    """Each corruption that is made here, clean among them, and its severities."""
    published = {c.corruption for members in PUBLISHED.values() for c in members}
    made = CONFIG.severities_of()
    return {name: made[name] for name in made if name not in published}


def condition_files(conditions):
    """What a job reads of conditions: indices, and the archives that are made here."""
    published = [str(c) for members in PUBLISHED.values() for c in members]
    made = [condition for condition in conditions if str(condition) not in published]
    return expand("<results>/conditions/{c}.index.parquet", c=conditions) + expand(
        "<results>/conditions/{c}.tar", c=made
    )


def reference_files(wildcards):
    """What a full-reference metric compares with."""
    reads = wildcards.scorer in REFERENCE_SCORERS
    return condition_files(["clean/0"]) if reads else []


def damage_records(*folders):
    """Where jobs noted that files below the results are not what they should be."""
    paths = [Path(RESULTS) / folder / RECORD for folder in folders]
    return [str(path) for path in paths if path.is_file()]


def packages_root(wildcards):
    """The folder of the files that are fetched out of packages."""
    return PACKAGES


def entry(scorer):
    """What the registry knows of a scorer."""
    return registry.entry_of(CONFIG.scorers[scorer])


def packaged_files(scorer):
    """Files out of packages that a scorer reads."""
    return expand("<packages>/{file}", file=fetched(entry(scorer).files))


def weights_record(scorer):
    """The record of the published weights that a scorer reads; none where it reads none."""
    return [f"<results>/weights/{scorer}.json"] if entry(scorer).fetched else []


def texts_file(scorer):
    """The classes' embeddings of a dual encoder of open_clip."""
    embeds = entry(scorer).loader == OPEN_CLIP_LOADER
    return [f"<results>/texts/{scorer}.safetensors"] if embeds else []


def published_files(scorer):
    """The files of published weights that a scorer's record names, where they are there."""
    record = Path(RESULTS) / "weights" / f"{scorer}.json"
    names = read_record(record) if record.is_file() else []
    paths = [CONFIG.weights.folder / name for name in names]
    return [path for path in paths if path.is_file()]


def recorded_files(scorer):
    """Size and time of every file that a record names: a file that is replaced is recorded anew."""
    return [f"{path} {stamp(path)}" for path in published_files(scorer)]


# Measured for 1,520 pictures on CPUs: 0.6 to 1.3 GB; 0.005 s (total variation) to 0.16 s (MS-SSIM) a
# picture. CUDA's libraries and a batch of 256 take more.
def grow_with_weights():
    """Megabytes that grow with every attempt, and from the first one on room for the weights.

    They are held twice while they are loaded: as read, and in the network.
    """

    def megabytes(wildcards, attempt):
        files = [
            *published_files(wildcards.scorer),
            *entry(wildcards.scorer).user_files,
        ]
        size = sum(file.stat().st_size for file in files)
        return attempt * ((4000 if ON_GPU else 2000) + 2 * size // 10**6)

    return megabytes


def grow_with_pictures(conditions):
    """Minutes for so many conditions: 0.2 s a picture, at most half a day."""
    minutes = 30 + conditions * thousands_of_pictures() / CONFIG.scoring.shards * 3.4
    return grow(min(720, round(minutes)))


# What a job reads of its scorer.
SCORER_FILES = dict(
    packages=lambda wildcards: packaged_files(wildcards.scorer),
    own=lambda wildcards: entry(wildcards.scorer).user_files,
    record=lambda wildcards: weights_record(wildcards.scorer),
    texts=lambda wildcards: texts_file(wildcards.scorer),
)
# How a job runs its scorer.
SCORER_OPTIONS = dict(
    spec=spec,
    packages=packages_root,
    weights=CONFIG.weights.folder,
    scoring=scoring,
    record=file("record"),
    texts=file("texts"),
)
# How figures look.
LOOK = dict(style=CONFIG.figures.style, dpi=CONFIG.figures.dpi)

# What was passed over among the pictures; there are none of imported scores.
SKIPPED = [] if CONFIG.scores.import_ else ["<results>/skipped.csv"]


def above_limit(wildcards):
    """Conditions with more undefined than is allowed now: their panel is made anew, and refused.

    The limit is no param: one that everything keeps makes nothing stale.
    """
    file = Path(RESULTS) / "panel" / f"{wildcards.scorer}.parquet"
    return panel.above_limit(file, CONFIG.scoring.max_undefined)


SCOPE = Scope(CONFIG, KINDS, WHOLE_SOFTMAX)


def below_results(paths):
    """Paths as the package has them, below the experiment's folder."""
    return [f"<results>/{path}" for path in paths]


def figures(analysis):
    """All files that an analysis draws."""
    stems = [f"figures/{stem}" for stem in analysis.draws(SCOPE)]
    return [f"<results>/{stem}.{suffix}" for stem in stems for suffix in ("svg", "png")]


def texts(tables):
    """Tables as Markdown and LaTeX."""
    return expand(
        "<results>/tables/{table}.{suffix}", table=tables, suffix=["md", "tex"]
    )


def all_of(analysis):
    """Everything that an analysis gives: its files, its tables as text, its figures."""
    return [*below_results(analysis.makes), *texts(analysis.tables), *figures(analysis)]


AUDITED = CONFIG.audit.sets() if CONFIG.audit else {}


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
    WEIGHTS += [file for scorer in RUN for file in weights_record(scorer)]
if not CONFIG.scores.import_:
    WEIGHTS += imagenette.tar_of(CONFIG.pictures)
