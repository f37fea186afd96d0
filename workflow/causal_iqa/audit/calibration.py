"""What an audit is calibrated on: the experiment's labelled conditions, out of its panel."""

from __future__ import annotations

from pathlib import Path

from causal_iqa.analyses.estimators.schema import TRUTH_TEST
from causal_iqa.audit.estimators.outputs import Labelled, Outputs
from causal_iqa.audit.truth_test import truth_test
from causal_iqa.audit.whole_softmax import KeptSoftmax
from causal_iqa.core.conditions import Condition
from causal_iqa.core.contract import Results, write_table
from causal_iqa.core.kinds import Kind
from causal_iqa.data.panel import Panel

KINDS = (Kind.CLASSIFIER, Kind.METRIC, Kind.ZERO_SHOT)
"""Of the scorers that an audit uses: a full-reference metric needs a clean picture."""


def task_networks(panel: Panel) -> list[str]:
    """The networks whose accuracy is estimated."""
    return panel.of_kind(Kind.CLASSIFIER)


def quality_columns(panel: Panel) -> list[tuple[str, str]]:
    """(scorer, variant) of every quality score, by kind and in the scorers' order."""
    scorers = [scorer for kind in KINDS for scorer in panel.of_kind(kind)]
    return [(scorer, variant) for scorer in scorers for variant in panel.variants(scorer)]


def labelled_conditions(results: Results, panel: Panel) -> dict[Condition, Labelled]:
    """What every scorer says of every picture under each condition, and the pictures' classes.

    Raises UserError where a picture has no label.
    """
    labels = panel.labels()
    predictions = {network: panel.predictions(network) for network in task_networks(panel)}
    quality = {column: panel.quality(*column) for column in quality_columns(panel)}
    return {
        condition: Labelled(
            Outputs(
                {network: values[row] for network, values in predictions.items()},
                {column: values[row] for column, values in quality.items()},
                KeptSoftmax(results, list(predictions), condition, panel.image_ids),
            ),
            labels,
        )
        for row, condition in enumerate(panel.conditions)
    }


def write_truth_test(
    root: Path, conditions: list[Condition], seed: int, *, threads: int = 1
) -> None:
    """Write ``tables/estimators.csv``: the truth test on the experiment's own conditions."""
    panel = Panel(root, conditions)
    labelled = labelled_conditions(Results(root), panel)
    table = truth_test(labelled, task_networks(panel), seed, threads=threads)
    write_table(table, Results(root).table("estimators"), TRUTH_TEST)
