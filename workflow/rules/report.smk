# tables, groups.parquet, conditions -> tables as text, figures, report.html


# What needs the network, or takes a second, runs where Snakemake runs.
localrules:
    render,


TABLES = expand(
    "<results>/tables/{table}.{suffix}",
    table=[*TABLE_KINDS, "accuracy"],
    suffix=["csv", "md", "tex"],
)
GRID = ["<results>/figures/grid.jpg"] if LISTING is not None else []
POOLED = expand("<results>/tables/{table}.csv", table=TABLE_KINDS)


rule render:
    input:
        "<results>/scorers.csv",
        csv="<results>/tables/{table}.csv",
    output:
        md=report(
            "<results>/tables/{table}.md",
            caption="../report/table.rst",
            category="Tables",
            labels={"table": "{table}"},
        ),
        tex="<results>/tables/{table}.tex",
    log:
        "<logs>/render/{table}.log",
    benchmark:
        "<benchmarks>/render/{table}.tsv"
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=grow(1000),
        runtime=grow(10),
    params:
        results=results_root,
        code=lambda wildcards: code_fingerprint(*words_from(wildcards.table)),
    shell:
        "python -m causal_iqa render {params.results} {wildcards.table} > {log} 2>&1"


rule scatter:
    input:
        "<results>/groups.parquet",
        "<results>/scorers.csv",
        POOLED,
    output:
        svg=report(
            expand(
                "<results>/figures/scatter/{{task_model}}/{source}.svg",
                source=SOURCES,
            ),
            caption="../report/scatter.rst",
            category="Accuracy against mean quality",
            subcategory="{task_model}",
        ),
        png=expand(
            "<results>/figures/scatter/{{task_model}}/{source}.png",
            source=SOURCES,
        ),
    log:
        "<logs>/scatter/{task_model}.log",
    benchmark:
        "<benchmarks>/scatter/{task_model}.tsv"
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=grow(1000),
        runtime=grow(30),
    params:
        results=results_root,
        style=CONFIG.figures.style,
        dpi=CONFIG.figures.dpi,
        code=code_fingerprint("report.drawing.scatter"),
    shell:
        "python -m causal_iqa scatter {params.results} {wildcards.task_model} "
        "--style {params.style} --dpi {params.dpi} > {log} 2>&1"


rule overview:
    input:
        "<results>/tables/accuracy.csv",
        "<results>/scorers.csv",
        POOLED,
    output:
        overview=report(
            "<results>/figures/overview.svg",
            caption="../report/overview.rst",
            category="Overview",
        ),
        accuracy=report(
            expand(
                "<results>/figures/{figure}.svg",
                figure=["accuracy", "accuracy_by_corruption"],
            ),
            caption="../report/accuracy.rst",
            category="Overview",
        ),
        png=expand(
            "<results>/figures/{figure}.png",
            figure=["overview", "accuracy", "accuracy_by_corruption"],
        ),
    log:
        "<logs>/overview.log",
    benchmark:
        "<benchmarks>/overview.tsv"
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=grow(1000),
        runtime=grow(30),
    params:
        results=results_root,
        style=CONFIG.figures.style,
        dpi=CONFIG.figures.dpi,
        code=code_fingerprint("report.drawing.overview", "report.drawing.accuracy"),
    shell:
        "python -m causal_iqa overview {params.results} "
        "--style {params.style} --dpi {params.dpi} > {log} 2>&1"


rule page:
    input:
        expand(
            "workflow/causal_iqa/report/templates/report.{suffix}",
            suffix=["html.j2", "css", "js"],
        ),
        SKIPPED,
        "<results>/manifest.parquet",
        "<results>/classes.csv",
        "<results>/scorers.csv",
        "<results>/groups.parquet",
        TABLES,
        expand(rules.scatter.output.svg, task_model=TASK_MODELS),
        rules.overview.output,
        GRID,
    output:
        report(
            "<results>/report.html",
            caption="../report/report.rst",
            category="Report",
        ),
    log:
        "<logs>/page.log",
    benchmark:
        "<benchmarks>/page.tsv"
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=grow(1000),
        runtime=grow(10),
    params:
        results=results_root,
        config=CONFIG.model_dump_json(
            by_alias=True,
            exclude={"audit": True, "scoring": {"batch_size", "threads"}},
        ),
        grid="--grid" if GRID else "",
        code=code_fingerprint("report.page", "report.sources"),
    shell:
        "python -m causal_iqa page {params.results} --config {params.config:q} "
        "{params.grid} > {log} 2>&1"
