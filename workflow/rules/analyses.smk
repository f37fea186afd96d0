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
                "../../envs/cpu.yaml"
            threads: analysis.threads
            resources:
                mem_mb=grow(analysis.memory),
                runtime=grow(analysis.minutes),
            params:
                results=results_root,
                name=analysis.name,
                settings=json.dumps(analysis.settings_of(CONFIG)),
                code=code_fingerprint(analysis.module("compute")),
            shell:
                "python -m causal_iqa analyse {params.results} {params.name} "
                "--settings {params.settings:q} --threads {threads} > {log} 2>&1"

    if analysis.draws(SCOPE):

        rule:
            name:
                f"draw_{analysis.name}"
            input:
                analysis.resources(SCOPE),
                "<results>/scorers.csv",
                below_results([*analysis.makes, *analysis.draws_from(SCOPE)]),
            output:
                figures(analysis),
            log:
                f"<logs>/draw_{analysis.name}.log",
            benchmark:
                f"<benchmarks>/draw_{analysis.name}.tsv"
            conda:
                "../../envs/cpu.yaml"
            resources:
                mem_mb=grow(2000),
                runtime=grow(60),
            params:
                results=results_root,
                name=analysis.name,
                settings=json.dumps(analysis.settings_of(CONFIG)),
                style=CONFIG.figures.style,
                dpi=CONFIG.figures.dpi,
                code=code_fingerprint(analysis.module("figure")),
            shell:
                "python -m causal_iqa draw {params.results} {params.name} "
                "--settings {params.settings:q} --style {params.style} --dpi {params.dpi} "
                "> {log} 2>&1"

    # everything of an analysis, by its name
    rule:
        name:
            analysis.name
        input:
            all_of(analysis),
