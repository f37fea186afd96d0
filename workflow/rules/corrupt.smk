# manifest.parquet -> conditions/<corruption>/<severity>.tar and its index

for corruption, severities in generated_severities().items():

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
            tar=update(
                expand("<results>/conditions/{c}/{s}.tar", c=corruption, s=severities)
            ),
            index=update(
                expand(
                    "<results>/conditions/{c}/{s}.index.parquet",
                    c=corruption,
                    s=severities,
                )
            ),
        log:
            f"<logs>/corrupt/{corruption}.log",
        benchmark:
            f"<benchmarks>/corrupt/{corruption}.tsv"
        conda:
            CPU_ENV
        threads: CONFIG.conditions.threads
        resources:
            # measured: 270 MB a process, 0.03 s a picture and severity
            mem_mb=grow(500 * (1 + CONFIG.conditions.threads)),
            runtime=grow(30, 5),
        params:
            **job(
                "corrupt",
                results=results_root,
                conditions=[f"{corruption}/{severity}" for severity in severities],
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
            expand("<results>/conditions/{c}.index.parquet", c=conditions),
        log:
            f"<logs>/index/{archive.stem}.log",
        benchmark:
            f"<benchmarks>/index/{archive.stem}.tsv"
        conda:
            CPU_ENV
        resources:
            mem_mb=grow(800, 60),
            runtime=grow(240),  # of archives of 50 GB the MD5 is taken
        params:
            **job(
                "index",
                results=results_root,
                source=str(archive),
                conditions=[str(condition) for condition in conditions],
                verify=CONFIG.conditions.verify,
            ),
            stamp=stamp(archive),
            code=code_fingerprint("pictures.imagenet_c"),
        shell:
            CALL
