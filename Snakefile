"""Does image quality predict whether a network gets the picture right?

pictures -> conditions -> scores -> analyses -> tables, figures, report
"""

from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.utils import min_version

from causal_iqa.device import hand_down_device, planned_elsewhere
from causal_iqa.environment import hand_down_python
from causal_iqa.errors import UserError
from causal_iqa.preflight import preflight
from causal_iqa.yaml_files import read_yaml

min_version("9.0")

# A configuration given by --configfile stands alone; keys it leaves out take their defaults.
if not workflow.configfiles:
    try:
        read_yaml(Path("config.yaml"))  # Snakemake does not say where it is broken
    except UserError as error:
        raise WorkflowError(str(error)) from None

    configfile: "config.yaml"


try:
    CONFIG, LISTING, KINDS, PUBLISHED, WHOLE_SOFTMAX = preflight(config)
except UserError as error:
    raise WorkflowError(str(error)) from None

hand_down_python()
hand_down_device()

RESULTS = f"results/{CONFIG.experiment}"
PACKAGES = "resources/packages"


pathvars:
    results=RESULTS,
    logs=f"{RESULTS}/logs",
    benchmarks=f"{RESULTS}/benchmarks",
    packages=PACKAGES,


report: "workflow/report/workflow.rst"


SOURCE = ["import"] if CONFIG.scores.import_ else ["data", "corrupt", "score", "grid"]

STAGES = [*SOURCE, "analyse", "content", "report", "causal", "paper", "audit"]

for stage in ["common", "failures", "scorers", *STAGES]:

    include: f"workflow/rules/{stage}.smk"


# What needs the network, and what takes a second: run where Snakemake runs.
localrules:
    fetch_package_file,
    fetch_weights,
    imagenette,
    plan,
    render,
    scorers,
    skipped,
    splits,


onstart:
    if not workflow.local_exec and CONFIG.scoring.device == "auto":
        logger.warning(planned_elsewhere())


rule all:
    default_target: True
    input:
        "<results>/report.html",


rule tables:
    input:
        TABLES,


rule weights:
    input:
        WEIGHTS,


rule scores:
    input:
        SCORES,


rule estimators:
    input:
        expand("<results>/tables/estimators.{suffix}", suffix=["csv", "md", "tex"]),
        "<results>/figures/estimators.svg",


rule audit:
    input:
        audit_cards,


rule paper:
    input:
        "<results>/report.html",
        "<results>/paper.html",
