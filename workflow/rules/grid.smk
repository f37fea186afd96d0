# conditions -> figures/grid.jpg


rule picture_grid:
    input:
        "<results>/manifest.parquet",
        condition_files(CONDITIONS),
    output:
        report(
            "<results>/figures/grid.jpg",
            caption="../report/grid.rst",
            category="Overview",
        ),
    log:
        "<logs>/picture_grid.log",
    benchmark:
        "<benchmarks>/picture_grid.tsv"
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=grow(1000),
        runtime=grow(10),
    params:
        results=results_root,
        corruptions=CONFIG.conditions.corruptions,
        severities=CONFIG.conditions.severities,
        code=code_fingerprint("report.drawing.grid"),
    shell:
        "python -m causal_iqa picture-grid {params.results} "
        "--corruptions {params.corruptions} --severities {params.severities} > {log} 2>&1"
