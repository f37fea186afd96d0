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
            "../../envs/cpu.yaml"
        threads: CONFIG.conditions.threads
        resources:
            mem_mb=grow(2000),
            runtime=grow(480),
        params:
            results=results_root,
            packages=packages_root,
            seed=CONFIG.conditions.seed,
            code=code_fingerprint("corruptions.variants"),
        shell:
            "python -m causal_iqa corrupt {params.results} {output.tar} --seed {params.seed} "
            "--packages {params.packages} --workers {threads} > {log} 2>&1"


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
            "../../envs/cpu.yaml"
        resources:
            mem_mb=grow(4000),
            runtime=grow(240),
        params:
            results=results_root,
            archive=str(archive),
            stamp=stamp(archive),
            verify="--verify" if CONFIG.conditions.verify else "",
            code=code_fingerprint("pictures.imagenet_c"),
        shell:
            "python -m causal_iqa index {params.results} {params.archive:q} {output} "
            "{params.verify} > {log} 2>&1"
