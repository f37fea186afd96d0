# tables of every experiment -> figures, texts and the page of the paper (target paper)

from causal_iqa.analyses.paper_scatters.plans import paper_figure_paths

PAPER_FIGURES = ["content_image", "content_label", "mixture_auc"] + [
    "mixture_density",
    "mixture_density_strong",
]
PAPER_TEXTS = expand(
    "<results>/tables/{table}.{suffix}",
    table=[*PAPER_TABLES, *(["fr_iqa"] if REFERENCE_SCORERS else [])],
    suffix=["md", "tex"],
)


rule paper_figures:
    input:
        "<results>/scorers.csv",
        "<results>/tables/content_image.csv",
        "<results>/tables/content_label.csv",
        "<results>/tables/mixtures.csv",
        "<results>/mixture_density.parquet",
    output:
        expand(
            "<results>/figures/{figure}.{suffix}",
            figure=PAPER_FIGURES,
            suffix=["svg", "png"],
        ),
    log:
        "<logs>/paper_figures.log",
    benchmark:
        "<benchmarks>/paper_figures.tsv"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=grow(8000),
        runtime=grow(240),
    params:
        results=results_root,
        style=CONFIG.figures.style,
        dpi=CONFIG.figures.dpi,
        code=code_fingerprint("analyses.content.figure", "analyses.mixtures.figure"),
    shell:
        "python -m causal_iqa paper-figures {params.results} "
        "--style {params.style} --dpi {params.dpi} "
        "> {log} 2>&1"


rule paper_scatters:
    input:
        "<results>/scorers.csv",
        "<results>/groups.parquet",
        POOLED,
    output:
        "<results>/tables/paper_figures.csv",
        expand("<results>/{file}", file=paper_figure_paths(KINDS)),
        expand("<results>/figures/matrix.{suffix}", suffix=["svg", "png"]),
    log:
        "<logs>/paper_scatters.log",
    benchmark:
        "<benchmarks>/paper_scatters.tsv"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=grow(2000),
        runtime=grow(60),
    params:
        results=results_root,
        style=CONFIG.figures.style,
        dpi=CONFIG.figures.dpi,
        code=code_fingerprint("analyses.paper_scatters.figure", "analyses.paper_scatters.matrix"),
    shell:
        "python -m causal_iqa paper-scatters {params.results} "
        "--style {params.style} --dpi {params.dpi} "
        "> {log} 2>&1"


PAPER = [
    *FR_TABLE,
    *PAPER_TEXTS,
    *rules.paper_scatters.output,
    *rules.labels.output,
    *rules.mixtures.output,
    *rules.associations.output,
    *rules.dags.output,
    *rules.desiderata.output,
    *rules.published.output,
    *rules.solver_audit.output,
    *rules.claims.output,
    *rules.accuracy_beyond.output,
    *rules.paper_figures.output,
    *rules.content_image.output,
    *rules.content_label.output,
]


rule paper_page:
    input:
        "<results>/manifest.parquet",
        "<results>/classes.csv",
        "<results>/scorers.csv",
        "<results>/groups.parquet",
        POOLED,
        PAPER,
        expand(
            "workflow/causal_iqa/report/templates/{file}",
            file=["paper.html.j2", "report.css"],
        ),
        reference="resources/published_tables.csv",
    output:
        report(
            "<results>/paper.html",
            caption="../report/paper.rst",
            category="Report",
        ),
    log:
        "<logs>/paper_page.log",
    benchmark:
        "<benchmarks>/paper_page.tsv"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=grow(1000),
        runtime=grow(10),
    params:
        results=results_root,
        code=code_fingerprint("report.paper_page"),
    shell:
        "python -m causal_iqa paper-page {params.results} --reference {input.reference} "
        "> {log} 2>&1"
