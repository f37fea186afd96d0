"""Subcommands of the paper's further experiments: content, mixtures, causal graphs, scorecard."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from causal_iqa.core.conditions import Condition, grid
from causal_iqa.core.contract import Results, read_table
from causal_iqa.core.schemas import (
    ACCURACY_BEYOND,
    ALL_TABLE_KINDS,
    CONTENT,
    DESIDERATA,
    MIXTURE_AUC,
    MIXTURE_DENSITY,
    SCORERS,
)

Add = Callable[..., argparse.ArgumentParser]


def _grid(args: argparse.Namespace) -> list[Condition]:
    return grid(args.corruptions, args.severities)


def _tables(results: Results) -> list[str]:
    """The pooled tables there are: one a kind of scorer."""
    kinds = set(read_table(results.scorers, SCORERS)["kind"])
    return [table for table, kind in ALL_TABLE_KINDS.items() if kind in kinds]


def folds(args: argparse.Namespace) -> None:
    """deal conditions and rows into the folds of the content control"""
    from causal_iqa.data.folds import write_splits_rows

    write_splits_rows(args.results, _grid(args), args.seed)


def labels(args: argparse.Namespace) -> None:
    """predictability within each label"""
    from causal_iqa.analyses.labels.compute import write_labels

    write_labels(args.results, _grid(args), include_clean=args.include_clean, threads=args.threads)


def content_image(args: argparse.Namespace) -> None:
    """predictability within each picture"""
    from causal_iqa.analyses.content.compute import Control, write_content_image

    control = Control(
        image_folds=args.image_folds, degenerate_folds=args.degenerate_folds, seed=args.seed
    )
    write_content_image(
        args.results, _grid(args), control, include_clean=True, threads=args.threads
    )


def content_label(args: argparse.Namespace) -> None:
    """predictability within each label, cross-validated"""
    from causal_iqa.analyses.content.compute import Control, write_content_label

    control = Control(label_folds=args.label_folds, degenerate_folds=args.degenerate_folds)
    write_content_label(
        args.results, _grid(args), control, include_clean=True, threads=args.threads
    )


def draw_mixtures(args: argparse.Namespace) -> None:
    """draw mildly corrupted variants of the data set"""
    from causal_iqa.analyses.mixtures.compute import draw_mixtures as draw

    draw(args.results, _grid(args), seeds=range(args.seeds))


def mixtures(args: argparse.Namespace) -> None:
    """predictability within each mixture, and the density of Q"""
    from causal_iqa.analyses.mixtures.compute import write_mixtures
    from causal_iqa.analyses.mixtures.density import write_mixture_density

    write_mixtures(args.results, _grid(args), threads=args.threads)
    write_mixture_density(args.results, _grid(args))


def associations(args: argparse.Namespace) -> None:
    """association of Q and M within picture, label and condition"""
    from causal_iqa.analyses.associations.compute import write_associations

    write_associations(
        args.results,
        _grid(args),
        include_clean=args.include_clean,
        seed=args.seed,
        permutations=args.permutations,
    )


def dags(args: argparse.Namespace) -> None:
    """claims of the causal graphs against d-separation, and their drawings"""
    from causal_iqa.analyses.dags.compute import write_claims
    from causal_iqa.analyses.dags.figure import write_dag_figure
    from causal_iqa.analyses.dags.graphs import read_dags

    results: Results = args.results
    write_claims([args.folder], results.table("dag_claims"))
    for dag in read_dags([args.folder]):
        write_dag_figure(dag, results.figures / "dags" / dag.id, args.style, args.dpi)


def dag_schema(args: argparse.Namespace) -> None:
    """print the JSON schema of a causal graph's file"""
    from causal_iqa.analyses.dags.graphs import Dag

    print(json.dumps(Dag.model_json_schema(), indent=2, ensure_ascii=False))


def desiderata(args: argparse.Namespace) -> None:
    """scorecard of D1 to D4"""
    from causal_iqa.analyses.desiderata.compute import Thresholds, write_desiderata
    from causal_iqa.analyses.desiderata.figure import write_desiderata_figure

    results: Results = args.results
    thresholds = Thresholds(*args.thresholds)
    write_desiderata(
        results,
        _grid(args),
        thresholds,
        tables=_tables(results),
        seed=args.seed,
        resamples=args.resamples,
    )
    write_desiderata_figure(
        read_table(results.table("desiderata"), DESIDERATA),
        read_table(results.scorers, SCORERS),
        thresholds,
        results.figures / "desiderata",
        args.style,
        args.dpi,
    )


def published(args: argparse.Namespace) -> None:
    """our tables beside the paper's"""
    from causal_iqa.analyses.published.compute import write_published

    write_published(args.results, args.reference, args.dataset, _grid(args))


def solver_audit(args: argparse.Namespace) -> None:
    """what each solver did with each row of the pooled tables"""
    from causal_iqa.analyses.solver_audit.compute import write_solver_audit

    write_solver_audit(
        args.results,
        _grid(args),
        tables=_tables(args.results),
        include_clean=args.include_clean,
    )


def claims(args: argparse.Namespace) -> None:
    """the paper's comparative sentences, each tested"""
    from causal_iqa.analyses.claims.claim_quantities import Experiment
    from causal_iqa.analyses.claims.compute import write_claims
    from causal_iqa.analyses.content.compute import Control

    control = Control(args.image_folds, args.label_folds, args.degenerate_folds, args.seed)
    experiment = Experiment(
        args.results,
        _grid(args),
        include_clean=args.include_clean,
        control=control,
        seed=args.seed,
        resamples=args.resamples,
    )
    write_claims(experiment, args.claims, threads=args.threads)


def accuracy_beyond(args: argparse.Namespace) -> None:
    """networks ranked by accuracy beyond what quality predicts"""
    from causal_iqa.analyses.accuracy_beyond.compute import write_accuracy_beyond
    from causal_iqa.analyses.accuracy_beyond.figure import write_accuracy_beyond_figure

    results: Results = args.results
    write_accuracy_beyond(
        results,
        _grid(args),
        include_clean=args.include_clean,
        seed=args.seed,
        resamples=args.resamples,
        threads=args.threads,
    )
    write_accuracy_beyond_figure(
        read_table(results.table("accuracy_beyond"), ACCURACY_BEYOND),
        read_table(results.scorers, SCORERS),
        results.figures / "accuracy_beyond",
        args.style,
        args.dpi,
    )


def paper_figures(args: argparse.Namespace) -> None:
    """figures of the content control and of the mixtures"""
    from causal_iqa.analyses.content.figure import write_content_figures
    from causal_iqa.analyses.mixtures.figure import write_mixture_figures

    results: Results = args.results
    facts = read_table(results.scorers, SCORERS)
    tables = {
        name: read_table(results.table(name), CONTENT)
        for name in ("content_image", "content_label")
    }
    write_content_figures(tables, facts, results.figures, args.style, args.dpi)
    write_mixture_figures(
        read_table(results.table("mixtures"), MIXTURE_AUC),
        read_table(results.mixture_density, MIXTURE_DENSITY),
        facts,
        results.figures,
        args.style,
        args.dpi,
    )


def paper_scatters(args: argparse.Namespace) -> None:
    """the paper's scatter figures with the scorers at hand, and the full matrix"""
    from causal_iqa.analyses.paper_scatters.figure import write_paper_scatters
    from causal_iqa.analyses.paper_scatters.matrix import write_matrix
    from causal_iqa.report.reading import read_pairs

    results: Results = args.results
    write_paper_scatters(results, args.style, args.dpi)
    facts = read_table(results.scorers, SCORERS)
    write_matrix(read_pairs(results), facts, results.figures / "matrix", args.style, args.dpi)


def paper_page(args: argparse.Namespace) -> None:
    """every table and figure of the paper on one page"""
    from causal_iqa.report.paper_page import write_paper_page

    write_paper_page(args.results, args.reference)


def add_commands(add: Add, add_grid: Callable[..., None], add_look: Callable[..., None]) -> None:
    """Add these subcommands to the command line."""
    add(dag_schema, results=False)
    on_grid = (
        *(folds, labels, content_image, content_label, draw_mixtures, mixtures),
        *(associations, desiderata, published, solver_audit, claims, accuracy_beyond),
    )
    drawn = (dags, paper_figures, paper_scatters)
    subs = {command: add(command) for command in (*on_grid, *drawn, paper_page)}
    for command in on_grid:
        add_grid(subs[command])
    for command in (folds, content_image, associations, desiderata, claims, accuracy_beyond):
        subs[command].add_argument("--seed", type=int, required=True)
    for command in (labels, content_image, content_label, mixtures, claims, accuracy_beyond):
        subs[command].add_argument("--threads", type=int, default=1)
    for command in (labels, associations, solver_audit, claims, accuracy_beyond):
        subs[command].add_argument("--include-clean", action="store_true")
    for command in (*drawn, desiderata, accuracy_beyond):
        add_look(subs[command])
    for command in (content_image, claims):
        subs[command].add_argument("--image-folds", choices=["shared", "stratified"], required=True)
    for command in (content_label, claims):
        subs[command].add_argument("--label-folds", choices=["image", "row"], required=True)
    for command in (content_image, content_label, claims):
        subs[command].add_argument("--degenerate-folds", choices=["skip", "half"], required=True)
    for command in (desiderata, claims, accuracy_beyond):
        subs[command].add_argument("--resamples", type=int, required=True)
    subs[claims].add_argument("--claims", type=Path, required=True)
    subs[draw_mixtures].add_argument("--seeds", type=int, required=True)
    subs[associations].add_argument("--permutations", type=int, required=True)
    subs[dags].add_argument("--folder", type=Path, required=True)
    subs[desiderata].add_argument("--thresholds", nargs=4, type=float, required=True)
    for command in (published, paper_page):
        subs[command].add_argument("--reference", type=Path, required=True)
    subs[published].add_argument("--dataset", required=True)
