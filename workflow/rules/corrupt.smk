# manifest.parquet -> conditions/<corruption>/<severity>.tar and its index

for corruption, severities in CONFIG.severities_of().items():

    rule:
        name:
            f"corrupt_{corruption}"
        input:
            manifest="<results>/manifest.parquet",
            classes="<results>/classes.csv",
            frost=[f"<packages>/{file}" for file in FROST if corruption == "frost"],
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
            mem_mb=2000,
            runtime=480,
        params:
            results=results_root,
            packages=packages_root,
            seed=CONFIG.conditions.seed,
            code=code_fingerprint("corruptions.variants"),
        shell:
            "python -m causal_iqa corrupt {params.results} {output.tar} --seed {params.seed} "
            "--packages {params.packages} --workers {threads} > {log} 2>&1"
