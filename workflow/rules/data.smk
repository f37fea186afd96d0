# pictures -> manifest.parquet, classes.csv; skipped.csv


localrules:
    imagenette,
    skipped,


use rule command as imagenette with:
    output:
        tar=str(imagenette.TAR),
    pathvars:
        job="imagenette",
    retries: 2
    params:
        **command("imagenette", archive=PICTURES_SECTION["path"], tar=file("tar")),


use rule command as manifest with:
    input:
        imagenette.tar_of(CONFIG.pictures),
        damaged=damage_records("."),
    output:
        manifest="<results>/manifest.parquet",
        classes="<results>/classes.csv",
    pathvars:
        job="manifest",
    params:
        **job("manifest", pictures=PICTURES_SECTION),
        listing=LISTING.pictures,
        code=code_fingerprint("pictures.manifest"),


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
        CPU_ENV
    params:
        **job("skipped", pictures=PICTURES_SECTION),
        listing=LISTING.skipped,
        code=code_fingerprint("pictures.sources"),
    shell:
        CALL_AND_SAY
