# tables and figures of every analysis -> the page of the paper (target paper)

ON_PAGE = [one for one in analyses().values() if one.section]
ON_PAGE += [analyses()["fr_iqa"]] if REFERENCE_SCORERS else []
PAPER = [path for one in ON_PAGE for path in below_results(one.everything(SCOPE))]


use rule command as paper_page with:
    input:
        "<results>/manifest.parquet",
        "<results>/classes.csv",
        "<results>/scorers.csv",
        "<results>/groups.parquet",
        POOLED,
        PAPER,
        templates("paper.html.j2"),
        reference="resources/published_tables.csv",
    output:
        report("<results>/paper.html", caption="../report/paper.rst", category="Report"),
    pathvars:
        job="paper_page",
    params:
        **job("paper-page", reference=file("reference")),
        code=code_fingerprint(
            "report.paper_page",
            *(one.module(part) for one in ON_PAGE for part in one.on_page_from()),
        ),
