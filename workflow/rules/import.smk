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


# A target of experiments that score; here it says why there is nothing for it to say.
rule plan:
    input:
        lambda wildcards: sys.exit(
            f"error: plan: scores.import is {CONFIG.scores.import_}, so that no condition is made and "
            "nothing is scored: there is nothing to plan. snakemake --dry-run lists the jobs; to plan an "
            "experiment that scores, leave scores.import out."
        ),
