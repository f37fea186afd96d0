"""What an estimator of accuracy takes, what it gives back, and its one error."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causal_iqa.statistics.inputs import Booleans, Floats, Integers


class Unavailable(Exception):
    """An estimator cannot be computed from these data. `reason`: why, fit for a table."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Rows(Mapping[str, NDArray[Any]]):
    """Some rows of arrays, taken at each access: softmax vectors of a data set are gigabytes."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], rows: Integers) -> None:
        self._arrays, self._rows = arrays, rows

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._arrays[name][self._rows]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)


@dataclass(frozen=True)
class Outputs:
    """What the scorers say of n pictures, without labels.

    Attributes
    ----------
    predictions : the class that each task network predicts, [n]
    quality : Q by scorer and variant ("max_prob", "entropy" in nats, "score", ...), [n], finite,
        or NaN where a metric is not defined for a picture. A task network's own
        ``max_prob`` and ``entropy`` stand here too.
    probabilities : each task network's softmax, [n, classes] in [0, 1]; a network whose softmax
        was not stored is missing
    """

    predictions: Mapping[str, NDArray[np.int32]]
    quality: Mapping[tuple[str, str], Floats]
    probabilities: Mapping[str, NDArray[np.float16]]

    @property
    def n(self) -> int:
        """How many pictures."""
        return len(next(iter(self.predictions.values())))

    def take(self, rows: Integers) -> Outputs:
        """The pictures of these row numbers, in their order."""
        return Outputs(
            {name: values[rows] for name, values in self.predictions.items()},
            {name: values[rows] for name, values in self.quality.items()},
            _Rows(self.probabilities, rows),
        )


@dataclass(frozen=True)
class Labelled:
    """Pictures of one condition with their classes; labels: [n]."""

    outputs: Outputs
    labels: NDArray[np.int32]

    def correct(self, network: str) -> Booleans:
        """M of each picture, [n]: whether the network's prediction is the label."""
        correct: Booleans = self.outputs.predictions[network] == self.labels
        return correct

    def accuracy(self, network: str) -> float:
        """Share of pictures with M=1, in [0, 1]."""
        return float(self.correct(network).mean())

    def take(self, rows: Integers) -> Labelled:
        """The pictures of these row numbers, in their order."""
        return Labelled(self.outputs.take(rows), self.labels[rows])


@dataclass(frozen=True)
class Fitted:
    """An estimator after its fit, for one task network.

    Attributes
    ----------
    accuracy : of a target's pictures, in [0, 1]; raises Unavailable as the fit does
    probabilities : P(M=1) of each of a target's pictures, [n] in [0, 1]; None where the method
        speaks of the set of pictures only
    """

    accuracy: Callable[[Outputs], float]
    probabilities: Callable[[Outputs], Floats] | None = None


def quality_of(outputs: Outputs, source: str, variant: str) -> Floats:
    """Q [n] of a scorer's variant, finite. Raises Unavailable where the outputs lack it."""
    if (source, variant) not in outputs.quality:
        raise Unavailable(f"no {variant} of {source}")
    values = outputs.quality[source, variant]
    undefined = int(np.isnan(values).sum())
    if undefined:
        raise Unavailable(f"{source} is not defined for {undefined} of {values.size} pictures")
    return values


def within_unit(value: float) -> float:
    """The value cut to [0, 1], the range of an accuracy."""
    return min(1.0, max(0.0, value))
