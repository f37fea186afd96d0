# conditions -> figures/grid.jpg, figures/thumbnails.parquet


use rule command as picture_grid with:
    input:
        "<results>/manifest.parquet",
        below_results(EXPERIMENT.condition_files(CONFIG.grid())),
    output:
        report(
            "<results>/figures/grid.jpg",
            caption="../report/grid.rst",
            category="Overview",
        ),
    pathvars:
        job="picture_grid",
    params:
        **job(
            "picture-grid",
            corruptions=CONFIG.conditions.corruptions,
            severities=CONFIG.conditions.severities,
        ),
        code=code_fingerprint("report.drawing.grid"),


use rule command as thumbnails with:
    input:
        "<results>/manifest.parquet",
        below_results(EXPERIMENT.condition_files(CONFIG.grid())),
    output:
        "<results>/figures/thumbnails.parquet",
    pathvars:
        job="thumbnails",
    params:
        **job("thumbnails", conditions=CONDITIONS),
        code=code_fingerprint("report.sample_pictures"),
