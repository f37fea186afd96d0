# pictures -> manifest.parquet, classes.csv; skipped.csv


# What needs the network, or takes a second, runs where Snakemake runs.
localrules:
    imagenette,
    skipped,


rule imagenette:
    output:
        str(imagenette.TAR),
    log:
        "<logs>/imagenette.log",
    benchmark:
        "<benchmarks>/imagenette.tsv"
    retries: 2
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=grow(500),
        runtime=grow(60),
    params:
        archive=(
            f"--archive {shlex.quote(str(CONFIG.pictures.path))}"
            if CONFIG.pictures.path
            else ""
        ),
    shell:
        "python -m causal_iqa imagenette {output} {params.archive} > {log} 2>&1"


rule manifest:
    input:
        imagenette.tar_of(CONFIG.pictures),
        damaged=damage_records("."),
    output:
        manifest="<results>/manifest.parquet",
        classes="<results>/classes.csv",
    log:
        "<logs>/manifest.log",
    benchmark:
        "<benchmarks>/manifest.tsv"
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=grow(1000),
        runtime=grow(60),
    params:
        results=results_root,
        pictures=CONFIG.pictures.model_dump_json(),
        listing=LISTING.pictures,
        code=code_fingerprint("pictures.manifest"),
    shell:
        "python -m causal_iqa manifest {params.results} --pictures {params.pictures:q} > {log} 2>&1"


rule skipped:
    input:
        imagenette.tar_of(CONFIG.pictures),
    output:
        "<results>/skipped.csv",
    log:
        "<logs>/skipped.log",
    benchmark:
        "<benchmarks>/skipped.tsv"
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=grow(1000),
        runtime=grow(60),
    params:
        results=results_root,
        pictures=CONFIG.pictures.model_dump_json(),
        listing=LISTING.skipped,
        code=code_fingerprint("pictures.sources"),
    shell:
        "python -m causal_iqa skipped {params.results} --pictures {params.pictures:q} "
        "2>&1 | tee {log}"
