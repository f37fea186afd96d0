# conditions -> figures/grid.jpg


use rule command as picture_grid with:
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
    params:
        **job(
            "picture-grid",
            results=results_root,
            corruptions=CONFIG.conditions.corruptions,
            severities=CONFIG.conditions.severities,
        ),
        code=code_fingerprint("report.grid"),
