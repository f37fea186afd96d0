# conditions -> scores/<scorer>/<corruption>/<severity>.parquet; scorers.csv


localrules:
    plan,
    scorers,


# A task network whose whole softmax is kept has files of its own, hence a rule of its own.
for (part, conditions), (suffix, members, kept) in product(
    CONFIG.scoring_jobs().items(), SCORER_PARTS
):

    rule:
        name:
            f"score_{part}{suffix}"
        input:
            **SCORER_FILES,
            manifest="<results>/manifest.parquet",
            classes="<results>/classes.csv",
            conditions=below_results(EXPERIMENT.condition_files(conditions)),
            reference=lambda wildcards: (
                below_results(EXPERIMENT.condition_files([Condition(CLEAN, 0)]))
                if wildcards.scorer in REFERENCE_SCORERS
                else []
            ),
            damaged=lambda wildcards: damage_records(f"scores/{wildcards.scorer}"),
        output:
            # update(): scores that are up to date stay; a new condition is scored beside them
            scores=update(parquets(SCORED, conditions)),
            softmax=update(parquets(KEPT, conditions if kept else [])),
        log:
            f"<logs>/{SCORED}/{part}.log",
        benchmark:
            f"<benchmarks>/{SCORED}/{part}.tsv"
        wildcard_constraints:
            scorer="|".join(map(re.escape, members)),
        conda:
            NETWORKS_ENV
        threads: CONFIG.scoring.threads
        resources:
            **AMOUNTS.network(len(conditions) / TOTAL),
        params:
            **job(
                "score",
                scorer=wildcard("scorer"),
                conditions=unwatched(named(conditions)),
                seed=CONFIG.conditions.seed,
                shard=lambda wildcards: wildcards.get("shard"),
                softmax=kept,
                **SCORER_OPTIONS,
            ),
            how=scoring_watched("device", "precision", "compile"),
            code=code_of_scorer(),
        shell:
            CALL

    if SHARDED:

        rule:
            name:
                f"merge_{part}{suffix}"
            input:
                manifest="<results>/manifest.parquet",
                pieces=expand(
                    "<results>/{part}/{{scorer}}/{shard}/{condition}.parquet",
                    part=["shards", "shards_softmax"] if kept else ["shards"],
                    shard=SHARDS,
                    condition=conditions,
                ),
                damaged=lambda wildcards: damage_records(f"scores/{wildcards.scorer}"),
            output:
                scores=update(parquets("scores/{scorer}", conditions)),
                softmax=update(parquets("softmax/{scorer}", conditions if kept else [])),
            log:
                f"<logs>/scores/{{scorer}}/merge_{part}.log",
            benchmark:
                f"<benchmarks>/scores/{{scorer}}/merge_{part}.tsv"
            wildcard_constraints:
                scorer="|".join(map(re.escape, members)),
            conda:
                CPU_ENV
            resources:
                **AMOUNTS.every_score(),
            params:
                **job(
                    "merge",
                    scorer=wildcard("scorer"),
                    spec=spec,
                    conditions=unwatched(named(conditions)),
                    total=TOTAL,
                    softmax=kept,
                    max_undefined=unwatched(CONFIG.scoring.max_undefined),
                ),
                code=code_fingerprint("scorers.jobs:merge"),
            shell:
                CALL


use rule command as scorers with:
    output:
        "<results>/scorers.csv",
    pathvars:
        job="scorers",
    params:
        **job(
            "scorers",
            scorers=CONFIG.model_dump(mode="json")["scorers"],
        ),
        code=code_fingerprint("scorers.registry"),


rule plan:
    input:
        [file for scorer in CONFIG.scorers for file in packaged_files(scorer)],
        [f"<packages>/{file}" for file in FROST if "frost" in EXPERIMENT.made()],
    log:
        "<logs>/plan.log",
    conda:
        NETWORKS_ENV
    threads: CONFIG.scoring.threads
    resources:
        gpu=int(ON_GPU),
    params:
        **command(
            "plan",
            config=CONFIG.model_dump(mode="json", by_alias=True),
            packages=packages_root,
        ),
    shell:
        "{params.call} 2> {log}"
