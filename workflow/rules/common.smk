# What the rules of every stage share.

import json
import re
import shlex

from causal_iqa.schemas import (
    ALL_TABLE_KINDS,
    FULL_REFERENCE,
    PAPER_TABLES,
    TABLE_KINDS,
)
from causal_iqa.archives import stamp
from causal_iqa.device import resolve_device
from causal_iqa.experiments.imported import import_fingerprint
from causal_iqa.fingerprint import code_fingerprint
from causal_iqa.pictures import imagenette
from causal_iqa.packaged import FILES, FROST, fetched
from causal_iqa.scorers import registry

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


wildcard_constraints:
    scorer="|".join(map(re.escape, KINDS)),
    task_model="|".join(map(re.escape, TASK_MODELS)),
    table="|".join([*ALL_TABLE_KINDS, "accuracy", *PAPER_TABLES]),
    file="|".join(map(re.escape, FILES)),


def results_root(wildcards):
    """The experiment's folder; the package knows where each file stands below it."""
    return RESULTS


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


def packages_root(wildcards):
    """The folder of the files that are fetched out of packages."""
    return PACKAGES


def panel_of(table):
    """The joined scores that a pooled table is made from."""
    references = REFERENCE_SCORERS if ALL_TABLE_KINDS[table] == FULL_REFERENCE else []
    return PANEL + expand("<results>/panel/{scorer}.parquet", scorer=references)
