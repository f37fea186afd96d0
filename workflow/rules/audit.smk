# the user's own pictures -> audit/<set>/{listing, scores/, estimates, pictures} -> card and exports


rule audit_listing:
    output:
        # update(): what was read and has not changed is not read again
        update("<results>/audit/{set}/listing.parquet"),
        "<results>/audit/{set}/skipped.csv",
    log:
        "<logs>/audit/{set}/listing.log",
    benchmark:
        "<benchmarks>/audit/{set}/listing.tsv"
    conda:
        "../../envs/cpu.yaml"
    threads: 4
    resources:
        mem_mb=grow(4000),
        runtime=grow(120),
    params:
        pictures=lambda wildcards: AUDITED[wildcards.set],
        stamp=lambda wildcards: listing_stamp(AUDITED[wildcards.set]),
        code=code_fingerprint("audit.pictures.inventory"),
    shell:
        "python -m causal_iqa audit-listing {params.pictures:q} {output} --threads {threads} "
        "2>&1 | tee {log}"


rule audit_score:
    input:
        listing="<results>/audit/{set}/listing.parquet",
        manifest="<results>/manifest.parquet",
        classes="<results>/classes.csv",
        packages=lambda wildcards: packaged_files(wildcards.scorer),
        own=lambda wildcards: entry(wildcards.scorer).user_files,
        record=lambda wildcards: weights_record(wildcards.scorer),
        texts=lambda wildcards: texts_file(wildcards.scorer),
        damaged=lambda wildcards: damage_records(f"audit/{wildcards.set}/scores"),
    output:
        # update(): the scores of pictures that were scored stay
        update("<results>/audit/{set}/scores/{scorer}.parquet"),
    log:
        "<logs>/audit/{set}/scores/{scorer}.log",
    benchmark:
        "<benchmarks>/audit/{set}/scores/{scorer}.tsv"
    conda:
        NETWORKS_ENV
    threads: CONFIG.scoring.threads
    resources:
        gpu=int(ON_GPU),
        batch_size=CONFIG.scoring.batch_size,
        mem_mb=grow_with_weights(4000),
        runtime=grow(720),
    params:
        results=results_root,
        packages=packages_root,
        spec=lambda wildcards: CONFIG.scorers[wildcards.scorer].model_dump_json(),
        device=CONFIG.scoring.device,
        precision=CONFIG.scoring.precision,
        compile="--compile" if CONFIG.scoring.compile else "",
        softmax=lambda wildcards: (
            "--softmax" if wildcards.scorer in WHOLE_SOFTMAX else ""
        ),
        weights=CONFIG.weights.folder,
        record=lambda wildcards, input: flag("--record", input.record),
        texts=lambda wildcards, input: flag("--texts", input.texts),
        code=lambda wildcards: code_fingerprint(
            "audit.scoring", *registry.modules_of(CONFIG.scorers[wildcards.scorer])
        ),
    shell:
        "python -m causal_iqa audit-score {params.results} {wildcards.set} {wildcards.scorer} "
        "--spec {params.spec:q} --device {params.device} --precision {params.precision} "
        "{params.compile} --batch-size {resources.batch_size} --threads {threads} "
        "--packages {params.packages} --weights {params.weights:q} {params.record} "
        "{params.texts} {params.softmax} > {log} 2>&1"


rule audit_estimates:
    input:
        "<results>/manifest.parquet",
        "<results>/classes.csv",
        "<results>/scorers.csv",
        "<results>/tables/estimators.csv",
        "<results>/audit/{set}/listing.parquet",
        PANEL,
        SOFTMAX,
        expand("<results>/audit/{{set}}/scores/{scorer}.parquet", scorer=SOURCES),
    output:
        "<results>/audit/{set}/estimates.csv",
        "<results>/audit/{set}/pictures.parquet",
    log:
        "<logs>/audit/{set}/estimates.log",
    benchmark:
        "<benchmarks>/audit/{set}/estimates.tsv"
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=grow(8000),
        runtime=grow(120),
    params:
        results=results_root,
        corruptions=CONFIG.conditions.corruptions,
        severities=CONFIG.conditions.severities,
        seed=CONFIG.analysis.seed,
        code=code_fingerprint("audit.estimates"),
    shell:
        "python -m causal_iqa audit-estimates {params.results} {wildcards.set} "
        "--corruptions {params.corruptions} --severities {params.severities} "
        "--seed {params.seed} > {log} 2>&1"


rule audit_card:
    input:
        "<results>/manifest.parquet",
        "<results>/classes.csv",
        "<results>/scorers.csv",
        "<results>/tables/estimators.csv",
        PANEL,
        lambda wildcards: expand(
            "<results>/audit/{set}/{file}",
            set=[wildcards.set, *against(wildcards)],
            file=[
                "listing.parquet",
                "skipped.csv",
                "estimates.csv",
                "pictures.parquet",
            ],
        ),
        "workflow/causal_iqa/audit/card/templates/card.html.j2",
        "workflow/causal_iqa/report/templates/report.css",
        classes=CONFIG.audit.classes or [] if CONFIG.audit else [],
    output:
        report(
            "<results>/audit/{set}/card.html",
            caption="../report/audit.rst",
            category="Audit",
            labels={"set": "{set}"},
        ),
        expand(
            "<results>/audit/{{set}}/{file}",
            file=["card.json", "pictures.csv", "fiftyone.json", "croissant.json"],
        ),
    log:
        "<logs>/audit/{set}/card.log",
    benchmark:
        "<benchmarks>/audit/{set}/card.tsv"
    conda:
        "../../envs/cpu.yaml"
    resources:
        mem_mb=grow(4000),
        runtime=grow(60),
    params:
        results=results_root,
        source=lambda wildcards: AUDITED[wildcards.set],
        corruptions=CONFIG.conditions.corruptions,
        severities=CONFIG.conditions.severities,
        classes=lambda wildcards, input: flag("--classes", input.classes),
        against=lambda wildcards: flag("--against", " ".join(against(wildcards))),
        code=code_fingerprint("audit.card.card", "audit.card.exports"),
    shell:
        "python -m causal_iqa audit-card {params.results} {wildcards.set} {params.source:q} "
        "--corruptions {params.corruptions} --severities {params.severities} {params.classes} "
        "{params.against} > {log} 2>&1"
