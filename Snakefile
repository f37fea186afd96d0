"""Does image quality predict whether a network gets the picture right?

pictures -> conditions -> scores -> analyses -> tables, figures, report
"""

import sys
from pathlib import Path

from snakemake.utils import min_version

from causal_iqa.analyses.registry import analyses
from causal_iqa.core.device import hand_down_device, planned_elsewhere
from causal_iqa.core.environment import hand_down_python
from causal_iqa.core.errors import UserError
from causal_iqa.preflight import preflight
from causal_iqa.core.refusals import check_folder, check_writable
from causal_iqa.core.yaml_files import read_yaml

min_version("9.0")

# A fault ends everything by sys.exit: an exception would have Snakemake print where this file stands.
try:
    for file in map(Path, workflow.configfiles or ["config.yaml"]):
        # Snakemake says neither where a file is broken nor that a key stands twice
        read_yaml(file)
except UserError as error:
    sys.exit(f"error: {error}")

# A configuration given by --configfile stands alone; keys it leaves out take their defaults.
if not workflow.configfiles:

    configfile: "config.yaml"


try:
    analyses()  # for what it raises
    EXPERIMENT = preflight(config, planned="plan" in sys.argv)
    CONFIG, LISTING, KINDS, PUBLISHED, WHOLE_SOFTMAX, PICTURES = EXPERIMENT
    RESULTS = f"results/{CONFIG.experiment}"
    check_folder(Path(RESULTS))
except UserError as error:
    sys.exit(f"error: {error}")

hand_down_python()
hand_down_device()

PACKAGES = "resources/packages"


pathvars:
    results=RESULTS,
    logs=f"{RESULTS}/logs",
    benchmarks=f"{RESULTS}/benchmarks",
    packages=PACKAGES,


report: "workflow/report/workflow.rst"


SOURCE = ["import"] if CONFIG.scores.import_ else ["data", "corrupt", "score", "grid"]

ANALYSIS = ["data_of_analyses", "report", "analyses", "paper", "audit"]

for stage in ["common", "command", "scorers", *SOURCE, *ANALYSIS]:

    include: f"workflow/rules/{stage}.smk"


onstart:
    try:
        check_writable(Path(RESULTS))
    except UserError as error:
        sys.exit(f"error: {error}")
    if not workflow.local_exec and CONFIG.scoring.device == "auto":
        logger.warning(planned_elsewhere())
    show_progress(logger, workflow.output_settings.quiet)


onsuccess:
    asked = [
        file for job in workflow.dag.targetjobs for file in job.output or job.input
    ]
    atexit.register(show_pages, asked)  # after all that Snakemake has to say


onerror:
    atexit.register(show_failed)  # after all that Snakemake has to say


rule all:
    default_target: True
    input:
        "<results>/report.html",
        FIGURES,


rule tables:
    input:
        TABLES,


rule weights:
    input:
        WEIGHTS,


rule scores:
    input:
        SCORES,


rule audit:
    input:
        audit_cards,


rule figures:
    input:
        FIGURES,


rule paper:
    input:
        "<results>/report.html",
        FIGURES,
        "<results>/paper.html",
