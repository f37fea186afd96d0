# scores -> panel/<scorer>.parquet, splits.parquet, splits_rows.parquet, groups.parquet


# What needs the network, or takes a second, runs where Snakemake runs.
localrules:
    splits,


PANEL = expand("<results>/panel/{scorer}.parquet", scorer=SOURCES)


use rule command as panel with:
    input:
        "<results>/manifest.parquet",
        "<results>/scorers.csv",
        expand("<results>/scores/{{scorer}}/{condition}.parquet", condition=CONDITIONS),
    output:
        "<results>/panel/{scorer}.parquet",
    log:
        "<logs>/panel/{scorer}.log",
    benchmark:
        "<benchmarks>/panel/{scorer}.tsv"
    resources:
        **EVERY_SCORE,
    params:
        **job(
            "panel",
            results=results_root,
            scorer=wildcard("scorer"),
            conditions=CONDITIONS,
            # imported scores are taken at their word
            spec=None if CONFIG.scores.import_ else spec,
            max_undefined=unwatched(CONFIG.scoring.max_undefined),
        ),
        above_limit=above_limit,
        code=code_fingerprint("data.panel"),


use rule command as splits with:
    input:
        "<results>/manifest.parquet",
    output:
        "<results>/splits.parquet",
    log:
        "<logs>/splits.log",
    benchmark:
        "<benchmarks>/splits.tsv"
    params:
        **job(
            "splits",
            results=results_root,
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
    log:
        "<logs>/groups.log",
    benchmark:
        "<benchmarks>/groups.tsv"
    resources:
        **EVERY_SCORE,
    params:
        **job("groups", results=results_root, conditions=CONDITIONS),
        code=code_fingerprint("data.condition_means"),


use rule command as folds with:
    input:
        "<results>/manifest.parquet",
    output:
        "<results>/splits_rows.parquet",
    log:
        "<logs>/folds.log",
    benchmark:
        "<benchmarks>/folds.tsv"
    resources:
        **EVERY_SCORE,
    params:
        **job(
            "folds",
            results=results_root,
            conditions=CONDITIONS,
            seed=CONFIG.analysis.seed,
        ),
        code=code_fingerprint("data.folds"),
