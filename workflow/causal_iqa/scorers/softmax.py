"""From logits (or cosines) to the columns of a score file."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def summarise(
    logits: np.ndarray, labels: np.ndarray, allowed: Sequence[int] | None
) -> dict[str, np.ndarray]:
    """The six classifier columns of the file contract, each [n].

    logits: [n, k] of any float type; everything is computed in float64, whatever the network ran
    in: over raw cosines the entropies of different pictures agree to four digits, so half
    precision would make them all equal. labels: [n] float, NaN where a picture has none.
    allowed: the classes that softmax and argmax run over; None: all k.

    ``prediction`` is an index into the k classes; natural logarithm; ``max_logit`` and
    ``logsumexp`` are of the raw logits; ``true_prob`` is NaN without a label, and 0 where the
    label is not allowed. A row of logits that is not finite gives values that are not finite.
    """
    classes = np.arange(logits.shape[1]) if allowed is None else np.asarray(allowed)
    kept = logits.astype(np.float64)[:, classes]
    largest = kept.max(axis=1)
    with np.errstate(invalid="ignore"):  # inf - inf: such a row is refused by the caller
        shifted = kept - largest[:, None]  # so that exp cannot overflow
    log_total = np.log(np.exp(shifted).sum(axis=1))
    log_prob = shifted - log_total[:, None]
    prob = np.exp(log_prob)
    is_label = classes[None, :] == labels[:, None]
    return {
        "prediction": classes[kept.argmax(axis=1)],
        "max_prob": prob.max(axis=1),
        "entropy": -(prob * np.maximum(log_prob, _LOG_TINY)).sum(axis=1),
        "max_logit": largest,
        "logsumexp": largest + log_total,
        "true_prob": np.where(np.isnan(labels), np.nan, (prob * is_label).sum(axis=1)),
    }


def whole(logits: np.ndarray, allowed: Sequence[int] | None) -> np.ndarray:
    """The softmax of logits [n, k] over the allowed classes, 0 for the others.

    [n] objects: the bytes of k float16 numbers each, as ``SOFTMAX`` holds them.
    """
    kept = logits.astype(np.float64)
    if allowed is not None:
        others = np.ones(logits.shape[1], dtype=bool)
        others[list(allowed)] = False
        kept[:, others] = -np.inf
    powers = np.exp(kept - kept.max(axis=1, keepdims=True))
    rows = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float16)
    # Objects: NumPy's own type of bytes drops zeros at the end.
    found = np.empty(len(rows), dtype=object)
    found[:] = [row.tobytes() for row in rows]
    return found


_LOG_TINY = float(np.log(np.finfo(np.float64).tiny))
"""p log p is 0 at p = 0; a bound on log p makes it so where a logit lies infinitely low."""
