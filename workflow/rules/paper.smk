# scores -> the paper's further tables and figures (target paper): label-conditioned
# predictability, content control, mixtures, causal graphs, scorecard, comparison, solver audit


from causal_iqa.report.paper_plans import paper_figure_paths

DAGS = sorted(CONFIG.paper.dags.glob("*.yaml"))
PAPER_FIGURES = ["content_image", "content_label", "mixture_auc"] + [
    "mixture_density",
    "mixture_density_strong",
]
FR_PANEL = expand("<results>/panel/{scorer}.parquet", scorer=REFERENCE_SCORERS)
FR_TABLE = ["<results>/tables/fr_iqa.csv"] if REFERENCE_SCORERS else []
PAPER_TEXTS = expand(
    "<results>/tables/{table}.{suffix}",
    table=[*PAPER_TABLES, *(["fr_iqa"] if REFERENCE_SCORERS else [])],
    suffix=["md", "tex"],
)
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
        code=code_fingerprint("experiments.folds"),
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
        code=code_fingerprint("experiments.labels"),
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
        code=code_fingerprint("experiments.content"),
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
        code=code_fingerprint("experiments.content"),
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
        code=code_fingerprint("experiments.mixtures"),
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
        code=code_fingerprint("experiments.mixtures", "experiments.mixture_density"),
    shell:
        "python -m causal_iqa mixtures {params.results} "
        "--corruptions {params.corruptions} --severities {params.severities} "
        "--threads {threads} > {log} 2>&1"


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
        code=code_fingerprint("causal.associations"),
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
        code=code_fingerprint("causal.claims", "report.dag_figures"),
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
        code=code_fingerprint("experiments.desiderata", "report.desiderata_figure"),
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
        code=code_fingerprint("experiments.published"),
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
        code=code_fingerprint("experiments.solver_audit"),
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
        code=code_fingerprint("experiments.claim_tests"),
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
            "experiments.accuracy_beyond", "report.accuracy_beyond_figure"
        ),
    shell:
        "python -m causal_iqa accuracy-beyond {params.results} "
        "--corruptions {params.corruptions} --severities {params.severities} "
        "{params.include_clean} --seed {params.seed} --resamples {params.resamples} "
        "--style {params.style} --dpi {params.dpi} "
        "--threads {threads} > {log} 2>&1"


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
        code=code_fingerprint("report.content_figure", "report.mixture_figures"),
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
        code=code_fingerprint("report.paper_scatter", "report.matrix"),
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
