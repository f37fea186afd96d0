"""The command line: one subcommand a rule. Each parses, calls one function and writes files."""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from causal_iqa.analyses.registry import Job, Look, Settings, analyses, shown_tables
from causal_iqa.audit_commands import add_audit_commands
from causal_iqa.core.columns import MANIFEST, SCORERS
from causal_iqa.core.conditions import CLEAN, Condition, grid
from causal_iqa.core.contract import Results, read_table
from causal_iqa.core.errors import UserError
from causal_iqa.core.kinds import ALL_TABLE_KINDS
from causal_iqa.core.refusals import explain
from causal_iqa.data.schema import ACCURACY, GROUPS
from causal_iqa.scoring_commands import add_max_undefined, add_scoring_commands

Command = Callable[[argparse.Namespace], None]


def import_scores(args: argparse.Namespace) -> None:
    """check scores from elsewhere and link them in"""
    from causal_iqa.data.imported import write_import

    conditions = grid(args.corruptions, args.severities)
    write_import(args.folder, args.results, conditions, args.scorers, args.max_undefined)


def splits(args: argparse.Namespace) -> None:
    """hold out pictures for the pooled analysis"""
    from causal_iqa.data.splits import write_splits

    write_splits(args.results, args.test_fraction, args.seed)


def folds(args: argparse.Namespace) -> None:
    """deal conditions and rows into the folds of the content control"""
    from causal_iqa.data.folds import write_splits_rows

    write_splits_rows(args.results, grid(args.corruptions, args.severities), args.seed)


def panel(args: argparse.Namespace) -> None:
    """join the score files of one scorer"""
    from causal_iqa.data.panel import write_panel

    conditions = grid(args.corruptions, args.severities)
    spec = None if args.spec is None else json.loads(args.spec)
    write_panel(args.results, args.scorer, conditions, spec, args.max_undefined)


def groups(args: argparse.Namespace) -> None:
    """mean accuracy and quality by condition"""
    from causal_iqa.data.condition_means import write_groups

    write_groups(args.results, grid(args.corruptions, args.severities))


def analyse(args: argparse.Namespace) -> None:
    """one job of an analysis"""
    analysis = analyses()[args.name]
    analysis.load("compute").run(_job(args))


def draw(args: argparse.Namespace) -> None:
    """the figures of an analysis"""
    analysis = analyses()[args.name]
    analysis.load("figure").draw(_job(args), Look(args.style, args.dpi))


def _job(args: argparse.Namespace) -> Job:
    return Job(args.name, args.results, Settings(json.loads(args.settings)), args.threads)


def paper_page(args: argparse.Namespace) -> None:
    """every table and figure of the paper on one page"""
    from causal_iqa.report.paper_page import write_paper_page

    write_paper_page(args.results, args.reference)


def dag_schema(args: argparse.Namespace) -> None:
    """print the JSON schema of a causal graph's file"""
    from causal_iqa.analyses.dags.graphs import Dag

    print(json.dumps(Dag.model_json_schema(), indent=2, ensure_ascii=False))


def scatter(args: argparse.Namespace) -> None:
    """accuracy against mean quality, a figure a pair of one task model"""
    from causal_iqa.report.drawing.scatter import scatter_figures
    from causal_iqa.report.reading import read_pairs

    results: Results = args.results
    scatter_figures(
        args.task_model,
        read_table(results.groups, GROUPS),
        read_table(results.scorers, SCORERS),
        read_pairs(results),
        results.figures / "scatter",
        args.style,
        args.dpi,
    )


def overview(args: argparse.Namespace) -> None:
    """AUC of every quality source at a glance; accuracy by severity and corruption"""
    from causal_iqa.report.drawing.accuracy import write_accuracy
    from causal_iqa.report.drawing.overview import write_overview
    from causal_iqa.report.reading import read_pairs

    results: Results = args.results
    facts = read_table(results.scorers, SCORERS)
    stem = results.figures / "overview"
    write_overview(read_pairs(results), facts, stem, args.style, args.dpi)
    accuracy = read_table(results.table("accuracy"), ACCURACY)
    write_accuracy(accuracy, facts, results.figures, args.style, args.dpi)


def picture_grid(args: argparse.Namespace) -> None:
    """one photograph under all conditions"""
    from causal_iqa.report.drawing.grid import picture_grid as write_grid

    results: Results = args.results
    write_grid(
        results.condition(Condition(CLEAN, 0)).parents[1],
        _first_picture(results),
        args.corruptions,
        args.severities,
        results.figures / "grid.jpg",
    )


def render(args: argparse.Namespace) -> None:
    """a table as Markdown and LaTeX"""
    from causal_iqa.report.tables import write_renderings

    write_renderings(args.results.table(args.table))


def page(args: argparse.Namespace) -> None:
    """the report as one self-contained page"""
    from causal_iqa.core.config import read_config
    from causal_iqa.pictures.finding import read_skipped, said
    from causal_iqa.report.page import write_page
    from causal_iqa.report.sources import provenance

    config = read_config(json.loads(args.config))
    imported = config.scores.import_ is not None
    write_page(
        args.results,
        provenance(config),
        _first_picture(args.results) if args.grid else None,
        "" if imported else said(read_skipped(args.results.skipped)),
    )


def _first_picture(results: Results) -> str:
    """The id of the picture in the grid."""
    first: str = read_table(results.manifest, MANIFEST)["image_id"][0]
    return first


def schema(args: argparse.Namespace) -> None:
    """print the configuration's JSON schema"""
    from causal_iqa.core.config import Config

    print(json.dumps(Config.model_json_schema(), indent=2))


def check(args: argparse.Namespace) -> None:
    """say what is wrong with a configuration, with the line where it is no YAML"""
    from causal_iqa.core.yaml_files import read_yaml
    from causal_iqa.preflight import preflight

    raw = read_yaml(args.file)
    if not isinstance(raw, dict):
        raise UserError(f"{args.file} needs keys and their values, as  experiment: mine")
    preflight(raw)
    print(f"{args.file}: no fault was found")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m causal_iqa", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(command: Command, *, results: bool = True) -> argparse.ArgumentParser:
        sub = commands.add_parser(command.__name__.replace("_", "-"), help=command.__doc__)
        sub.set_defaults(command=command)
        if results:
            sub.add_argument("results", type=lambda text: Results(Path(text)))
        return sub

    def add_grid(sub: argparse.ArgumentParser) -> None:
        sub.add_argument("--corruptions", nargs="+", required=True)
        sub.add_argument("--severities", nargs="+", type=int, required=True)

    add_scoring_commands(add)

    sub = add(import_scores)
    sub.add_argument("folder", type=Path)
    add_grid(sub)
    sub.add_argument("--scorers", nargs="+", required=True, help="that are taken")
    add_max_undefined(sub)

    sub = add(splits)
    sub.add_argument("--test-fraction", type=float, required=True)
    sub.add_argument("--seed", type=int, required=True)

    sub = add(panel)
    sub.add_argument("scorer")
    sub.add_argument("--spec", help="JSON, as in the configuration; none of imported scores")
    add_grid(sub)
    add_max_undefined(sub)

    add_grid(add(groups))

    for command in (analyse, draw):
        sub = add(command)
        sub.add_argument("name", choices=analyses())
        sub.add_argument("--settings", required=True, help="JSON: keys of the configuration")
        sub.add_argument("--threads", type=int, default=1)

    def add_look(sub: argparse.ArgumentParser) -> None:
        sub.add_argument("--style", required=True, help="a seaborn style")
        sub.add_argument("--dpi", type=int, required=True)

    add_look(sub)

    sub = add(scatter)
    sub.add_argument("task_model")
    add_look(sub)

    add_look(add(overview))

    sub = add(picture_grid)
    add_grid(sub)

    add(render).add_argument("table", choices=[*ALL_TABLE_KINDS, "accuracy", *shown_tables()])

    sub = add(page)
    sub.add_argument("--config", required=True, help="JSON")
    sub.add_argument("--grid", action="store_true", help="there is a grid of one picture")

    add(schema, results=False)
    add(check, results=False).add_argument("file", type=Path, help="as given to --configfile")
    add(dag_schema, results=False)
    add(paper_page).add_argument("--reference", type=Path, required=True)
    sub = add(folds)
    add_grid(sub)
    sub.add_argument("--seed", type=int, required=True)
    add_audit_commands(add, add_grid)
    return parser


def _work(args: argparse.Namespace) -> object:
    """What a command works on: an experiment's results, or its first argument."""
    results = getattr(args, "results", None)
    return results.root if results is not None else args.command.__name__


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. A UserError is printed as one message, without a traceback; so is what the
    system refused (``refusals``).

    SIGTERM, which a cluster sends at a time limit, ends it as an exception does: what is being
    written under a temporary name is taken away.
    """
    args = _parser().parse_args(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        args.command(args)
        sys.stdout.flush()
    except Exception as error:
        said = str(error) if isinstance(error, UserError) else explain(error, _work(args))
        if said is None:
            raise
        with contextlib.suppress(OSError):  # the log's own disk may be the full one
            print(f"error: {said}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
