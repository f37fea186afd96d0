"""One-feature logistic regression P(M=1|Q), converged or as scikit-learn leaves it.

`fit_logistic` and `fit_logistic_groups` share one compiled Newton solver. `fit_sklearn_default`
reproduces what a plain `LogisticRegression()` gives, which is not the optimum where Q varies
little: its gradient is below the tolerance at the start (the paper's Table 3).
"""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from causal_iqa.statistics.compiled import compiled
from causal_iqa.statistics.inputs import (
    Booleans,
    Floats,
    Integers,
    finite,
    group_offsets,
    require_both_classes,
    same_length,
    score_and_class,
    zero_one,
)

# Newton takes 2 to 8 steps on ordinary scores; separable classes with hardly a penalty, some 20.
MAX_STEPS = 100
# Of the gradient left over, per row: far below what the rows themselves can tell.
GRADIENT_TOLERANCE = 1e-10
# Of the gradient left over, as a part of that at the base-rate model: see fit_sklearn_default.
SKLEARN_TOLERANCE = 0.01


@dataclass(frozen=True)
class LogisticFit:
    """P(M=1|q) = 1 / (1 + exp(-(slope * q + intercept))), on the raw scale of q."""

    slope: float
    intercept: float
    converged: bool
    iterations: int


@dataclass(frozen=True)
class LogisticFits:
    """One `LogisticFit` a group, as arrays [n_groups].

    Where a group is empty or holds one class, slope and intercept are NaN, converged is False
    and iterations 0.
    """

    slope: Floats
    intercept: Floats
    converged: Booleans
    iterations: Integers


def fit_logistic(q: ArrayLike, m: ArrayLike, *, C: float = 1.0) -> LogisticFit:
    """Fit P(M=1|q) to the optimum of a penalised likelihood.

    Minimises ``w**2 / 2 + C * sum(log_loss)`` over the slope w of the standardised score
    ``(q - mean) / population_sd`` and a free intercept, so the fit does not depend on the unit
    of q; the answer is written back to the raw scale. Being convex, the objective gives the
    slope the sign of cov(q, m).

    Parameters
    ----------
    q : [n] float, finite
    m : [n] 0/1
    C : weight of the likelihood against the penalty, > 0

    Returns
    -------
    LogisticFit
        With slope 0 and the base rate's logit as intercept where q is constant.

    Raises
    ------
    NotEstimable
        If m holds one class only.
    ValueError
        If the input is empty, unequal in length, not finite or not 0/1, or C is not positive.
    """
    score, correct = score_and_class(q, m)
    require_both_classes(correct)
    slope, intercept, converged, iterations = _fit(score, correct, _positive(C))
    return LogisticFit(slope, intercept, converged, iterations)


def fit_logistic_groups(
    q: ArrayLike,
    m: ArrayLike,
    offsets: ArrayLike,
    *,
    C: float = 1.0,
) -> LogisticFits:
    """`fit_logistic` of each of many groups of rows that lie one after the other.

    Parameters
    ----------
    q, m : [n] as in `fit_logistic`
    offsets : [n_groups + 1] integers, from 0 to n; group g is rows offsets[g]:offsets[g + 1]
    C : as in `fit_logistic`

    Returns
    -------
    LogisticFits
        NaN where a group is empty or holds one class.

    Raises
    ------
    ValueError
        As `fit_logistic`, or if the offsets are not such.
    """
    score, correct = score_and_class(q, m)
    return LogisticFits(
        *_fit_groups(score, correct, group_offsets(offsets, len(score)), _positive(C))
    )


def fit_sklearn_default(q: ArrayLike, m: ArrayLike) -> LogisticFit:
    """The answer of scikit-learn's ``LogisticRegression()``, untouched, on the raw score.

    Its objective is ``slope**2 / 2 + sum(log_loss)`` on the raw scale. `converged` is not the
    solver's own word, which compares an absolute gradient to 1e-4 whatever the scale of q. It
    is true where the gradient left over (q standardised) is at most 1 % of the gradient at the
    base-rate model, or of that gradient's sampling noise, sqrt(n * rate * (1 - rate)), if that
    is larger.

    Parameters and errors as in `fit_logistic`.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    score, correct = score_and_class(q, m)
    require_both_classes(correct)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # `converged` says it
        # No argument at all: the paper names none, and its Table 3 is what the defaults give.
        model = LogisticRegression().fit(score[:, None], correct)
    slope, intercept = float(model.coef_[0, 0]), float(model.intercept_[0])
    left = _relative_gradient(slope, intercept, score, correct)
    return LogisticFit(slope, intercept, left <= SKLEARN_TOLERANCE, int(model.n_iter_[0]))


def predict(fit: LogisticFit, q: ArrayLike) -> Floats:
    """P(M=1|q), [n] in [0, 1], of a score q [n]; ValueError if q is not finite.

    For its AUC rank ``np.sign(fit.slope) * q`` instead: the same order, without the ties that
    rounding near 0 and 1 makes.
    """
    # Not 1 / (1 + exp(-x)), whose exp overflows far below 0.
    return np.exp(-np.logaddexp(0.0, -_linear(fit, finite(q, "q"))))


def log_losses(fit: LogisticFit, q: ArrayLike, m: ArrayLike) -> Floats:
    """-log P(M=m|q) of each row in nats, [n], >= 0.

    Computed from the linear predictor, so a confident mistake has a finite loss.
    """
    score, correct = score_and_class(q, m)
    return _losses(_linear(fit, score), correct)


def cross_entropy(fit: LogisticFit, q: ArrayLike, m: ArrayLike) -> float:
    """Mean of `log_losses`, in nats (the paper's CE, section 2.2)."""
    return float(log_losses(fit, q, m).mean())


def base_rate_cross_entropy(m_train: ArrayLike, m_test: ArrayLike) -> float:
    """Cross-entropy in nats, on m_test, of the constant prediction mean(m_train).

    Raises
    ------
    NotEstimable
        If m_train holds one class only: the prediction would be certain.
    ValueError
        If one of the two is empty or not 0/1.
    """
    train, test = zero_one(m_train), zero_one(m_test)
    require_both_classes(train)
    rate, share = train.mean(), test.mean()
    # All rows of a class have one loss, so the two shares say everything.
    return float(-share * np.log(rate) - (1 - share) * np.log1p(-rate))


def cross_entropy_groups(
    fits: LogisticFits, q: ArrayLike, m: ArrayLike, offsets: ArrayLike
) -> Floats:
    """`cross_entropy` of each group under its own fit, [n_groups], in nats.

    `offsets` as in `fit_logistic_groups`, with as many groups as there are fits. NaN where the
    group is empty or its fit is NaN.
    """
    score, correct = score_and_class(q, m)
    bounds = group_offsets(offsets, len(score))
    sizes = np.diff(bounds)
    same_length(fits=fits.slope, groups=sizes)
    group = np.repeat(np.arange(sizes.size), sizes)
    with np.errstate(invalid="ignore"):  # NaN fits, and 0 / 0 of an empty group
        losses = _losses(fits.slope[group] * score + fits.intercept[group], correct)
        return np.bincount(group, weights=losses, minlength=sizes.size) / sizes


def _positive(c: float) -> float:
    if not 0 < c < np.inf:
        raise ValueError(f"C must be positive and finite, it is {c}")
    return float(c)


def _linear(fit: LogisticFit, q: Floats) -> Floats:
    return fit.slope * q + fit.intercept


def _losses(linear: Floats, m: Integers) -> Floats:
    return np.logaddexp(0.0, np.where(m == 1, -linear, linear))


def _relative_gradient(slope: float, intercept: float, q: Floats, m: Integers) -> float:
    """Gradient norm of the raw-scale objective at a fit, see `fit_sklearn_default`."""
    # Standardised, so that one tolerance does for scores of any unit.
    sd = q.std() or 1.0
    z = (q - q.mean()) / sd
    rate = m.mean()
    error = predict(LogisticFit(slope, intercept, False, 0), q) - m
    # The penalty is on the raw slope, and the derivative is by slope * sd: hence slope / sd.
    left = np.hypot(error.sum(), error @ z + slope / sd)
    return float(left / max(abs((rate - m) @ z), np.sqrt(m.size * rate * (1 - rate))))


@compiled
def _fit_groups(
    q: Floats, m: Integers, offsets: Integers, c: float
) -> tuple[Floats, Floats, Booleans, Integers]:
    n_groups = offsets.size - 1
    slope = np.full(n_groups, np.nan)
    intercept = np.full(n_groups, np.nan)
    converged = np.zeros(n_groups, np.bool_)
    iterations = np.zeros(n_groups, np.int64)
    for g in range(n_groups):
        first, last = offsets[g], offsets[g + 1]
        if 0 < m[first:last].sum() < last - first:
            slope[g], intercept[g], converged[g], iterations[g] = _fit(
                q[first:last], m[first:last], c
            )
    return slope, intercept, converged, iterations


@compiled
def _fit(q: Floats, m: Integers, c: float) -> tuple[float, float, bool, int]:
    """(slope, intercept, converged, iterations) on the raw scale; m holds both classes."""
    rate = m.mean()
    base = np.log(rate / (1 - rate))
    mean, sd = q.mean(), q.std()
    if sd == 0:
        return 0.0, base, True, 0
    # Raw, TV (about 1e4) or a zero-shot entropy (7 +- 6e-5) make the Hessian nearly singular.
    w, b, converged, iterations = _newton((q - mean) / sd, m, base, c)
    return w / sd, b - w * mean / sd, converged, iterations


@compiled
def _newton(x: Floats, m: Integers, base: float, c: float) -> tuple[float, float, bool, int]:
    """Newton's method with step halving from the base-rate model (w, b) = (0, base)."""
    # At the best constant model the gradient in w is -c n cov(x, m): the first step has its sign.
    w, b = 0.0, base
    tolerance = GRADIENT_TOLERANCE * max(1.0, c * x.size)
    loss, gw, gb, hww, hwb, hbb = _derivatives(x, m, w, b, c)
    for iteration in range(MAX_STEPS):
        if max(abs(gw), abs(gb)) <= tolerance:
            return w, b, True, iteration
        determinant = hww * hbb - hwb * hwb
        dw = (hwb * gb - hbb * gw) / determinant
        db = (hwb * gw - hww * gb) / determinant
        limit = loss * (1 + 1e-12)  # rounding alone must not stop the last steps
        trial = _derivatives(x, m, w + dw, b + db, c)
        # A full step may end in a singular Hessian (heavy tails, a rare class). `not <=`: for NaN.
        while not trial[0] <= limit:
            dw, db = dw / 2, db / 2
            if not abs(dw) + abs(db) > 1e-15:  # NaN, of a q whose square overflows, too
                return w, b, False, iteration
            trial = _derivatives(x, m, w + dw, b + db, c)
        w, b = w + dw, b + db
        loss, gw, gb, hww, hwb, hbb = trial
    return w, b, False, MAX_STEPS


@compiled
def _derivatives(
    x: Floats, m: Integers, w: float, b: float, c: float
) -> tuple[float, float, float, float, float, float]:
    """Objective, gradient (w, b) and Hessian (ww, wb, bb) in one pass."""
    loss = gb = gw = hbb = hwb = hww = 0.0
    product = 1.0  # of 1 + e, at most 2 a row: one logarithm serves hundreds of rows
    for i in range(x.size):
        linear = w * x[i] + b
        e = np.exp(-abs(linear))  # of the absolute value: cannot overflow
        nearer = 1 / (1 + e)
        farther = e * nearer
        p = nearer if linear >= 0 else farther
        # Not p * (1 - p), which is 0 as soon as p rounds to 1.
        curvature = nearer * farther
        product *= 1 + e
        # 2**512 at most, within a double's 2**1024.
        if i % 512 == 511:
            loss += np.log(product)
            product = 1.0
        loss += max(linear, 0.0) - m[i] * linear
        gb += p - m[i]
        gw += (p - m[i]) * x[i]
        hbb += curvature
        hwb += curvature * x[i]
        hww += curvature * x[i] * x[i]
    loss += np.log(product)
    return 0.5 * w * w + c * loss, w + c * gw, c * gb, 1 + c * hww, c * hwb, c * hbb
