# a folder of scores from elsewhere -> manifest.parquet, classes.csv, scorers.csv, scores/, softmax/


use rule command as import_scores with:
    output:
        manifest="<results>/manifest.parquet",
        classes="<results>/classes.csv",
        scorers="<results>/scorers.csv",
        scores=expand(
            "<results>/scores/{scorer}/{condition}.parquet",
            scorer=KINDS,
            condition=CONDITIONS,
        ),
        softmax=SOFTMAX,
    log:
        "<logs>/import_scores.log",
    benchmark:
        "<benchmarks>/import_scores.tsv"
    resources:
        **EVERY_SCORE,
    params:
        **job(
            "import-scores",
            folder=CONFIG.scores.import_,
            results=results_root,
            conditions=CONDITIONS,
            names=[*KINDS],
            max_undefined=unwatched(CONFIG.scoring.max_undefined),
        ),
        listing=import_fingerprint(CONFIG.scores.import_),
        code=code_fingerprint("data.imported"),
