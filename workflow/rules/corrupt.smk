# manifest.parquet -> conditions/<corruption>/<severity>.tar and its index

for corruption, conditions in EXPERIMENT.made().items():

    rule:
        name:
            f"corrupt_{corruption}"
        input:
            manifest="<results>/manifest.parquet",
            classes="<results>/classes.csv",
            frost=[f"<packages>/{file}" for file in FROST if corruption == "frost"],
            damaged=damage_records(f"conditions/{corruption}"),
        output:
            # update(): what is up to date stays; a new severity is made beside it
            update(below_results(EXPERIMENT.condition_files(conditions))),
        log:
            f"<logs>/corrupt/{corruption}.log",
        benchmark:
            f"<benchmarks>/corrupt/{corruption}.tsv"
        conda:
            CPU_ENV
        threads: CONFIG.conditions.threads
        resources:
            **AMOUNTS.corruption(CONFIG.conditions.threads),
        params:
            **job(
                "corrupt",
                conditions=unwatched(named(conditions)),
                seed=CONFIG.conditions.seed,
                packages=packages_root,
                workers=threads_of,
            ),
            code=code_fingerprint("corruptions.variants"),
        shell:
            CALL


for archive, conditions in PUBLISHED.items():

    rule:
        name:
            f"index_{archive.stem}"
        input:
            manifest="<results>/manifest.parquet",
            classes="<results>/classes.csv",
            damaged=damage_records(
                *sorted({f"conditions/{c.corruption}" for c in conditions})
            ),
        output:
            below_results(EXPERIMENT.condition_files(conditions)),
        log:
            f"<logs>/index/{archive.stem}.log",
        benchmark:
            f"<benchmarks>/index/{archive.stem}.tsv"
        conda:
            CPU_ENV
        resources:
            mem_mb=AMOUNTS.grow(800, 60),
            runtime=AMOUNTS.grow(240),  # the MD5 of an archive of 20 GB is taken
        params:
            **job(
                "index",
                source=str(archive),
                conditions=unwatched(named(conditions)),
                verify=CONFIG.conditions.verify,
            ),
            stamp=stamp(archive),
            code=code_fingerprint("pictures.imagenet_c"),
        shell:
            CALL
