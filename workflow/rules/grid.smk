# conditions -> figures/grid.jpg


rule picture_grid:
    input:
        expand("<results>/conditions/{condition}.tar", condition=CONDITIONS),
        expand("<results>/conditions/{condition}.index.parquet", condition=CONDITIONS),
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
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        results=results_root,
        image_id=PICTURES[0].image_id,
        corruptions=CONFIG.conditions.corruptions,
        severities=CONFIG.conditions.severities,
        code=code_fingerprint("report.grid"),
    shell:
        "python -m causal_iqa picture-grid {params.results} {params.image_id:q} "
        "--corruptions {params.corruptions} --severities {params.severities} > {log} 2>&1"
