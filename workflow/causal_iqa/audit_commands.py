"""Subcommands of the audit: estimators, listing, scores, estimates."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from causal_iqa.conditions import grid
from causal_iqa.contract import Results
from causal_iqa.scoring_commands import add_running, add_scorer, scoring_of, spec_of

Add = Callable[..., argparse.ArgumentParser]


def estimators(args: argparse.Namespace) -> None:
    """try every estimator of accuracy where the accuracy is known"""
    from causal_iqa.audit.calibration import write_estimators

    write_estimators(args.results.root, grid(args.corruptions, args.severities), args.seed)


def audit_listing(args: argparse.Namespace) -> None:
    """read every picture of a set once"""
    from causal_iqa.audit.inventory import write_listing

    write_listing(args.pictures, args.out, args.threads)


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
    )


def audit_estimates(args: argparse.Namespace) -> None:
    """estimate accuracy on a set, and say what each of its pictures is like"""
    from causal_iqa.audit.estimates import write_estimates

    results: Results = args.results
    conditions = grid(args.corruptions, args.severities)
    write_estimates(results.root, args.set, conditions, args.seed, results.classes)


def add_audit_commands(add: Add, add_grid: Callable[[argparse.ArgumentParser], None]) -> None:
    """Add these subcommands to the command line."""
    sub = add(estimators)
    add_grid(sub)
    sub.add_argument("--seed", type=int, required=True)

    sub = add(audit_listing, results=False)
    sub.add_argument("pictures", type=Path)
    sub.add_argument("out", type=Path)
    sub.add_argument("--threads", type=int, required=True)

    sub = add(audit_score)
    sub.add_argument("set", help="name of the audited set")
    add_scorer(sub)
    add_running(sub)
    sub.add_argument("--record", type=Path, help="of the published weights that it reads")
    sub.add_argument("--texts", type=Path, help="the classes' embeddings")

    sub = add(audit_estimates)
    sub.add_argument("set", help="name of the audited set")
    add_grid(sub)
    sub.add_argument("--seed", type=int, required=True)
