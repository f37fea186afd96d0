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
    pathvars:
        job="import_scores",
    resources:
        **AMOUNTS.every_score(),
    params:
        **job(
            "import-scores",
            folder=CONFIG.scores.import_,
            conditions=CONDITIONS,
            names=[*KINDS],
            max_undefined=unwatched(CONFIG.scoring.max_undefined),
        ),
        listing=import_fingerprint(CONFIG.scores.import_),
        code=code_fingerprint("data.imported"),
