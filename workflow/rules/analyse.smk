# scores -> panel/<scorer>.parquet, splits.parquet, groups.parquet, tables/*.csv


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
    threads: 1
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
    threads: 1
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
    threads: 1
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


rule pooled:
    input:
        "<results>/manifest.parquet",
        "<results>/scorers.csv",
        "<results>/splits.parquet",
        lambda wildcards: panel_of(wildcards.table),
    output:
        "<results>/tables/{table}.csv",
    log:
        "<logs>/pooled/{table}.log",
    benchmark:
        "<benchmarks>/pooled/{table}.tsv"
    wildcard_constraints:
        table="|".join(ALL_TABLE_KINDS),
    conda:
        "../../envs/cpu.yaml"
    threads: 2
    resources:
        mem_mb=grow(4000),
        runtime=grow(240),
    params:
        results=results_root,
        corruptions=CONFIG.conditions.corruptions,
        severities=CONFIG.conditions.severities,
        include_clean="--include-clean" if CONFIG.analysis.include_clean else "",
        seed=CONFIG.analysis.seed,
        resamples=CONFIG.analysis.resamples,
        code=code_fingerprint("analyses.pooled.compute"),
    shell:
        "python -m causal_iqa pooled {params.results} {wildcards.table} "
        "--corruptions {params.corruptions} --severities {params.severities} "
        "{params.include_clean} --seed {params.seed} --resamples {params.resamples} "
        "--threads {threads} > {log} 2>&1"
