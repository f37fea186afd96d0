"""Scorers' outputs with a known structure, for the audit's tests: no picture and no network."""

import numpy as np

from causal_iqa.audit.estimators.outputs import Labelled, Outputs
from causal_iqa.core.conditions import CLEAN, Condition, grid

Arrays = dict[str, np.ndarray]


def outputs(
    predictions: dict[str, list[int]],
    quality: dict[tuple[str, str], list[float]] | None = None,
    probabilities: Arrays | None = None,
) -> Outputs:
    return Outputs(
        {name: np.array(values, np.int32) for name, values in predictions.items()},
        {name: np.array(values, np.float64) for name, values in (quality or {}).items()},
        probabilities or {},
    )


def labelled(labels: list[int], *args, **kwargs) -> Labelled:
    return Labelled(outputs(*args, **kwargs), np.array(labels, np.int32))


def one_network(right: list[bool], max_prob: list[float]) -> Labelled:
    """A network "net" over the classes 0 and 1 whose label is 1 everywhere."""
    return labelled(
        [1] * len(right),
        {"net": [int(r) for r in right]},
        {("net", "max_prob"): max_prob, ("net", "entropy"): [1 - p for p in max_prob]},
    )


def world(
    corruptions: tuple[str, ...],
    n: int,
    seed: int = 0,
    *,
    severities: tuple[int, ...] = (1, 2, 3, 4, 5),
    classes: int = 4,
    networks: int = 3,
    metrics: int = 1,
    softmax: bool = True,
) -> dict[Condition, Labelled]:
    """Severity lowers a picture's clarity, corruption by corruption; networks and metrics see it.

    "metric0" sees the clarity with little noise, further metrics with more.
    """
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, n).astype(np.int32)
    ease = rng.normal(size=n)
    harm = {name: rng.uniform(0.3, 0.7) for name in corruptions} | {CLEAN: 0.0}
    found = {}
    for condition in grid(corruptions, severities):
        clarity = 2 + ease - harm[condition.corruption] * condition.severity
        quality = {
            (f"metric{k}", "score"): clarity + (0.1 + k) * rng.normal(size=n)
            for k in range(metrics)
        }
        predictions, probabilities = {}, {}
        for k in range(networks):
            logits = (1 + 0.1 * k) * rng.normal(size=(n, classes))
            logits[np.arange(n), labels] += clarity
            p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
            predictions[f"net{k}"] = p.argmax(axis=1).astype(np.int32)
            probabilities[f"net{k}"] = p.astype(np.float16)
            quality[f"net{k}", "max_prob"] = p.max(axis=1)
            quality[f"net{k}", "entropy"] = -(p * np.log(p)).sum(axis=1)
        given = Outputs(predictions, quality, probabilities if softmax else {})
        found[condition] = Labelled(given, labels)
    return found
