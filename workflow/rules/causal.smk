# panel -> causal graphs and what they imply, scorecard, the paper's sentences and numbers, audit of
# the solvers

DAGS = sorted(CONFIG.paper.dags.glob("*.yaml"))
FR_PANEL = expand("<results>/panel/{scorer}.parquet", scorer=REFERENCE_SCORERS)
FR_TABLE = ["<results>/tables/fr_iqa.csv"] if REFERENCE_SCORERS else []


rule associations:
    input:
        SHARED,
        FR_PANEL,
    output:
        "<results>/tables/associations.csv",
    log:
        "<logs>/associations.log",
    benchmark:
        "<benchmarks>/associations.tsv"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=grow(8000),
        runtime=grow(240),
    params:
        results=results_root,
        corruptions=CONFIG.conditions.corruptions,
        severities=CONFIG.conditions.severities,
        include_clean="--include-clean" if CONFIG.analysis.include_clean else "",
        seed=CONFIG.analysis.seed,
        permutations=CONFIG.paper.permutations,
        code=code_fingerprint("analyses.associations.compute"),
    shell:
        "python -m causal_iqa associations {params.results} "
        "--corruptions {params.corruptions} --severities {params.severities} "
        "{params.include_clean} --seed {params.seed} --permutations {params.permutations} "
        "> {log} 2>&1"


rule dags:
    input:
        DAGS,
    output:
        "<results>/tables/dag_claims.csv",
        expand(
            "<results>/figures/dags/{dag}.{suffix}",
            dag=[d.stem for d in DAGS],
            suffix=["svg", "png"],
        ),
    log:
        "<logs>/dags.log",
    benchmark:
        "<benchmarks>/dags.tsv"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=grow(8000),
        runtime=grow(240),
    params:
        results=results_root,
        folder=CONFIG.paper.dags,
        style=CONFIG.figures.style,
        dpi=CONFIG.figures.dpi,
        code=code_fingerprint("analyses.dags.compute", "analyses.dags.figure"),
    shell:
        "python -m causal_iqa dags {params.results} --folder {params.folder:q} "
        "--style {params.style} --dpi {params.dpi} "
        "> {log} 2>&1"


rule desiderata:
    input:
        SHARED,
        FR_PANEL,
        POOLED,
        FR_TABLE,
    output:
        "<results>/tables/desiderata.csv",
        "<results>/tables/desiderata_sensitivity.csv",
        expand("<results>/figures/desiderata.{suffix}", suffix=["svg", "png"]),
    log:
        "<logs>/desiderata.log",
    benchmark:
        "<benchmarks>/desiderata.tsv"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=grow(8000),
        runtime=grow(240),
    params:
        results=results_root,
        corruptions=CONFIG.conditions.corruptions,
        severities=CONFIG.conditions.severities,
        seed=CONFIG.analysis.seed,
        resamples=CONFIG.analysis.resamples,
        thresholds=list(CONFIG.paper.thresholds.model_dump().values()),
        style=CONFIG.figures.style,
        dpi=CONFIG.figures.dpi,
        code=code_fingerprint("analyses.desiderata.compute", "analyses.desiderata.figure"),
    shell:
        "python -m causal_iqa desiderata {params.results} "
        "--corruptions {params.corruptions} --severities {params.severities} "
        "--seed {params.seed} --resamples {params.resamples} "
        "--thresholds {params.thresholds} "
        "--style {params.style} --dpi {params.dpi} "
        "> {log} 2>&1"


rule published:
    input:
        SHARED,
        POOLED,
        reference="resources/published_tables.csv",
    output:
        "<results>/tables/published.csv",
    log:
        "<logs>/published.log",
    benchmark:
        "<benchmarks>/published.tsv"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=grow(8000),
        runtime=grow(240),
    params:
        results=results_root,
        corruptions=CONFIG.conditions.corruptions,
        severities=CONFIG.conditions.severities,
        dataset=CONFIG.paper.dataset or "other",
        code=code_fingerprint("analyses.published.compute"),
    shell:
        "python -m causal_iqa published {params.results} "
        "--corruptions {params.corruptions} --severities {params.severities} "
        "--reference {input.reference} --dataset {params.dataset} "
        "> {log} 2>&1"


rule solver_audit:
    input:
        SHARED,
        FR_PANEL,
        POOLED,
        FR_TABLE,
        "<results>/splits.parquet",
    output:
        "<results>/tables/solver_audit.csv",
    log:
        "<logs>/solver_audit.log",
    benchmark:
        "<benchmarks>/solver_audit.tsv"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=grow(8000),
        runtime=grow(240),
    params:
        results=results_root,
        corruptions=CONFIG.conditions.corruptions,
        severities=CONFIG.conditions.severities,
        include_clean="--include-clean" if CONFIG.analysis.include_clean else "",
        code=code_fingerprint("analyses.solver_audit.compute"),
    shell:
        "python -m causal_iqa solver-audit {params.results} "
        "--corruptions {params.corruptions} --severities {params.severities} "
        "{params.include_clean} "
        "> {log} 2>&1"


rule claims:
    input:
        SHARED,
        POOLED,
        "<results>/splits.parquet",
        "<results>/splits_rows.parquet",
        "<results>/mixtures.parquet",
        claims="resources/paper_claims.yaml",
    output:
        "<results>/tables/claims.csv",
    log:
        "<logs>/claims.log",
    benchmark:
        "<benchmarks>/claims.tsv"
    conda:
        "../../envs/cpu.yaml"
    threads: 2
    resources:
        mem_mb=grow(8000),
        runtime=grow(240),
    params:
        results=results_root,
        corruptions=CONFIG.conditions.corruptions,
        severities=CONFIG.conditions.severities,
        include_clean="--include-clean" if CONFIG.analysis.include_clean else "",
        image_folds=CONFIG.paper.image_folds,
        label_folds=CONFIG.paper.label_folds,
        degenerate_folds=CONFIG.paper.degenerate_folds,
        seed=CONFIG.analysis.seed,
        resamples=CONFIG.analysis.resamples,
        code=code_fingerprint("analyses.claims.compute"),
    shell:
        "python -m causal_iqa claims {params.results} "
        "--corruptions {params.corruptions} --severities {params.severities} "
        "{params.include_clean} --claims {input.claims} --image-folds {params.image_folds} "
        "--label-folds {params.label_folds} --degenerate-folds {params.degenerate_folds} "
        "--seed {params.seed} --resamples {params.resamples} "
        "--threads {threads} > {log} 2>&1"


rule accuracy_beyond:
    input:
        SHARED,
        "<results>/splits.parquet",
    output:
        "<results>/tables/accuracy_beyond.csv",
        expand("<results>/figures/accuracy_beyond.{suffix}", suffix=["svg", "png"]),
    log:
        "<logs>/accuracy_beyond.log",
    benchmark:
        "<benchmarks>/accuracy_beyond.tsv"
    conda:
        "../../envs/cpu.yaml"
    threads: 2
    resources:
        mem_mb=grow(8000),
        runtime=grow(240),
    params:
        results=results_root,
        corruptions=CONFIG.conditions.corruptions,
        severities=CONFIG.conditions.severities,
        include_clean="--include-clean" if CONFIG.analysis.include_clean else "",
        seed=CONFIG.analysis.seed,
        resamples=CONFIG.analysis.resamples,
        style=CONFIG.figures.style,
        dpi=CONFIG.figures.dpi,
        code=code_fingerprint(
            "analyses.accuracy_beyond.compute", "analyses.accuracy_beyond.figure"
        ),
    shell:
        "python -m causal_iqa accuracy-beyond {params.results} "
        "--corruptions {params.corruptions} --severities {params.severities} "
        "{params.include_clean} --seed {params.seed} --resamples {params.resamples} "
        "--style {params.style} --dpi {params.dpi} "
        "--threads {threads} > {log} 2>&1"
