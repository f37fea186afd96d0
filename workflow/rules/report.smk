# tables, groups.parquet, conditions -> tables as text, figures, report.html


TABLES = expand(
    "<results>/tables/{table}.{suffix}",
    table=[*TABLE_KINDS, "accuracy"],
    suffix=["csv", "md", "tex"],
)
# Imported scores come without pictures.
GRID = ["<results>/figures/grid.jpg"] if LISTING is not None else []
THUMBNAILS = ["<results>/figures/thumbnails.parquet"] if LISTING is not None else []
POOLED = expand("<results>/tables/{table}.csv", table=TABLE_KINDS)


use rule command as render with:
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
    pathvars:
        job="render/{table}",
    params:
        **command("render", csv=file("csv")),
        code=lambda wildcards: code_fingerprint(*words_from(wildcards.table)),


use rule command as scatter with:
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
    pathvars:
        job="scatter/{task_model}",
    params:
        **job("scatter", task_model=wildcard("task_model"), **LOOK),
        code=code_fingerprint("report.drawing.scatter"),


use rule command as overview with:
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
    pathvars:
        job="overview",
    params:
        **job("overview", **LOOK),
        code=code_fingerprint("report.drawing.overview", "report.drawing.accuracy"),


use rule command as page with:
    input:
        templates("report.html.j2"),
        # imported scores come without pictures
        [] if CONFIG.scores.import_ else ["<results>/skipped.csv"],
        "<results>/manifest.parquet",
        "<results>/classes.csv",
        "<results>/scorers.csv",
        "<results>/groups.parquet",
        PANEL,
        TABLES,
        rules.overview.output,
        THUMBNAILS,
    output:
        report(
            "<results>/report.html", caption="../report/report.rst", category="Report"
        ),
    pathvars:
        job="page",
    resources:
        **AMOUNTS.every_score(),
    params:
        **job(
            "page",
            config=CONFIG.model_dump(
                mode="json",
                by_alias=True,
                exclude={"audit": True, "scoring": {"batch_size", "threads"}},
            ),
            pictures=bool(THUMBNAILS),
        ),
        code=code_fingerprint("report.report_page", "report.provenance"),


# the figures of the report for papers: the page draws the same in a chart
FIGURES = expand(rules.scatter.output.svg, task_model=TASK_MODELS) + GRID
