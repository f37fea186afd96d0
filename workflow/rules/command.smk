# What rules have in common (used by them, not run), and which rules run where Snakemake runs.


# What needs the network, or takes a second.
localrules:
    fetch_package_file,
    fetch_weights,
    render,
    splits,


CALL = "{params.call} > {log} 2>&1"
CALL_AND_SAY = "{params.call} 2>&1 | tee {log}"


# What most rules are: a command on CPUs, whose log and benchmark are named by the pathvar job.
rule command:
    log:
        "<logs>/<job>.log",
    benchmark:
        "<benchmarks>/<job>.tsv"
    pathvars:
        job="command",
    conda:
        CPU_ENV
    resources:
        **AMOUNTS.light(),
    params:
        call=lambda wildcards: sys.exit(
            "error: command and network are what other rules are made from, and no targets. Ask for a "
            "file or a target, as all, tables, paper, scores; snakemake --list has every rule."
        ),
    shell:
        CALL


# A command that runs a scorer.
use rule command as network with:
    conda:
        NETWORKS_ENV
    threads: CONFIG.scoring.threads
    resources:
        **AMOUNTS.network(),
