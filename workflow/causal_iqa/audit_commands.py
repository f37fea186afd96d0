"""Subcommands of the audit: estimators, listing, scores, estimates."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from causal_iqa.core.conditions import grid
from causal_iqa.core.contract import Results
from causal_iqa.scoring_commands import add_running, add_scorer, scoring_of, spec_of

Add = Callable[..., argparse.ArgumentParser]


def audit_listing(args: argparse.Namespace) -> None:
    """read every picture of a set once"""
    from causal_iqa.audit.pictures.inventory import write_listing

    write_listing(args.pictures, args.out, args.skipped, args.threads)


def audit_score(args: argparse.Namespace) -> None:
    """score a set's pictures with one scorer"""
    from causal_iqa.audit.files import AuditFiles
    from causal_iqa.audit.scoring import score_pictures
    from causal_iqa.scorers.fetching import use_folder
    from causal_iqa.scorers.freshness import Prepared

    results: Results = args.results
    files = AuditFiles(results.audit(args.set))
    use_folder(args.weights)
    score_pictures(
        spec_of(args),
        args.scorer,
        files.listing,
        files.scores(args.scorer),
        results.classes,
        results.manifest,
        args.packages,
        scoring_of(args),
        Prepared(args.record, args.weights, args.texts),
        softmax=args.softmax,
    )


def audit_estimates(args: argparse.Namespace) -> None:
    """estimate accuracy on a set, and say what each of its pictures is like"""
    from causal_iqa.audit.estimates import write_estimates

    results: Results = args.results
    conditions = grid(args.corruptions, args.severities)
    write_estimates(results.root, args.set, conditions, args.seed, results.classes)


def audit_card(args: argparse.Namespace) -> None:
    """an audited set as one page, as JSON, and for other programs"""
    from causal_iqa.audit.card.card import write_card
    from causal_iqa.audit.card.exports import write_exports
    from causal_iqa.pictures.classes import read_names

    results: Results = args.results
    names = None if args.classes is None else read_names(args.classes)
    conditions = grid(args.corruptions, args.severities)
    write_card(results.root, args.set, conditions, args.source, names, args.against)
    write_exports(results.root, args.set)


def add_audit_commands(
    add: Add,
    add_grid: Callable[[argparse.ArgumentParser], None],
) -> None:
    """Add these subcommands to the command line."""
    sub = add(audit_listing, results=False)
    sub.add_argument("pictures", type=Path)
    sub.add_argument("out", type=Path)
    sub.add_argument("skipped", type=Path, help="CSV of the files that are passed over")
    sub.add_argument("--threads", type=int, required=True)

    sub = add(audit_score)
    sub.add_argument("set", help="name of the audited set")
    add_scorer(sub)
    add_running(sub)
    sub.add_argument("--record", type=Path, help="of the published weights that it reads")
    sub.add_argument("--texts", type=Path, help="the classes' embeddings")

    sub.add_argument("--softmax", action="store_true", help="keep a network's whole softmax")

    sub = add(audit_estimates)
    sub.add_argument("set", help="name of the audited set")
    add_grid(sub)
    sub.add_argument("--seed", type=int, required=True)

    sub = add(audit_card)
    sub.add_argument("set", help="name of the audited set")
    sub.add_argument("source", type=Path, help="where its pictures are")
    add_grid(sub)
    sub.add_argument("--classes", type=Path, help="file with a name a line for each class")
    sub.add_argument("--against", help="name of another audited set")
