"""What the rules of an audit run, for a set by its name."""

from __future__ import annotations

from pathlib import Path

from causal_iqa.audit.files import AuditFiles
from causal_iqa.core.bounds import ConditionList, Seed
from causal_iqa.core.config import Scoring
from causal_iqa.core.contract import Results
from causal_iqa.core.scorer_config import Scorer
from causal_iqa.scorers.fetching import use_folder
from causal_iqa.scorers.freshness import Prepared


def score(
    results: Results,
    set: str,
    scorer: str,
    spec: Scorer,
    packages: Path,
    weights: Path,
    scoring: Scoring,
    record: Path | None = None,
    texts: Path | None = None,
    softmax: bool = False,
) -> None:
    """Score a set's pictures with one scorer; the options are those of ``scorers.jobs.score``."""
    # Imported where it is used: PyTorch is for scoring alone.
    from causal_iqa.audit.scoring import score_pictures

    files = AuditFiles(results.audit(set))
    use_folder(weights)
    score_pictures(
        spec,
        files.listing,
        files.scores(scorer),
        results.classes,
        results.manifest,
        packages,
        scoring,
        Prepared(record, weights, texts),
        softmax=softmax,
    )


def estimates(results: Results, set: str, conditions: ConditionList, seed: Seed) -> None:
    """Estimate accuracy on a set, and say what each of its pictures is like."""
    from causal_iqa.audit.estimates import write_estimates

    write_estimates(results.root, set, list(conditions), seed, results.classes)


def card(
    results: Results,
    set: str,
    source: Path,
    conditions: ConditionList,
    classes: Path | None = None,
    against: str | None = None,
) -> None:
    """An audited set as one page, as JSON, and for other programs.

    source: where its pictures are; classes: a file with a name per line for each class; against:
    another audited set.
    """
    from causal_iqa.audit.card.card import write_card
    from causal_iqa.audit.card.exports import write_exports
    from causal_iqa.pictures.classes import read_names

    names = None if classes is None else read_names(classes)
    write_card(results.root, set, list(conditions), source, names, against)
    write_exports(results.root, set, names)
