# scores -> panel/<scorer>.parquet, splits.parquet, splits_rows.parquet, groups.parquet


# What needs the network, or takes a second, runs where Snakemake runs.
localrules:
    splits,


PANEL = expand("<results>/panel/{scorer}.parquet", scorer=SOURCES)


rule panel:
    input:
        "<results>/manifest.parquet",
        "<results>/scorers.csv",
        expand("<results>/scores/{{scorer}}/{condition}.parquet", condition=CONDITIONS),
    output:
        "<results>/panel/{scorer}.parquet",
    log:
        "<logs>/panel/{scorer}.log",
    benchmark:
        "<benchmarks>/panel/{scorer}.tsv"
    conda:
        "../../envs/cpu.yaml"
    resources:
        max_undefined=MAX_UNDEFINED,
        mem_mb=grow(2000),
        runtime=grow(60),
    params:
        results=results_root,
        corruptions=CONFIG.conditions.corruptions,
        severities=CONFIG.conditions.severities,
        spec=lambda wildcards: asked_spec(wildcards.scorer),
        above_limit=above_limit,
        code=code_fingerprint("data.panel"),
    shell:
        "python -m causal_iqa panel {params.results} {wildcards.scorer} {params.spec} "
        "--corruptions {params.corruptions} --severities {params.severities} "
        "--max-undefined {resources.max_undefined} > {log} 2>&1"


rule splits:
    input:
        "<results>/manifest.parquet",
    output:
        "<results>/splits.parquet",
    log:
        "<logs>/splits.log",
    benchmark:
        "<benchmarks>/splits.tsv"
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=grow(1000),
        runtime=grow(10),
    params:
        results=results_root,
        test_fraction=CONFIG.analysis.test_fraction,
        seed=CONFIG.analysis.seed,
        code=code_fingerprint("data.splits"),
    shell:
        "python -m causal_iqa splits {params.results} --test-fraction {params.test_fraction} "
        "--seed {params.seed} > {log} 2>&1"


rule groups:
    input:
        "<results>/manifest.parquet",
        "<results>/scorers.csv",
        PANEL,
    output:
        groups="<results>/groups.parquet",
        accuracy="<results>/tables/accuracy.csv",
    log:
        "<logs>/groups.log",
    benchmark:
        "<benchmarks>/groups.tsv"
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=grow(4000),
        runtime=grow(60),
    params:
        results=results_root,
        corruptions=CONFIG.conditions.corruptions,
        severities=CONFIG.conditions.severities,
        code=code_fingerprint("data.condition_means"),
    shell:
        "python -m causal_iqa groups {params.results} --corruptions {params.corruptions} "
        "--severities {params.severities} > {log} 2>&1"


rule folds:
    input:
        "<results>/manifest.parquet",
    output:
        "<results>/splits_rows.parquet",
    log:
        "<logs>/folds.log",
    benchmark:
        "<benchmarks>/folds.tsv"
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=grow(8000),
        runtime=grow(240),
    params:
        results=results_root,
        corruptions=CONFIG.conditions.corruptions,
        severities=CONFIG.conditions.severities,
        seed=CONFIG.analysis.seed,
        code=code_fingerprint("data.folds"),
    shell:
        "python -m causal_iqa folds {params.results} "
        "--corruptions {params.corruptions} --severities {params.severities} "
        "--seed {params.seed} "
        "> {log} 2>&1"
