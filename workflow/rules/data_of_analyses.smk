# scores -> panel/<scorer>.parquet, splits.parquet, splits_rows.parquet, groups.parquet


PANEL = below_results(f"panel/{scorer}.parquet" for scorer in SOURCES)


use rule command as panel with:
    input:
        "<results>/manifest.parquet",
        "<results>/scorers.csv",
        expand("<results>/scores/{{scorer}}/{condition}.parquet", condition=CONDITIONS),
    output:
        "<results>/panel/{scorer}.parquet",
    pathvars:
        job="panel/{scorer}",
    resources:
        **AMOUNTS.every_score(),
    params:
        **job(
            "panel",
            scorer=wildcard("scorer"),
            conditions=CONDITIONS,
            # imported scores are taken at their word
            spec=None if CONFIG.scores.import_ else spec,
            max_undefined=unwatched(CONFIG.scoring.max_undefined),
        ),
        # a panel with more undefined than is allowed now is made anew, and refused
        above_limit=lambda wildcards: panel.above_limit(
            Path(RESULTS) / "panel" / f"{wildcards.scorer}.parquet",
            CONFIG.scoring.max_undefined,
        ),
        code=code_fingerprint("data.panel"),


use rule command as splits with:
    input:
        "<results>/manifest.parquet",
    output:
        "<results>/splits.parquet",
    pathvars:
        job="splits",
    params:
        **job(
            "splits",
            test_fraction=CONFIG.analysis.test_fraction,
            seed=CONFIG.analysis.seed,
        ),
        code=code_fingerprint("data.splits"),


use rule command as groups with:
    input:
        "<results>/manifest.parquet",
        "<results>/scorers.csv",
        PANEL,
    output:
        groups="<results>/groups.parquet",
        accuracy="<results>/tables/accuracy.csv",
    pathvars:
        job="groups",
    resources:
        **AMOUNTS.every_score(),
    params:
        **job("groups", conditions=CONDITIONS),
        code=code_fingerprint("data.condition_means"),


use rule command as splits_rows with:
    input:
        "<results>/manifest.parquet",
    output:
        "<results>/splits_rows.parquet",
    pathvars:
        job="splits_rows",
    resources:
        **AMOUNTS.every_score(),
    params:
        **job(
            "splits-rows",
            conditions=CONDITIONS,
            seed=CONFIG.analysis.seed,
        ),
        code=code_fingerprint("data.folds"),
