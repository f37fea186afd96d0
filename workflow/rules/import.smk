# a folder of scores from elsewhere -> manifest.parquet, classes.csv, scorers.csv, scores/, softmax/


rule import_scores:
    output:
        manifest="<results>/manifest.parquet",
        classes="<results>/classes.csv",
        scorers="<results>/scorers.csv",
        scores=expand(
            "<results>/scores/{scorer}/{condition}.parquet",
            scorer=KINDS,
            condition=CONDITIONS,
        ),
        softmax=SOFTMAX,
    log:
        "<logs>/import_scores.log",
    benchmark:
        "<benchmarks>/import_scores.tsv"
    conda:
        "../../envs/cpu.yaml"
    resources:
        max_undefined=MAX_UNDEFINED,
        mem_mb=grow(4000),
        runtime=grow(60),
    params:
        results=results_root,
        folder=CONFIG.scores.import_,
        listing=import_fingerprint(CONFIG.scores.import_),
        corruptions=CONFIG.conditions.corruptions,
        severities=CONFIG.conditions.severities,
        scorers=[*KINDS],
        code=code_fingerprint("data.imported"),
    shell:
        "python -m causal_iqa import-scores {params.results} {params.folder:q} "
        "--corruptions {params.corruptions} --severities {params.severities} "
        "--scorers {params.scorers:q} --max-undefined {resources.max_undefined} "
        "> {log} 2>&1"
