# conditions -> scores/<scorer>/<corruption>/<severity>.parquet; scorers.csv

for job, conditions in CONFIG.scoring_jobs().items():

    rule:
        name:
            f"score_{job}"
        input:
            manifest="<results>/manifest.parquet",
            classes="<results>/classes.csv",
            conditions=condition_files(conditions),
            reference=lambda wildcards: (
                condition_files(["clean/0"])
                if wildcards.scorer in REFERENCE_SCORERS
                else []
            ),
            packages=lambda wildcards: expand(
                "<packages>/{file}",
                file=fetched(
                    registry.entry_of(CONFIG.scorers[wildcards.scorer]).files
                ),
            ),
        output:
            # update(): scores that are up to date stay; a new condition is scored beside them
            update(
                expand(
                    "<results>/scores/{{scorer}}/{condition}.parquet",
                    condition=conditions,
                )
            ),
        log:
            f"<logs>/score/{{scorer}}/{job}.log",
        benchmark:
            f"<benchmarks>/score/{{scorer}}/{job}.tsv"
        conda:
            "../../envs/cpu.yaml"
        threads: CONFIG.scoring.threads
        resources:
            gpu=1 if resolve_device(CONFIG.scoring.device) == "cuda" else 0,
            batch_size=CONFIG.scoring.batch_size,
            mem_mb=4000,
            runtime=720,
        params:
            results=results_root,
            packages=packages_root,
            spec=lambda wildcards: CONFIG.scorers[wildcards.scorer].model_dump_json(),
            device=CONFIG.scoring.device,
            precision=CONFIG.scoring.precision,
            code=lambda wildcards: code_fingerprint(
                *registry.modules_of(CONFIG.scorers[wildcards.scorer])
            ),
        shell:
            "python -m causal_iqa score {params.results} {wildcards.scorer} {output} "
            "--spec {params.spec:q} --device {params.device} --precision {params.precision} "
            "--batch-size {resources.batch_size} --threads {threads} --packages {params.packages} "
            "> {log} 2>&1"


rule scorers:
    output:
        "<results>/scorers.csv",
    log:
        "<logs>/scorers.log",
    benchmark:
        "<benchmarks>/scorers.tsv"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        results=results_root,
        scorers=json.dumps(
            {name: scorer.model_dump() for name, scorer in CONFIG.scorers.items()}
        ),
        code=code_fingerprint("scorers.registry"),
    shell:
        "python -m causal_iqa scorers {params.results} --scorers {params.scorers:q} > {log} 2>&1"
