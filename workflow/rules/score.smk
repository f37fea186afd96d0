# conditions -> scores/<scorer>/<corruption>/<severity>.parquet; scorers.csv


# What needs the network, or takes a second, runs where Snakemake runs.
localrules:
    plan,
    scorers,


# A task network whose whole softmax is kept has files of its own, hence a rule of its own.
for (job, conditions), (suffix, members, kept) in product(
    CONFIG.scoring_jobs().items(), SCORER_PARTS
):

    rule:
        name:
            f"score_{job}{suffix}"
        input:
            manifest="<results>/manifest.parquet",
            classes="<results>/classes.csv",
            conditions=condition_files(conditions),
            reference=lambda wildcards: (
                condition_files(["clean/0"])
                if wildcards.scorer in REFERENCE_SCORERS
                else []
            ),
            packages=lambda wildcards: packaged_files(wildcards.scorer),
            own=lambda wildcards: entry(wildcards.scorer).user_files,
            record=lambda wildcards: weights_record(wildcards.scorer),
            texts=lambda wildcards: texts_file(wildcards.scorer),
            damaged=lambda wildcards: damage_records(f"scores/{wildcards.scorer}"),
        output:
            # update(): scores that are up to date stay; a new condition is scored beside them
            scores=update(
                [f"<results>/{SCORED}/{condition}.parquet" for condition in conditions]
            ),
            softmax=update(
                [
                    f"<results>/{KEPT}/{condition}.parquet"
                    for condition in conditions
                    if kept
                ]
            ),
        log:
            f"<logs>/{SCORED}/{job}.log",
        benchmark:
            f"<benchmarks>/{SCORED}/{job}.tsv"
        wildcard_constraints:
            scorer="|".join(map(re.escape, members)),
        conda:
            NETWORKS_ENV
        threads: CONFIG.scoring.threads
        resources:
            gpu=int(ON_GPU),
            batch_size=CONFIG.scoring.batch_size,
            max_undefined=MAX_UNDEFINED,
            mem_mb=grow_with_weights(4000),
            runtime=grow(720),
        params:
            results=results_root,
            packages=packages_root,
            spec=lambda wildcards: CONFIG.scorers[wildcards.scorer].model_dump_json(),
            seed=CONFIG.conditions.seed,
            device=CONFIG.scoring.device,
            precision=CONFIG.scoring.precision,
            compile="--compile" if CONFIG.scoring.compile else "",
            weights=CONFIG.weights.folder,
            record=lambda wildcards, input: flag("--record", input.record),
            texts=lambda wildcards, input: flag("--texts", input.texts),
            shard=lambda wildcards: flag("--shard", wildcards.get("shard")),
            softmax="--softmax" if kept else "",
            code=lambda wildcards: code_fingerprint(
                *registry.modules_of(CONFIG.scorers[wildcards.scorer])
            ),
        shell:
            "python -m causal_iqa score {params.results} {wildcards.scorer} {output.scores} "
            "--spec {params.spec:q} --seed {params.seed} --device {params.device} "
            "--precision {params.precision} {params.compile} --batch-size {resources.batch_size} "
            "--threads {threads} --packages {params.packages} "
            "--weights {params.weights:q} {params.record} {params.texts} {params.shard} "
            "{params.softmax} --max-undefined {resources.max_undefined} > {log} 2>&1"

    if SHARDED:

        rule:
            name:
                f"merge_{job}{suffix}"
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
                scores=update(
                    expand(
                        "<results>/scores/{{scorer}}/{condition}.parquet",
                        condition=conditions,
                    )
                ),
                softmax=update(
                    expand(
                        "<results>/softmax/{{scorer}}/{condition}.parquet",
                        condition=conditions if kept else [],
                    )
                ),
            log:
                f"<logs>/scores/{{scorer}}/merge_{job}.log",
            benchmark:
                f"<benchmarks>/scores/{{scorer}}/merge_{job}.tsv"
            wildcard_constraints:
                scorer="|".join(map(re.escape, members)),
            conda:
                "../../envs/cpu.yaml"
            resources:
                max_undefined=MAX_UNDEFINED,
                mem_mb=grow(2000),
                runtime=grow(60),
            params:
                results=results_root,
                spec=lambda wildcards: CONFIG.scorers[
                    wildcards.scorer
                ].model_dump_json(),
                shards=CONFIG.scoring.shards,
                softmax="--softmax" if kept else "",
            shell:
                "python -m causal_iqa merge {params.results} {wildcards.scorer} {output.scores} "
                "--spec {params.spec:q} --shards {params.shards} {params.softmax} "
                "--max-undefined {resources.max_undefined} > {log} 2>&1"


rule scorers:
    output:
        "<results>/scorers.csv",
    log:
        "<logs>/scorers.log",
    benchmark:
        "<benchmarks>/scorers.tsv"
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=grow(500),
        runtime=grow(5),
    params:
        results=results_root,
        scorers=json.dumps(
            {
                name: scorer.model_dump(mode="json")
                for name, scorer in CONFIG.scorers.items()
            }
        ),
        code=code_fingerprint("scorers.registry"),
    shell:
        "python -m causal_iqa scorers {params.results} --scorers {params.scorers:q} > {log} 2>&1"


rule plan:
    input:
        [file for scorer in CONFIG.scorers for file in packaged_files(scorer)],
        [f"<packages>/{file}" for file in FROST if "frost" in generated_severities()],
    log:
        "<logs>/plan.log",
    conda:
        NETWORKS_ENV
    threads: CONFIG.scoring.threads
    resources:
        gpu=int(ON_GPU),
        mem_mb=grow(8000),
        runtime=grow(60),
    params:
        packages=packages_root,
        config=CONFIG.model_dump_json(by_alias=True),
    shell:
        "python -m causal_iqa plan --config {params.config:q} --packages {params.packages} "
        "2> {log}"
