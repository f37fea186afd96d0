# tables and figures of every analysis -> the page of the paper (target paper)

ON_PAGE = [one for one in analyses().values() if one.section]
ON_PAGE += [analyses()["fr_iqa"]] if REFERENCE_SCORERS else []
PAPER = [path for one in ON_PAGE for path in all_of(one)]


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
    resources:
        mem_mb=grow(1000),
        runtime=grow(10),
    params:
        results=results_root,
        code=code_fingerprint(
            "report.paper_page",
            *(one.module(part) for one in ON_PAGE for part in one.on_page_from()),
        ),
    shell:
        "python -m causal_iqa paper-page {params.results} --reference {input.reference} "
        "> {log} 2>&1"
