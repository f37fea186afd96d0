# panel -> the controls: predictability within labels and within pictures, mildly corrupted mixtures

SHARED = ["<results>/manifest.parquet", "<results>/scorers.csv", PANEL]


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
    threads: 1
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


rule labels:
    input:
        SHARED,
        "<results>/splits.parquet",
    output:
        "<results>/tables/label.csv",
    log:
        "<logs>/labels.log",
    benchmark:
        "<benchmarks>/labels.tsv"
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
        code=code_fingerprint("analyses.labels.compute"),
    shell:
        "python -m causal_iqa labels {params.results} "
        "--corruptions {params.corruptions} --severities {params.severities} "
        "{params.include_clean} "
        "--threads {threads} > {log} 2>&1"


rule content_image:
    input:
        SHARED,
        "<results>/splits_rows.parquet",
    output:
        "<results>/tables/content_image.csv",
    log:
        "<logs>/content_image.log",
    benchmark:
        "<benchmarks>/content_image.tsv"
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
        image_folds=CONFIG.paper.image_folds,
        degenerate_folds=CONFIG.paper.degenerate_folds,
        seed=CONFIG.analysis.seed,
        code=code_fingerprint("analyses.content.compute"),
    shell:
        "python -m causal_iqa content-image {params.results} "
        "--corruptions {params.corruptions} --severities {params.severities} "
        "--image-folds {params.image_folds} --degenerate-folds {params.degenerate_folds} "
        "--seed {params.seed} --threads {threads} > {log} 2>&1"


rule content_label:
    input:
        SHARED,
        "<results>/splits.parquet",
        "<results>/splits_rows.parquet",
    output:
        "<results>/tables/content_label.csv",
    log:
        "<logs>/content_label.log",
    benchmark:
        "<benchmarks>/content_label.tsv"
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
        label_folds=CONFIG.paper.label_folds,
        degenerate_folds=CONFIG.paper.degenerate_folds,
        code=code_fingerprint("analyses.content.compute"),
    shell:
        "python -m causal_iqa content-label {params.results} "
        "--corruptions {params.corruptions} --severities {params.severities} "
        "--label-folds {params.label_folds} --degenerate-folds {params.degenerate_folds} "
        "--threads {threads} > {log} 2>&1"


rule draw_mixtures:
    input:
        "<results>/manifest.parquet",
    output:
        "<results>/mixtures.parquet",
    log:
        "<logs>/draw_mixtures.log",
    benchmark:
        "<benchmarks>/draw_mixtures.tsv"
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
        seeds=CONFIG.paper.mixture_seeds,
        code=code_fingerprint("analyses.mixtures.compute"),
    shell:
        "python -m causal_iqa draw-mixtures {params.results} "
        "--corruptions {params.corruptions} --severities {params.severities} "
        "--seeds {params.seeds} "
        "> {log} 2>&1"


rule mixtures:
    input:
        SHARED,
        "<results>/splits.parquet",
        "<results>/mixtures.parquet",
    output:
        "<results>/tables/mixtures.csv",
        "<results>/tables/mixtures_mean.csv",
        "<results>/mixture_density.parquet",
    log:
        "<logs>/mixtures.log",
    benchmark:
        "<benchmarks>/mixtures.tsv"
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
        code=code_fingerprint("analyses.mixtures.compute", "analyses.mixtures.density"),
    shell:
        "python -m causal_iqa mixtures {params.results} "
        "--corruptions {params.corruptions} --severities {params.severities} "
        "--threads {threads} > {log} 2>&1"
