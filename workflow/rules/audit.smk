# the user's own pictures -> audit/<set>/{listing, scores/, estimates, pictures} -> card and exports


rule audit_listing:
    output:
        # update(): what was read and has not changed is not read again
        out=update("<results>/audit/{set}/listing.parquet"),
        skipped="<results>/audit/{set}/skipped.csv",
    log:
        "<logs>/audit/{set}/listing.log",
    benchmark:
        "<benchmarks>/audit/{set}/listing.tsv"
    conda:
        CPU_ENV
    threads: 4
    resources:
        **AMOUNTS.light(),  # measured: 140 MB and 13 s for 10,000 pictures
    params:
        **command(
            "audit-listing",
            pictures=lambda wildcards: AUDITED[wildcards.set],
            out=file("out"),
            skipped_out=file("skipped"),
            threads=threads_of,
        ),
        stamp=lambda wildcards: listing_stamp(AUDITED[wildcards.set]),
        code=code_fingerprint("audit.pictures.inventory"),
    shell:
        CALL_AND_SAY


use rule network as audit_score with:
    input:
        **SCORER_FILES,
        listing="<results>/audit/{set}/listing.parquet",
        manifest="<results>/manifest.parquet",
        classes="<results>/classes.csv",
        damaged=lambda wildcards: damage_records(f"audit/{wildcards.set}/scores"),
    output:
        # update(): the scores of pictures that were scored stay
        update("<results>/audit/{set}/scores/{scorer}.parquet"),
    pathvars:
        job="audit/{set}/scores/{scorer}",
    params:
        **job(
            "audit-score",
            set=wildcard("set"),
            scorer=wildcard("scorer"),
            softmax=lambda wildcards: wildcards.scorer in WHOLE_SOFTMAX,
            **SCORER_OPTIONS,
        ),
        how=scoring_watched("device", "precision", "compile"),
        code=code_of_scorer("audit.scoring"),


# What the card of a set, and of the one that it is compared with, is made from.
SAID_OF_SET = ["listing.parquet", "skipped.csv", "estimates.csv", "pictures.parquet"]


use rule command as audit_estimates with:
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
    pathvars:
        job="audit/{set}/estimates",
    resources:
        **AMOUNTS.every_score(),
    params:
        **job(
            "audit-estimates",
            set=wildcard("set"),
            conditions=CONDITIONS,
            seed=CONFIG.analysis.seed,
        ),
        code=code_fingerprint("audit.estimates"),


use rule command as audit_card with:
    input:
        "<results>/manifest.parquet",
        "<results>/classes.csv",
        "<results>/scorers.csv",
        "<results>/tables/estimators.csv",
        PANEL,
        lambda wildcards: expand(
            "<results>/audit/{set}/{file}",
            set=[wildcards.set, *against(wildcards)],
            file=SAID_OF_SET,
        ),
        templates("card.html.j2", CARD_TEMPLATES),
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
    pathvars:
        job="audit/{set}/card",
    resources:
        **AMOUNTS.every_score(),
    params:
        **job(
            "audit-card",
            set=wildcard("set"),
            source=lambda wildcards: AUDITED[wildcards.set],
            conditions=CONDITIONS,
            classes=file("classes"),
            against=lambda wildcards: next(iter(against(wildcards)), None),
        ),
        code=code_fingerprint("audit.card.card", "audit.card.exports"),
