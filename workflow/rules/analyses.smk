# panel -> tables and figures of every analysis: a loop over the folders of causal_iqa/analyses

for analysis in analyses().values():

    if analysis.makes:

        rule:
            name:
                f"analyse_{analysis.name}"
            input:
                below_results(analysis.reads(SCOPE)),
                analysis.resources(SCOPE),
            output:
                below_results(analysis.makes),
            log:
                f"<logs>/{analysis.name}.log",
            benchmark:
                f"<benchmarks>/{analysis.name}.tsv"
            conda:
                CPU_ENV
            threads: analysis.threads
            resources:
                **AMOUNTS.every_score(),
            params:
                **job(
                    "analyse",
                    name=analysis.name,
                    settings=analysis.settings_of(CONFIG),
                    threads=threads_of,
                ),
                code=code_fingerprint(analysis.module("compute")),
            shell:
                CALL

    if analysis.draws(SCOPE):

        rule:
            name:
                f"draw_{analysis.name}"
            input:
                analysis.resources(SCOPE),
                "<results>/scorers.csv",
                below_results([*analysis.makes, *analysis.draws_from(SCOPE)]),
            output:
                below_results(analysis.figures(SCOPE)),
            log:
                f"<logs>/draw_{analysis.name}.log",
            benchmark:
                f"<benchmarks>/draw_{analysis.name}.tsv"
            conda:
                CPU_ENV
            resources:
                **AMOUNTS.light(),
            params:
                **job(
                    "draw",
                    name=analysis.name,
                    settings=analysis.settings_of(CONFIG),
                    **LOOK,
                ),
                code=code_fingerprint(analysis.module("figure")),
            shell:
                CALL

    # everything of an analysis, by its name
    rule:
        name:
            analysis.name
        input:
            below_results(analysis.everything(SCOPE)),
